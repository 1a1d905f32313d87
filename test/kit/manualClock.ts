import { Clock, Duration, Effect } from "effect"

/**
 * A clock that stands still between steps. Unlike `TestClock` it forgets the timers of interrupted fibers, so that the
 * timers left can be counted, and a step costs microseconds.
 */
export interface ManualClock extends Clock.Clock {
  /** The moments for which somebody sleeps. */
  readonly timers: () => ReadonlyArray<number>
  /** The longest single sleep that was asked for, in milliseconds. */
  readonly longestSleep: () => number
  /** Moves on by so many milliseconds, from timer to timer, and lets everybody run at each. */
  readonly advance: (millis: number) => Effect.Effect<void>
  /** Sets the clock forward or back. Timers fire when they would have: they measure how long it is. */
  readonly jump: (millis: number) => void
}

/** Lets every fiber run until it waits for something. */
export const settle: Effect.Effect<void> = Effect.async((resume) => {
  setImmediate(() => setImmediate(() => resume(Effect.void)))
})

export const makeManualClock = (): ManualClock => {
  let now = 0
  let offset = 0
  let longest = 0
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>()
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => now + offset,
    unsafeCurrentTimeNanos: () => BigInt(now + offset) * 1_000_000n,
    currentTimeMillis: Effect.sync(() => now + offset),
    currentTimeNanos: Effect.sync(() => BigInt(now + offset) * 1_000_000n),
    sleep: (duration) =>
      Effect.async((resume) => {
        const millis = Duration.toMillis(duration)
        longest = Math.max(longest, millis)
        const sleeper = {
          at: now + millis,
          wake: () => {
            sleepers.delete(sleeper)
            resume(Effect.void)
          }
        }
        sleepers.add(sleeper)
        return Effect.sync(() => sleepers.delete(sleeper))
      }),
    timers: () => [...sleepers].map((sleeper) => sleeper.at),
    longestSleep: () => longest,
    advance: Effect.fnUntraced(function*(millis) {
      const end = now + millis
      yield* settle
      while (true) {
        const due = [...sleepers].filter((sleeper) => sleeper.at <= end)
        if (due.length === 0) {
          break
        }
        now = Math.max(now, Math.min(...due.map((sleeper) => sleeper.at)))
        for (const sleeper of due) {
          if (sleeper.at <= now) {
            sleeper.wake()
          }
        }
        yield* settle
      }
      now = end
    }),
    jump: (millis) => {
      offset += millis
    }
  }
}
