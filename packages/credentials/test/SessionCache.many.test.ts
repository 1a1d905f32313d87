import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Fiber, Order, Random, TestClock } from "effect"
import { settle } from "../../../test/kit/manualClock.ts"
import { collectLogs, failure, idOf, makeUpstream, session, type Upstream } from "../../../test/kit/upstream.ts"
import * as keyedSessions from "../src/internal/session/keyed.ts"
import { keys, makeMany, second } from "./utils/many.ts"

/** The most that started in any second. */
const mostInASecond = (starts: ReadonlyArray<{ readonly at: number }>): number => {
  let most = 0
  let from = 0
  for (let to = 0; to < starts.length; to++) {
    while (starts[to]!.at - starts[from]!.at >= second) {
      from++
    }
    most = Math.max(most, to - from + 1)
  }
  return most
}

describe("many sessions that are due at the same moment", () => {
  it.live("never more than 20 refreshes start in a second, and all start before readers would have to wait", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({})
      yield* many.open(keys(1000))
      yield* many.clock.advance(2699 * second)
      assert.deepStrictEqual(many.starts, [])
      assert.strictEqual(many.clock.timers().length, 1)
      yield* many.clock.advance(840 * second)
      assert.strictEqual(new Set(many.starts.map(({ key }) => key)).size, 1000)
      assert.strictEqual(many.starts.length, 1000)
      assert.strictEqual(mostInASecond(many.starts), 20)
      assert.isAtMost(many.starts.at(-1)!.at, 2751 * second)
    }).pipe(Effect.scoped))

  for (const refreshesPerSecond of [0.1, 7, 30, 300]) {
    it.live(`the rate is the one in the options: ${refreshesPerSecond} per second`, () =>
      Effect.gen(function*() {
        const many = yield* makeMany({ refreshesPerSecond })
        const seconds = refreshesPerSecond < 1 ? 100 : 2
        const served = Math.ceil(refreshesPerSecond * seconds)
        yield* many.open(keys(served + 10))
        yield* many.clock.advance((2700 + seconds) * second - 1)
        assert.strictEqual(many.starts.length, served)
        assert.isAtMost(mostInASecond(many.starts), Math.ceil(refreshesPerSecond))
      }).pipe(Effect.scoped))
  }

  it.live("without a limit all start at once", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: Infinity })
      yield* many.open(keys(500))
      yield* many.clock.advance(2700 * second)
      assert.strictEqual(many.starts.length, 500)
    }).pipe(Effect.scoped))

  it.live("those that end first are refreshed first, also when they became due later", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: 1 })
      yield* many.open(keys(500, "hour"))
      yield* many.clock.advance(2400 * second)
      yield* many.open(keys(50, "quarter"), 900)
      yield* many.clock.advance(700 * second)
      const order = many.starts.map(({ key }) => key.split("-")[0])
      assert.strictEqual(order.indexOf("quarter"), 300)
      assert.isTrue(order.slice(300, 350).every((kind) => kind === "quarter"))
      assert.strictEqual(order.lastIndexOf("quarter"), 349)
    }).pipe(Effect.scoped))

  it.live("those that have not been read lapse, and take no turn", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: 1 })
      yield* many.open(keys(300, "unread"), 3600, 0)
      yield* many.clock.advance(1)
      yield* many.open(keys(10, "read"))
      yield* many.clock.advance(2710 * second)
      assert.deepStrictEqual(Arr.sort(many.starts.map(({ key }) => key), Order.string), keys(10, "read"))
    }).pipe(Effect.scoped))

  it.live("a session that a reader already waits for takes no turn", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: 0.01 })
      yield* many.open(["first"], 3599)
      yield* many.open(["second"])
      yield* many.clock.advance(2000 * second)
      const quick = many.upstream.answer
      many.upstream.answer = Effect.delay(quick, "3000 seconds")
      many.handle("first").invalidate(yield* many.read("first"))
      const reader = yield* Effect.fork(many.read("first"))
      yield* settle
      many.upstream.answer = quick
      yield* many.clock.advance(700 * second)
      assert.deepStrictEqual(many.starts, [
        { key: "first", at: 2000 * second },
        { key: "second", at: 2700 * second }
      ])
      yield* Fiber.interrupt(reader)
    }).pipe(Effect.scoped))

  it.live("a session that was refreshed by a waiting reader is not refreshed again when its turn comes", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: 0.1 })
      yield* many.open(keys(200))
      yield* many.clock.advance(3540 * second)
      const early = many.starts.length
      assert.isAtMost(early, 85)
      yield* Effect.forEach(keys(200), (key) => many.read(key), { concurrency: "unbounded" })
      assert.strictEqual(many.starts.length, 200)
      yield* many.clock.advance(1000 * second)
      assert.strictEqual(many.starts.length, 200)
    }).pipe(Effect.scoped))
})

