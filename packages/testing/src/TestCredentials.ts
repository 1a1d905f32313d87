/**
 * Credential providers for the tests of programs that need credentials. They go through the real session cache, so
 * that `TestClock` drives expiry and refresh.
 *
 * @module
 * @since 0.1.0
 */
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Source from "@effect-alicloud/credentials/Source"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"

type Provider = Layer.Layer<CredentialsProvider.CredentialsProvider>

const name = "TestCredentials"

/**
 * A pair for tests in which its value does not matter.
 *
 * @since 0.1.0
 * @category constants
 */
export const accessKey: Credentials.AccessKey = Credentials.accessKey({
  type: "access_key",
  providerName: "test",
  accessKeyId: "LTAI5tTestAccessKeyId",
  accessKeySecret: "test-access-key-secret"
})

/**
 * Always the same credentials; by default a pair.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { TestCredentials } from "@effect-alicloud/testing"
 * import { Effect } from "effect"
 *
 * const program = CredentialsProvider.get
 *
 * Effect.runPromise(Effect.provide(program, TestCredentials.layer())).then((credentials) =>
 *   console.log(credentials.providerName) // test
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (credentials: Credentials.Credentials = accessKey): Provider =>
  CredentialsProvider.layer(Source.fromEffect(name, Effect.succeed(credentials), { undated: "keep" }))

/**
 * One element per lookup, in order; the last one again and again. An error is a lookup that fails.
 *
 * @example
 * ```ts
 * import { CredentialsError } from "@effect-alicloud/credentials"
 * import { TestCredentials } from "@effect-alicloud/testing"
 *
 * const outage = new CredentialsError.SourceFailed({
 *   source: "RamRoleArn",
 *   reason: "Timeout",
 *   detail: "no answer from https://sts.aliyuncs.com",
 *   retryable: true
 * })
 *
 * const layer = TestCredentials.sequence([outage, TestCredentials.accessKey])
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const sequence = (
  answers: readonly [Credentials.Credentials | CredentialsError, ...Array<Credentials.Credentials | CredentialsError>],
  options?: CredentialsProvider.Options
): Provider => {
  const source = Effect.sync(() => {
    let index = 0
    return Source.fromEffect(
      name,
      Effect.suspend((): Effect.Effect<Credentials.Credentials, CredentialsError> => {
        const answer = answers[Math.min(index++, answers.length - 1)] ?? answers[0]
        return isError(answer) ? Effect.fail(answer) : Effect.succeed(answer)
      })
    )
  })
  return CredentialsProvider.layer(source, options)
}

const isError = (answer: Credentials.Credentials | CredentialsError): answer is CredentialsError =>
  answer instanceof Error

/**
 * Every lookup fails with this error.
 *
 * @since 0.1.0
 * @category layers
 */
export const failing = (error: CredentialsError): Provider => sequence([error])

/**
 * Sessions of the given lifetime, a new one for each refresh: `STS.Test1`, `STS.Test2`, …
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { TestCredentials } from "@effect-alicloud/testing"
 * import { Effect, TestClock } from "effect"
 *
 * const test = Effect.gen(function*() {
 *   const provider = yield* CredentialsProvider.CredentialsProvider
 *   yield* provider.get
 *   yield* TestClock.adjust("2 hours")
 *   return yield* provider.get // STS.Test2
 * }).pipe(Effect.provide(TestCredentials.expiringIn("1 hour")))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const expiringIn = (lifetime: Duration.DurationInput, options?: CredentialsProvider.Options): Provider => {
  const source = Effect.sync(() => {
    let count = 0
    return Source.fromEffect(
      name,
      Effect.map(Clock.currentTimeMillis, (now) => {
        count += 1
        return Credentials.sts({
          type: "sts",
          providerName: "test",
          accessKeyId: `STS.Test${count}`,
          accessKeySecret: `test-secret-${count}`,
          securityToken: `test-token-${count}`,
          expiration: DateTime.unsafeMake(now + Duration.toMillis(lifetime))
        })
      })
    )
  })
  return CredentialsProvider.layer(source, options)
}
