import type { StoredSession } from "@effect-alicloud/credentials/SessionStore"
import { Clock, DateTime, Effect, Redacted } from "effect"

export const key = "a".repeat(64)

/** A session that ends in so many seconds. */
export const session = (id: string, seconds = 3600): Effect.Effect<StoredSession> =>
  Effect.map(Clock.currentTimeMillis, (millis) => {
    const now = Math.floor(millis / 1000) * 1000
    return {
      accessKeyId: `STS.${id}`,
      accessKeySecret: Redacted.make("s3cr3t-stored-key"),
      securityToken: Redacted.make(`s3cr3t-stored-token-${id}`),
      expiration: DateTime.unsafeMake(now + seconds * 1000),
      receivedAt: DateTime.unsafeMake(now),
      roleArn: "acs:ram::1234567890123456:role/open",
      roleSessionName: "test"
    }
  })
