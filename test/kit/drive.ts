import { Array as Arr, Clock, Effect, Fiber, Option, Order, TestClock } from "effect"

export const turn = Effect.async<void>((resume) => {
  setImmediate(() => resume(Effect.void))
})

/** More turns of the event loop than any signature takes. */
export const patience = 200_000

/**
 * Runs an effect to its end. Signing takes real time, so the clock moves on only when the effect waits for a timer that
 * is at most `within` milliseconds away, such as the pause before another attempt; not for a deadline.
 */
export const driveWithin = (within: number) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const fiber = yield* Effect.fork(self)
    for (let turns = 0; Option.isNone(yield* Fiber.poll(fiber)); turns++) {
      if (turns > patience) {
        return yield* Effect.dieMessage("it waits for something that does not happen")
      }
      const now = yield* Clock.currentTimeMillis
      const timers = Arr.filter(yield* TestClock.sleeps(), (at) => at > now && at <= now + within)
      yield* Arr.isNonEmptyArray(timers) ? TestClock.setTime(Arr.min(timers, Order.number)) : turn
    }
    return yield* Fiber.join(fiber)
  })
