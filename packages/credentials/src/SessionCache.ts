/**
 * Keeps a session: one lookup at a time, an early refresh in the background, a hold-off after failures.
 *
 * `effect/Cache` is not what holds the session. In effect 3.22 a failed `refresh` replaces a value that is still valid,
 * interrupting the first reader interrupts all who wait with it, and every recomputation of a key leaves a list node
 * behind for as long as the cache lives. `test/EffectCache.test.ts` proves each of these.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import type * as Credentials from "./Credentials.ts"
import type { CredentialsError } from "./CredentialsError.ts"
import * as reading from "./internal/session/reading.ts"
import * as scheduler from "./internal/session/scheduler.ts"
import { Handle, type Options, type Shared } from "./internal/session/session.ts"
import { sleeper } from "./internal/session/sleep.ts"
import * as RefreshPolicy from "./RefreshPolicy.ts"

export type { Options, Resolved } from "./internal/session/session.ts"

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
  Effect.map(opener(options.refresh), (open) => {
    const handle = open(options)
    return {
      get: reading.make(() => handle.read()),
      invalidate: (rejected) => Effect.sync(() => handle.invalidate(rejected)),
      unsafeCurrent: () => handle.unsafeCurrent()
    }
  })

/**
 * Takes clock, randomness and scope once, for any number of sessions that are opened later.
 *
 * @internal
 */
export const opener = (
  refresh: RefreshPolicy.Options | undefined,
  options: {
    /** How many background refreshes start in any second. Without a limit they start when they are due. */
    readonly refreshesPerSecond?: number | undefined
    /** Called when a session is no longer busy. */
    readonly onSettled?: (() => void) | undefined
  } = {}
): Effect.Effect<(options: Options) => Handle, never, Scope.Scope> =>
  Effect.gen(function*() {
    const clock = yield* Effect.clock
    const runFork = Runtime.runFork(yield* Effect.withUnhandledErrorLogLevel(Effect.runtime(), Option.none()))
    let closed = false
    const scope = yield* Effect.acquireRelease(Scope.make(), (scope, exit) => {
      // A fiber that is forked into a scope which is being closed outlives it.
      closed = true
      return Scope.close(scope, exit)
    })
    const fork = <A, E>(effect: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> =>
      runFork(closed ? Effect.dieMessage("The scope of these credentials is closed.") : Effect.interruptible(effect), {
        scope,
        immediate: false
      })
    const shared: Shared = {
      policy: RefreshPolicy.make(refresh),
      clock,
      random: yield* Effect.random,
      scheduler: scheduler.make({
        clock,
        sleepUntil: yield* sleeper,
        fork,
        perSecond: options.refreshesPerSecond ?? Infinity
      }),
      fork,
      onSettled: options.onSettled ?? (() => {})
    }
    return (options) => new Handle(shared, options)
  })