describe("readers and the limit", () => {
  it.live("a reader in the mandatory window, an expired one and a cold one do not wait for it", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: 0.01 })
      yield* many.open(keys(300))
      yield* many.clock.advance(3550 * second)
      const late = keys(300).filter((key) => !many.starts.some((start) => start.key === key))
      assert.strictEqual(late.length, 300 - 9)
      for (const [at, asked] of [[3550, late], [3550, keys(100, "cold")], [8000, late]] as const) {
        yield* many.clock.advance(at * second - many.now())
        const found = yield* Effect.forEach(asked, (key) => many.read(key), { concurrency: "unbounded" })
        assert.deepStrictEqual(found.map(idOf), asked.map((key) => `${key}@${at * second}`))
      }
    }).pipe(Effect.scoped))

  it.live("reads in the early window get the old value at once, and their refreshes wait for their turn", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({})
      yield* many.open(keys(200), 3600, 0)
      yield* many.clock.advance(2800 * second)
      assert.deepStrictEqual(many.starts, [])
      const readAll = Effect.forEach(keys(200), (key) => many.read(key))
      assert.deepStrictEqual((yield* readAll).map(idOf), keys(200).map((key) => `${key}@0`))
      yield* settle
      assert.strictEqual(many.starts.length, 1)
      for (let step = 0; step < 100; step++) {
        yield* readAll
        yield* many.clock.advance(100)
      }
      assert.strictEqual(many.starts.length, 200)
      assert.strictEqual(new Set(many.starts.map(({ key }) => key)).size, 200)
      assert.strictEqual(mostInASecond(many.starts), 20)
    }).pipe(Effect.scoped))

  it.live("a read in the early window starts the refresh at once when nothing else is due", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({})
      yield* many.open(["one"], 3600, 0)
      yield* many.clock.advance(2800 * second)
      assert.strictEqual(idOf(yield* many.read("one")), "one@0")
      yield* settle
      assert.strictEqual(idOf(many.handle("one").unsafeCurrent()), `one@${2800 * second}`)
    }).pipe(Effect.scoped))
})

describe("an outage", () => {
  it.live("repeated refreshes keep to the limit, end with the sessions, and leave no timer", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: 2 })
      yield* many.open(keys(50), 900)
      many.upstream.answer = failure()
      yield* many.clock.advance(900 * second)
      assert.isAbove(many.starts.length, 300)
      assert.isAtMost(mostInASecond(many.starts), 2)
      yield* many.clock.advance(second)
      assert.deepStrictEqual(many.clock.timers(), [])
      const { length } = many.starts
      yield* many.clock.advance(7200 * second)
      assert.strictEqual(many.starts.length, length)
    }).pipe(collectLogs().withLogs, Effect.scoped))

  it.live("a session that fails again and again does not keep the others from being refreshed", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ refreshesPerSecond: 1 })
      const sound = session("any", 3600)
      yield* many.open(["broken"], 3599)
      yield* many.open(keys(100))
      many.upstream.answer = Effect.suspend(() => many.starts.at(-1)?.key === "broken" ? failure() : sound)
      yield* many.clock.advance(2850 * second)
      assert.strictEqual(new Set(many.starts.map(({ key }) => key)).size, 101)
    }).pipe(collectLogs().withLogs, Effect.scoped))
})

describe("the clock", () => {
  it.scoped("one that was set back does not stop the refreshes", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(10 * 86_400 * second)
      const [one, two] = [makeUpstream(60), makeUpstream(60)]
      const sessions = yield* Effect.withRandom(
        keyedSessions.make({ capacity: 10, refreshesPerSecond: 0.1 }),
        Random.fixed([0])
      )
      const read = (key: string, { get }: Upstream) =>
        Effect.suspend(() =>
          (sessions.get(key) ?? sessions.open(key, {
            name: key,
            lookup: Effect.map(get, (credentials) => ({ credentials, source: key, undated: "expire" }))
          })).read()
        )
      yield* read("one", one)
      yield* read("one", one)
      yield* TestClock.adjust("40 seconds")
      assert.strictEqual(one.calls, 2)
      yield* TestClock.setTime(0)
      yield* read("two", two)
      yield* read("two", two)
      yield* TestClock.adjust("40 seconds")
      yield* TestClock.adjust("10 seconds")
      assert.strictEqual(two.calls, 2)
    }))
})
