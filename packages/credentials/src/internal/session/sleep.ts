import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { BackgroundClock } from "../../Platform.ts"

/** Timers of more than 2^31 - 1 ms never fire. */
const slice = 86_400_000

/** Timers may fire a little too early; what is left is slept as well. */
const slack = 1000

/**
 * Sleeps until a moment of the current clock, on the background clock's timers. A clock that is set back meanwhile makes
 * that no more than a second longer. Used by the scheduler.
 */
export const sleeper: Effect.Effect<(until: number) => Effect.Effect<void>> = Effect.gen(function*() {
  const clock = yield* Effect.clock
  const timers = Option.getOrElse(yield* BackgroundClock, () => clock)
  return (until) => {
    const loop = (longest: number): Effect.Effect<void> =>
      Effect.suspend(() => {
        const left = Math.ceil(until - clock.unsafeCurrentTimeMillis())
        const next = Math.min(left, longest, slice)
        return next <= 0
          ? Effect.void
          : Effect.zipRight(timers.sleep(Duration.millis(next)), loop(Math.min(left + slack, longest) - next))
      })
    return loop(Infinity)
  }
})
