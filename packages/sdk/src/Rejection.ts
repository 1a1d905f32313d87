/**
 * For services that reject credentials which look valid: fetches new ones and retries once. Used by the bridges, and by
 * programs around calls of their own.
 *
 * @module
 * @since 0.1.0
 */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Effect from "effect/Effect"

/** `InvalidAccessKeyId`, `InvalidSecurityToken.Expired`; as the name of an error with `Error` behind it. */
const rejection =
  /^(?:InvalidAccessKeyId|InvalidSecurityToken|SecurityTokenExpired|InvalidBearerToken)(?:\.[\w.]+)?(?:Error)?$/

/** How many levels of nested errors are examined. */
const maxDepth = 6

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const isRejectedAt = (error: unknown, depth: number): boolean =>
  isObject(error) && (
    [error["code"], error["name"]].some((text) => typeof text === "string" && rejection.test(text)) ||
    (depth > 1 && [error["cause"], error["error"]].some((inner) => isRejectedAt(inner, depth - 1)))
  )

/**
 * Whether an error means that the service rejected the credentials themselves: `InvalidAccessKeyId.*`,
 * `InvalidSecurityToken.*`, `SecurityTokenExpired` or `InvalidBearerToken.*` as `code` or `name` of the error or of one
 * inside it (`cause`, `error`). A wrong signature or a missing permission is not such an error: new credentials would
 * not help.
 *
 * @example
 * ```ts
 * import { Rejection } from "@effect-alicloud/sdk"
 *
 * console.log(Rejection.isRejected({ code: "InvalidSecurityToken.Expired" })) // true
 * console.log(Rejection.isRejected({ code: "SignatureDoesNotMatch" })) // false
 * ```
 *
 * @since 0.1.0
 * @category guards
 */
export const isRejected = (error: unknown): boolean => isRejectedAt(error, maxDepth)

/**
 * Runs an effect. If the service rejects the credentials (`isRejected`), invalidates only those and runs the effect once
 * more. The result of the second run is returned.
 *
 * The rejected value is the last one that the effect read from `CredentialsProvider` in its context. If it read none,
 * because it calls a client with a bridge inside, the credentials that were current at its start are assumed; the
 * bridges' own `retryOnRejected` are exact. A value that has been replaced meanwhile is not invalidated again.
 *
 * The whole effect runs twice: wrap one call, not a program.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { Rejection } from "@effect-alicloud/sdk"
 * import { Effect } from "effect"
 *
 * declare const describeRegions: Effect.Effect<ReadonlyArray<string>, Error, CredentialsProvider.CredentialsProvider>
 *
 * const program = Effect.flatMap(
 *   CredentialsProvider.CredentialsProvider,
 *   (provider) => Rejection.retryOnRejected(provider)(describeRegions)
 * )
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const retryOnRejected = (
  provider: CredentialsProvider.Service
): <A, E, R>(
  self: Effect.Effect<A, E, R>
) => Effect.Effect<A, E, Exclude<R, CredentialsProvider.CredentialsProvider>> =>
<A, E, R>(self: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    let used: Credentials | undefined
    const note = (credentials: Credentials | undefined): Credentials | undefined => {
      used = credentials ?? used
      return credentials
    }
    const noting: CredentialsProvider.Service = {
      ...provider,
      get: Effect.tap(provider.get, (credentials) => Effect.sync(() => note(credentials))),
      unsafeCurrent: () => note(provider.unsafeCurrent())
    }
    const before = provider.unsafeCurrent()
    const run = Effect.provideService(self, CredentialsProvider.CredentialsProvider, noting)
    return yield* Effect.catchAll(run, (error) => {
      if (!isRejected(error)) return Effect.fail(error)
      const refused = used ?? before ?? provider.unsafeCurrent()
      return refused === undefined ? run : Effect.zipRight(provider.invalidate(refused), run)
    })
  })
