import { BackgroundClock } from "@effect-alicloud/credentials/Platform"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Deferred, Duration, Effect, Exit, Fiber, Option } from "effect"
import * as NodeBackgroundClock from "../src/NodeBackgroundClock.ts"

describe("NodeBackgroundClock", () => {
  it.live("sleeps and tells the system's time", () =>
    Effect.gen(function*() {
      const clock = NodeBackgroundClock.make()
      const before = yield* Clock.currentTimeMillis
      // A process that lives for another reason is woken.
      yield* Effect.sleep("60 millis").pipe(Effect.withClock(clock))
      const after = yield* clock.currentTimeMillis
      assert.isAtLeast(after - before, 50)
      assert.isAtLeast(clock.unsafeCurrentTimeMillis(), after)
      assert.isTrue((yield* clock.currentTimeNanos) <= clock.unsafeCurrentTimeNanos())
    }))

  it.live("does not end a sleep of more than 2^31 milliseconds at once", () =>
    Effect.gen(function*() {
      const woken = yield* Deferred.make<void>()
      const fibers = yield* Effect.forEach(
        [Duration.days(30), Duration.infinity],
        (duration) =>
          Effect.fork(Effect.zipRight(NodeBackgroundClock.make().sleep(duration), Deferred.succeed(woken, undefined)))
      )
      yield* Effect.sleep("50 millis")
      assert.isFalse(yield* Deferred.isDone(woken))
      const exits = yield* Effect.forEach(fibers, Fiber.interrupt)
      assert.isTrue(exits.every(Exit.isInterrupted))
    }))

  it.effect("is the background clock of its layer", () =>
    Effect.gen(function*() {
      assert.isTrue(Option.isSome(yield* BackgroundClock))
    }).pipe(Effect.provide(NodeBackgroundClock.layer)))
})
