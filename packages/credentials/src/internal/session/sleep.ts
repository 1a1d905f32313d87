import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { BackgroundClock } from "../../Platform.ts"

/** Timers of more than 2^31 - 1 ms never fire. */
const slice = 86_400_000

/** Sleeps until a moment of the current clock, on the background clock's timers. */
export const sleeper: Effect.Effect<(until: number) => Effect.Effect<void>> = Effect.gen(function*() {
  const clock = yield* Effect.clock
  const timers = Option.getOrElse(yield* BackgroundClock, () => clock)
  return (until) => {
    const loop: Effect.Effect<void> = Effect.suspend(() => {
      const left = until - clock.unsafeCurrentTimeMillis()
      return left <= 0
        ? Effect.void
        : Effect.zipRight(timers.sleep(Duration.millis(Math.min(Math.ceil(left), slice))), loop)
    })
    return loop
  }
})
