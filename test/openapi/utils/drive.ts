import { Array as Arr, Effect, TestClock } from "effect"
import { driveWithin, patience, turn } from "../../kit/drive.ts"

/** The pauses before another attempt are at most six seconds. */
export const drive = driveWithin(6000)

/** Waits for the next timer, moves the clock to it and says when that is. */
export const tick: Effect.Effect<number> = Effect.gen(function*() {
  for (let turns = 0; turns <= patience; turns++) {
    const timers = yield* TestClock.sleeps()
    if (Arr.isNonEmptyReadonlyArray(Arr.fromIterable(timers))) {
      const at = Math.min(...timers)
      yield* TestClock.setTime(at)
      return at
    }
    yield* turn
  }
  return yield* Effect.dieMessage("there is no timer")
})
