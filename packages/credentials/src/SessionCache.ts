/**
 * Keeps a session: one lookup at a time, an early refresh in the background, a hold-off after failures.
 * `CredentialsProvider.make` keeps what a source resolves in one; `RamRoleArn.layerMany` keeps many, by role.
 *
 * Why this is not an `effect/Cache` with a time to live and one fiber that refreshes early: a cache entry has one
 * deadline, where a session has three (early, mandatory, expired) and a hold-off, so that the truth would live beside the
 * cache. `Cache.invalidate` during a lookup causes a second one. A cache has no synchronous read. And a read costs 2.7 µs
 * instead of 0.17 µs. `test/EffectCache.test.ts` shows what a test can show of it.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type * as Credentials from "./Credentials.ts"
import type { CredentialsError } from "./CredentialsError.ts"
import * as reading from "./internal/session/reading.ts"
import * as internal from "./internal/session/session.ts"
import { share } from "./internal/session/shared.ts"
import type * as RefreshPolicy from "./RefreshPolicy.ts"

/**
 * The result of a lookup: the credentials, which source they came from, and what to do when they carry no expiration.
 *
 * @since 0.1.0
 * @category models
 */
export interface Resolved {
  readonly credentials: Credentials.Credentials
  readonly source: string
  readonly undated: RefreshPolicy.Undated
}

/**
 * What a session is made of.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The source's name in logs and metrics until a lookup has said which source answered. */
  readonly name: string
  readonly lookup: Effect.Effect<Resolved, CredentialsError>
}

/**
 * One session. A fresh `get` compares the clock with one number and returns a stored `Exit`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session {
  /** The current credentials; waits only when there are none, or when they are about to end. */
  readonly get: Effect.Effect<Credentials.Credentials, CredentialsError>
  /** Says that the service refused these credentials. If they are the current ones the next read fetches new ones. */
  readonly invalidate: (rejected: Credentials.Credentials) => Effect.Effect<void>
  /** The current credentials while they are outside the mandatory window, without entering the Effect runtime. */
  readonly unsafeCurrent: () => Credentials.Credentials | undefined
}

/**
 * Makes a session of what `lookup` answers. Nothing is looked up before the first `get`. Background work ends with the
 * scope.
 *
 * @example
 * ```ts
 * import { Credentials, SessionCache } from "@effect-alicloud/credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const session = yield* SessionCache.make({
 *     name: "vault",
 *     lookup: Effect.succeed({
 *       source: "vault",
 *       undated: "keep",
 *       credentials: Credentials.accessKey({
 *         type: "access_key",
 *         providerName: "vault",
 *         accessKeyId: "LTAI5tExample",
 *         accessKeySecret: "secret"
 *       })
 *     })
 *   })
 *   return yield* session.get
 * }))
 *
 * Effect.runPromise(program).then((credentials) => console.log(credentials.providerName)) // vault
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options & { readonly refresh?: RefreshPolicy.Options | undefined }
): Effect.Effect<Session, never, Scope.Scope> =>
  Effect.map(share({ refresh: options.refresh, refreshesPerSecond: Infinity }), (shared) => {
    const session = new internal.Session(shared, options)
    return {
      get: reading.make(() => session.read()),
      invalidate: (rejected) => Effect.sync(() => session.invalidate(rejected)),
      unsafeCurrent: () => session.unsafeCurrent()
    }
  })
