/**
 * A clock whose sleeps do not keep the Node.js process alive, for the background refreshes of sessions.
 *
 * @module
 * @since 0.1.0
 */
import { BackgroundClock } from "@effect-alicloud/credentials/Platform"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"

const maxTimer = 2 ** 31 - 1

const sleep = (duration: Duration.Duration): Effect.Effect<void> =>
  Effect.async((resume) => {
    let left = Duration.toMillis(duration)
    let timer: NodeJS.Timeout
    const wait = (): void => {
      const slice = Math.min(left, maxTimer)
      left -= slice
      timer = setTimeout(() => left > 0 ? wait() : resume(Effect.void), slice).unref()
    }
    wait()
    return Effect.sync(() => clearTimeout(timer))
  })

/**
 * Makes a clock with the system's time whose sleeps, of any length, use unref'd timers.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (): Clock.Clock => {
  const system = Clock.make()
  return {
    [Clock.ClockTypeId]: Clock.ClockTypeId,
    unsafeCurrentTimeMillis: () => system.unsafeCurrentTimeMillis(),
    currentTimeMillis: system.currentTimeMillis,
    unsafeCurrentTimeNanos: () => system.unsafeCurrentTimeNanos(),
    currentTimeNanos: system.currentTimeNanos,
    sleep
  }
}

/**
 * Makes background refreshes use this clock.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<BackgroundClock> = Layer.sync(BackgroundClock, () => Option.some(make()))
