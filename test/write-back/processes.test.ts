import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Fiber, Random } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import { runs } from "../kit/long.ts"
import { counterOf, initial } from "./utils/config.ts"
import { bundle, makeFile, start } from "./utils/writers.ts"

const modeOf = (file: string): number => Fs.statSync(file).mode & 0o777

/** Looks at the file as often as it can. */
const watch = (file: string, seen: { looks: number }): Effect.Effect<never> =>
  Effect.sync(() => {
    counterOf(Fs.readFileSync(file, "utf8"))
    seen.looks++
  }).pipe(Effect.zipRight(Effect.sleep("2 millis")), Effect.forever)

/** Makes everything in the folder look as if it had been there for two minutes. */
const age = (folder: string): Effect.Effect<void> =>
  Effect.sync(() => {
    const then = Date.now() / 1000 - 120
    for (const name of Fs.readdirSync(folder)) Fs.utimesSync(join(folder, name), then, then)
  })

describe.sequential("processes that update one file", () => {
  it.scopedLive("lose no update, and never show half a file", () =>
    Effect.gen(function*() {
      const script = yield* bundle
      const { file, folder } = yield* makeFile(initial)
      const updates = runs(6, 8)
      const writers = yield* Effect.all(Array.from({ length: 8 }, () => start(script, file)), {
        concurrency: "unbounded"
      })
      const seen = { looks: 0 }
      const watching = yield* Effect.fork(watch(file, seen))
      yield* Effect.forEach(writers, (writer) =>
        Effect.zipRight(
          writer.go(updates),
          Effect.repeat(writer.next, { until: (line) => line === "done" })
        ), { concurrency: "unbounded" })
      yield* Fiber.interrupt(watching)
      assert.strictEqual(counterOf(Fs.readFileSync(file, "utf8")), 8 * updates)
      assert.isAbove(seen.looks, updates)
      assert.strictEqual(modeOf(file), 0o600)
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
    }), 60_000)

  it.scopedLive(
    "go on at once, one after the other, when the holder of the lock is killed",
    () =>
      Effect.gen(function*() {
        const script = yield* bundle
        const { file, folder } = yield* makeFile(initial)
        const writers = yield* Effect.all(Array.from({ length: 6 }, () => start(script, file)), {
          concurrency: "unbounded"
        })
        const rounds = runs(1, 2)
        for (let round = 1; round <= rounds; round++) {
          const holder = yield* start(script, file)
          yield* holder.go("hold")
          assert.strictEqual(yield* holder.next, "held")
          yield* Effect.forEach(writers, (writer) => writer.go(3))
          yield* Effect.sleep("30 millis")
          assert.strictEqual(counterOf(Fs.readFileSync(file, "utf8")), (round - 1) * 18)
          yield* holder.kill
          const before = yield* Clock.currentTimeMillis
          yield* Effect.forEach(writers, (writer) => Effect.repeat(writer.next, { until: (line) => line === "done" }))
          assert.isBelow((yield* Clock.currentTimeMillis) - before, 10_000)
          assert.strictEqual(counterOf(Fs.readFileSync(file, "utf8")), round * 18)
        }
        assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
      }),
    60_000
  )

  it.scopedLive(
    "go on after a few seconds when a lock is old and nobody knows whose it is",
    () =>
      Effect.gen(function*() {
        const script = yield* bundle
        const { file, folder } = yield* makeFile(initial)
        Fs.writeFileSync(`${file}.lock`, "{}")
        yield* age(folder)
        const writers = yield* Effect.all([start(script, file), start(script, file), start(script, file)])
        const before = yield* Clock.currentTimeMillis
        yield* Effect.forEach(writers, (writer) => writer.go(5))
        yield* Effect.forEach(writers, (writer) => Effect.repeat(writer.next, { until: (line) => line === "done" }))
        const time = (yield* Clock.currentTimeMillis) - before
        assert.isAtLeast(time, 2900)
        assert.isBelow(time, 20_000)
        assert.strictEqual(counterOf(Fs.readFileSync(file, "utf8")), 15)
        assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
      }),
    60_000
  )

  it.scopedLive(
    "leave a complete file, and a lock that the next one removes, when they are killed at any time",
    () =>
      Effect.gen(function*() {
        const script = yield* bundle
        const kills = runs(3, 4)
        const lane = Effect.gen(function*() {
          const { file, folder } = yield* makeFile(initial)
          let done = 0
          let slowest = 0
          let warming = yield* Effect.fork(start(script, file))
          for (let kill = 0; kill < kills; kill++) {
            const writer = yield* Fiber.join(warming)
            warming = yield* Effect.fork(start(script, file))
            const before = yield* Clock.currentTimeMillis
            yield* writer.go("forever")
            // Every other writer may also die while it recovers the lock or makes its first update.
            if (kill % 2 === 0) {
              done = Number(yield* writer.next)
              slowest = Math.max(slowest, (yield* Clock.currentTimeMillis) - before)
            }
            yield* Effect.sleep(yield* Random.nextIntBetween(0, 41))
            const said = yield* writer.kill
            const text = Fs.readFileSync(file, "utf8")
            const counter = counterOf(text)
            done = Math.max(done, Number(said.at(-1) ?? 0))
            // An update may be in the file and not yet announced.
            assert.include([done, done + 1], counter)
            done = counter
          }
          const last = yield* Fiber.join(warming)
          yield* age(folder)
          yield* last.go(1)
          yield* Effect.repeat(last.next, { until: (line) => line === "done" })
          assert.strictEqual(counterOf(Fs.readFileSync(file, "utf8")), done + 1)
          assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
          assert.strictEqual(modeOf(file), 0o600)
          assert.isAtLeast(done, kills / 2)
          return slowest
        })
        const slowest = yield* Effect.all([lane, lane, lane], { concurrency: "unbounded" })
        assert.isBelow(Math.max(...slowest), 10_000)
      }),
    120_000
  )
})
