import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option } from "effect"
import * as reading from "../../../src/internal/session/reading.ts"

/** Answers 1, 2, 3 and so on, at once or after a turn. */
const counter = (waits: boolean) => {
  let count = 0
  return reading.make(() => {
    count += 1
    return waits ? Effect.as(Effect.yieldNow(), count) : Exit.succeed(count)
  })
}

describe("a reading", () => {
  for (const waits of [false, true]) {
    it.effect(`reads once for each run, however it is run${waits ? ", and waits for what it is given" : ""}`, () =>
      Effect.gen(function*() {
        const next = counter(waits)
        for (let expected = 1; expected <= 5000; expected++) {
          assert.strictEqual(yield* next, expected)
        }
        assert.strictEqual(yield* Effect.map(next, (count) => count), 5001)
        assert.deepStrictEqual(yield* Effect.all([next, next]), [5002, 5003])
        assert.strictEqual(yield* Fiber.join(yield* Effect.fork(next)), 5004)
      }))
  }

  it.effect("fails and dies as what it is given does", () =>
    Effect.gen(function*() {
      const failing = reading.make(() => Exit.fail("no"))
      const dying = reading.make((): Effect.Effect<number> => {
        throw new Error("bug")
      })
      const inGenerator = (next: Effect.Effect<number, string>) =>
        Effect.exit(Effect.gen(function*() {
          while (true) {
            yield* next
          }
        }))
      for (let i = 0; i < 3000; i++) {
        assert.deepStrictEqual(yield* inGenerator(failing), Exit.fail("no"))
        const died = yield* inGenerator(dying)
        assert.isTrue(Exit.isFailure(died) && died.cause._tag === "Die")
      }
    }))

  it.live("a loop that does nothing but read lets other fibers run, and can be interrupted", () =>
    Effect.gen(function*() {
      const always = reading.make(() => Exit.succeed(1))
      const spin = Effect.gen(function*() {
        while ((yield* always) === 1) {}
      })
      assert.isTrue(Option.isNone(yield* Effect.timeoutOption(spin, "20 millis")))
    }))
})
