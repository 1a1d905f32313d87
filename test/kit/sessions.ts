import { Credentials, CredentialsProvider, Source } from "@effect-alicloud/credentials"
import { Effect } from "effect"
import type { DateTime, Scope } from "effect"

/** A session whose parts all carry its number. */
export const numbered = (number: number, expiration?: DateTime.Utc): Credentials.Sts =>
  Credentials.sts({
    type: "ram_role_arn",
    providerName: "ram_role_arn/static_ak",
    accessKeyId: `STS.${number}`,
    accessKeySecret: `s3cr3t-${number}`,
    securityToken: `s3cr3t-token-${number}`,
    expiration
  })

export const pair = Credentials.accessKey({
  type: "access_key",
  providerName: "static_ak",
  accessKeyId: "LTAI5tPair",
  accessKeySecret: "s3cr3t-pair"
})

/** A provider whose state a test sets, and that says how often each way to read was taken. */
export interface Puppet extends CredentialsProvider.Service {
  /** What `unsafeCurrent` answers. */
  fresh: Credentials.Credentials | undefined
  /** What `get` answers. */
  answer: CredentialsProvider.Service["get"]
  gets: number
  readonly invalidated: Array<Credentials.Credentials>
}

export const puppet = (fresh?: Credentials.Credentials): Puppet => {
  const self: Puppet = {
    fresh,
    answer: Effect.dieMessage("nobody may enter the runtime for this"),
    gets: 0,
    invalidated: [],
    get: Effect.suspend(() => {
      self.gets++
      return self.answer
    }),
    invalidate: (rejected) =>
      Effect.sync(() => {
        self.invalidated.push(rejected)
      }),
    report: Effect.dieMessage("not asked for"),
    unsafeCurrent: () => self.fresh
  }
  return self
}

/** A provider with a session cache whose sessions come from a function. */
export const cached = (
  next: () => Credentials.Credentials
): Effect.Effect<CredentialsProvider.Service, never, Scope.Scope> =>
  CredentialsProvider.make(Source.fromEffect("Test", Effect.sync(next)))
