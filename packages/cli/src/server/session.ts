/** The session that the server returns, and when a client waits for it. */
import type { Sts } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import type * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import type * as RefreshPolicy from "@effect-alicloud/credentials/RefreshPolicy"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { identity } from "effect/Function"
import * as Option from "effect/Option"
import type { Refused } from "../internal/failure.ts"
import * as formats from "../internal/formats.ts"
import * as messages from "../messages/serve.ts"
import type { Answer } from "./answer.ts"
import { json } from "./answer.ts"
import { refusal } from "./circle.ts"

export interface Session {
  /** As a credentials URI answers. */
  readonly uri: Effect.Effect<Answer>
  /** As the metadata service answers. */
  readonly metadata: Effect.Effect<Answer>
}

/**
 * How the provider of a server refreshes. A client that reads once, as the Terraform provider does, is to get as much
 * time as there is, so that it waits for a refresh that is due.
 */
export const refresh: RefreshPolicy.Options = { readersWait: "early" }

/** How long a client waits for a refresh while the session before it is still good. Clients give up after 5 seconds. */
const patience = "3 seconds"

const failed = json(503, JSON.stringify({ Code: "Failed", Message: messages.failed }))

/** `first` is what the provider answered before the server was started. */
export const make = (provider: CredentialsProvider.Service, first: Sts): Session => {
  let since = { accessKeyId: "", at: "" }
  let last = first
  let told: string | undefined

  /** Whether the session that was handed out last is still good, as far as it says when it ends. */
  const isGood = Effect.map(
    Clock.currentTimeMillis,
    (now) => Option.isNone(last.expiration) || now < DateTime.toEpochMillis(last.expiration.value)
  )

  const found = Effect.flatMap(provider.get, formats.session)

  const current: Effect.Effect<Sts, CredentialsError | Refused> = Effect.gen(function*() {
    const session = yield* (yield* isGood)
      ? Effect.timeoutTo(found, { duration: patience, onSuccess: identity, onTimeout: () => last })
      : found
    told = undefined
    last = session
    if (since.accessKeyId !== session.accessKeyId) {
      since = { accessKeyId: session.accessKeyId, at: Rfc3339.format(yield* Clock.currentTimeMillis) }
    }
    return session
  })

  /** Clients get no reason but a circle; the server logs it once, regardless of the number of clients. */
  const tell = (error: CredentialsError | Refused): Effect.Effect<Answer> =>
    Effect.suspend(() => {
      const { message } = error
      const isNews = told !== message
      told = message
      const circle = error._tag === "InvalidConfig" ? error.circle : undefined
      const answer = circle === undefined ? failed : refusal(circle)
      const log = Effect.annotateLogs(Effect.logError(messages.cannotAnswer(answer.status)), { error: message })
      return Effect.as(isNews ? log : Effect.void, answer)
    })

  const answered = (body: (session: Sts) => Effect.Effect<string, Refused>): Effect.Effect<Answer> =>
    Effect.catchAll(
      Effect.map(Effect.flatMap(current, body), (body) => json(200, body)),
      tell
    )

  return {
    uri: answered(formats.uri),
    metadata: answered((session) =>
      Effect.map(formats.uri(session), (body) => JSON.stringify({ ...JSON.parse(body), LastUpdated: since.at }))
    )
  }
}
