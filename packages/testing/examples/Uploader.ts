/**
 * A small application that needs credentials: it signs the header of an upload. Nothing in it knows where they come
 * from, so nothing in it changes for a test.
 */
import { Credentials, CredentialsProvider, Signature } from "@effect-alicloud/credentials"
import { Context, Data, DateTime, Effect, Layer, Option } from "effect"

export class Uploader extends Context.Tag("example/Uploader")<Uploader, {
  /** The `Authorization` header of an upload of this object. */
  readonly authorize: (object: string) => Effect.Effect<string, NoKey>
  /** How long uploads may be prepared before the session ends, in whole seconds. */
  readonly secondsLeft: Effect.Effect<Option.Option<number>, NoKey>
}>() {}

export class NoKey extends Data.TaggedError("NoKey")<{ readonly reason: string }> {}

export const layer: Layer.Layer<Uploader, never, CredentialsProvider.CredentialsProvider> = Layer.effect(
  Uploader,
  Effect.gen(function*() {
    const provider = yield* CredentialsProvider.CredentialsProvider
    const current = Effect.mapError(provider.get, (error) => new NoKey({ reason: error.message }))
    return {
      authorize: Effect.fnUntraced(function*(object: string) {
        const credentials = yield* current
        if (credentials._tag === "Bearer" || credentials._tag === "Anonymous") {
          return yield* new NoKey({ reason: `${credentials.type} credentials cannot sign an upload` })
        }
        const signature = yield* Signature.rpcHmacSha1({
          method: "PUT",
          parameters: { object },
          accessKeySecret: credentials.accessKeySecret
        })
        return `EXAMPLE ${credentials.accessKeyId}:${signature}`
      }),
      secondsLeft: Effect.gen(function*() {
        const now = yield* DateTime.now
        return Option.map(
          Credentials.expirationOf(yield* current),
          (expiration) => Math.floor(DateTime.distance(now, expiration) / 1000)
        )
      })
    }
  })
)
