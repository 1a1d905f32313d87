/** An application that says who it is: the documented default chain, in one layer. */
import { CredentialsProvider } from "@effect-alicloud/credentials"
import { NodeCredentials } from "@effect-alicloud/node"
import { Effect } from "effect"

export const program = Effect.gen(function*() {
  const provider = yield* CredentialsProvider.CredentialsProvider
  const credentials = yield* provider.get
  yield* Effect.log(`credentials of type ${credentials.type}, from ${credentials.providerName}`)
  return credentials
}).pipe(
  Effect.catchTags({
    NoCredentials: (error) => Effect.zipRight(Effect.logError(error.message), Effect.fail(error)),
    SourceFailed: (error) => Effect.zipRight(Effect.logError(error.message), Effect.fail(error))
  })
)

export const runnable = Effect.provide(program, NodeCredentials.layer)
