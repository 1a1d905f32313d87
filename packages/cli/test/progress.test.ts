import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { step } from "../src/internal/progress.ts"
import { Screen } from "../src/internal/screen.ts"

const observe = (isTTY: boolean, millis: number) =>
  Effect.gen(function*() {
    const written: Array<string> = []
    const stream = {
      isTTY,
      columns: 80,
      write: (text: string | Uint8Array) => {
        written.push(String(text))
        return true
      }
    }
    const fiber = yield* step("Getting credentials from EcsRamRole…", Effect.sleep(millis)).pipe(
      Effect.provideService(Screen, { out: stream, err: stream }),
      Effect.fork
    )
    yield* TestClock.adjust(millis)
    yield* Fiber.join(fiber)
    return written
  })

describe("the progress line", () => {
  it.effect("does not appear for steps of less than 300 ms", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* observe(true, 290), [])
    }))

  it.effect("shows the step and its duration, and disappears at the end", () =>
    Effect.gen(function*() {
      const written = yield* observe(true, 550)
      assert.include(written[0], "Getting credentials from EcsRamRole… 0.3 s")
      assert.include(written[2], "Getting credentials from EcsRamRole… 0.5 s")
      assert.strictEqual(written.at(-1), "\r\u001b[2K")
    }))

  it.effect("is for terminals only", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* observe(false, 5000), [])
    }))
})
