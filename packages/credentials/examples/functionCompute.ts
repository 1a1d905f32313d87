/**
 * A function of Function Compute, whose credentials come with each call. A provider and everything that is built on it live
 * as long as the instance.
 */
import { Credentials, CredentialsError, CredentialsProvider, Source } from "@effect-alicloud/credentials"
import { Effect, ManagedRuntime } from "effect"

/** What Function Compute gives to each call. */
interface Context {
  readonly credentials: {
    readonly accessKeyId: string
    readonly accessKeySecret: string
    readonly securityToken: string
  }
}

/** Of the call that is running. */
let latest: Context["credentials"] | undefined

const source = Source.fromEffect(
  "FunctionCompute",
  Effect.suspend(() =>
    latest === undefined
      ? new CredentialsError.SourceUnavailable({
        source: "FunctionCompute",
        detail: "no call has come yet",
        hint: "Read credentials within a call."
      })
      : Effect.succeed(Credentials.sts({ type: "sts", providerName: "function_compute", ...latest }))
  )
)

const runtime = ManagedRuntime.make(CredentialsProvider.layer(Effect.succeed(source)))

/** What the function does. */
const work = Effect.map(
  CredentialsProvider.get,
  (credentials) => "accessKeyId" in credentials && credentials.accessKeyId
)

export const handler = (_event: unknown, context: Context) =>
  runtime.runPromise(Effect.gen(function*() {
    const provider = yield* CredentialsProvider.CredentialsProvider
    const previous = provider.unsafeCurrent()
    latest = context.credentials
    if (previous !== undefined) yield* provider.invalidate(previous)
    return yield* work
  }))
