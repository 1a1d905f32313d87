/**
 * What the sessions of one provider, or of one `RamRoleArns`, share: clock, randomness, scheduler and the scope in which
 * lookups run. Made once by `SessionCache.make` and `keyed.ts`.
 */
import type * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import * as Runtime from "effect/Runtime"
import * as Scope from "effect/Scope"
import * as RefreshPolicy from "../../RefreshPolicy.ts"
import { backlog } from "./metrics.ts"
import * as scheduler from "./scheduler.ts"
import { sleeper } from "./sleep.ts"
import { earlyWindow } from "./windows.ts"

export interface Shared {
  readonly policy: RefreshPolicy.RefreshPolicy
  readonly clock: Clock.Clock
  readonly random: Random.Random
  readonly scheduler: scheduler.Scheduler
  /** The length of the early window of a session that lives for so many milliseconds. */
  readonly earlyWindow: (lifetime: number) => number
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>
}

export const share = Effect.fnUntraced(function*(options: {
  readonly refresh?: RefreshPolicy.Options | undefined
  /** How many background refreshes start in any second; `Infinity` for as many as are due. */
  readonly refreshesPerSecond: number
}): Effect.fn.Return<Shared, never, Scope.Scope> {
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
  const policy = RefreshPolicy.make(options.refresh)
  return {
    policy,
    earlyWindow: (lifetime) => earlyWindow(policy, lifetime),
    clock,
    random: yield* Effect.random,
    scheduler: scheduler.make({
      clock,
      sleepUntil: yield* sleeper,
      fork,
      perSecond: options.refreshesPerSecond,
      onBacklog: options.refreshesPerSecond === Infinity ? undefined : backlog
    }),
    fork
  }
})
