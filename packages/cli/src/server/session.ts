import type { Sts } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import type * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Refused } from "../internal/failure.ts"
import * as formats from "../internal/formats.ts"
import * as messages from "../messages/serve.ts"
import type { Answer } from "./answer.ts"
import { json } from "./answer.ts"

export interface Session {
  /** As a credentials URI answers. */
  readonly uri: Effect.Effect<Answer>
  /** As the metadata service answers. */
  readonly metadata: Effect.Effect<Answer>
}

const failed = json(503, JSON.stringify({ Code: "Failed", Message: messages.failed }))

/** What is handed out: the provider's session at the moment of asking, of which it takes care. */
export const make = (provider: CredentialsProvider.Service): Session => {
  let since = { accessKeyId: "", at: "" }
  let told: string | undefined

  const current: Effect.Effect<Sts, CredentialsError | Refused> = Effect.gen(function*() {
    const session = yield* Effect.flatMap(provider.get, formats.session)
    told = undefined
    if (since.accessKeyId !== session.accessKeyId) {
      const now = new Date(yield* Clock.currentTimeMillis).toISOString()
      since = { accessKeyId: session.accessKeyId, at: now.replace(/\.\d+Z$/, "Z") }
    }
    return session
  })

  /** Clients learn nothing of the reason; whoever runs the server is told once, however many ask. */
  const tell = ({ message }: CredentialsError | Refused): Effect.Effect<Answer> =>
    Effect.suspend(() => {
      const isNews = told !== message
      told = message
      const log = Effect.annotateLogs(Effect.logError(messages.cannotAnswer), { error: message })
      return Effect.as(isNews ? log : Effect.void, failed)
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
