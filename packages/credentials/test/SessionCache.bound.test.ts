import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Cause, Deferred, Effect, Exit, Fiber, Option, Order, Scope, Supervisor } from "effect"
import { type ManualClock, settle } from "../../../test/kit/manualClock.ts"
import { failure, session } from "../../../test/kit/upstream.ts"
import { keys, makeMany, second } from "./utils/many.ts"

describe("the bound", () => {
  it.live("sessions beyond it are dropped with their refresh, the longest unused first", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ capacity: 3 })
      yield* many.open(["a", "b", "c"])
      yield* many.read("a")
      yield* many.open(["d", "e"])
      assert.strictEqual(many.sessions.size(), 3)
      assert.deepStrictEqual(
        ["a", "b", "c", "d", "e"].filter((key) => many.sessions.get(key) !== undefined),
        ["a", "d", "e"]
      )
      yield* many.clock.advance(3000 * second)
      assert.deepStrictEqual(Arr.sort(many.starts.map(({ key }) => key), Order.string), ["a", "d", "e"])
    }).pipe(Effect.scoped))

  it.live("holds again as soon as more lookups than it allows have ended", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ capacity: 10 })
      many.upstream.answer = Effect.delay(session("any", 3600), "1 second")
      const readers = yield* Effect.fork(
        Effect.forEach(keys(50), (key) => many.read(key), { concurrency: "unbounded" })
      )
      yield* settle
      assert.strictEqual(many.sessions.size(), 50)
      yield* many.clock.advance(second)
      assert.strictEqual((yield* Fiber.join(readers)).length, 50)
      assert.strictEqual(many.sessions.size(), 10)
      assert.deepStrictEqual(many.starts.length, 50)
      yield* many.clock.advance(3000 * second)
      assert.deepStrictEqual(many.starts.length, 50)
    }).pipe(Effect.scoped))

  it.live("a session that was dropped while it waited for its turn is not refreshed, and leaves no timer", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ capacity: 2, refreshesPerSecond: 0.001 })
      yield* many.open(["a", "b"])
      yield* many.clock.advance(2700 * second)
      assert.strictEqual(many.starts.length, 1)
      yield* many.open(["c", "d"], 3600, 0)
      yield* many.clock.advance(10_000 * second)
      assert.deepStrictEqual(many.starts, [])
      assert.deepStrictEqual(many.clock.timers(), [])
    }).pipe(Effect.scoped))
})

describe("a dropped session", () => {
  it.live("leaves no timer behind", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ capacity: 1 })
      yield* many.open(["a"])
      assert.strictEqual(many.clock.timers().length, 1)
      many.upstream.answer = failure()
      yield* Effect.exit(many.read("b"))
      assert.strictEqual(many.sessions.size(), 1)
      yield* settle
      assert.deepStrictEqual(many.clock.timers(), [])
    }).pipe(Effect.scoped))
})

describe("while the scope is closing", () => {
  it.live("a read is a defect that says so, and starts nothing", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const many = yield* Scope.extend(makeMany({}), scope)
      const released = yield* Deferred.make<void>()
      many.upstream.answer = Effect.onInterrupt(Effect.never, () => Deferred.await(released))
      const reader = yield* Effect.forkDaemon(many.read("slow to end"))
      yield* settle
      const closing = yield* Effect.forkDaemon(Scope.close(scope, Exit.void))
      yield* settle
      const exit = yield* Effect.exit(many.read("other"))
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "The scope of these credentials is closed.")
      assert.deepStrictEqual(many.starts.map(({ key }) => key), ["slow to end"])
      assert.isTrue(Option.isNone(yield* Fiber.poll(closing)))
      yield* Deferred.succeed(released, undefined)
      yield* Fiber.join(closing)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.await(reader)))
    }))
})

describe("after the scope was closed", () => {
  const closed = (use: (many: Effect.Effect.Success<ReturnType<typeof makeMany>>) => Effect.Effect<void, unknown>) =>
    Effect.gen(function*() {
      const supervisor = yield* Supervisor.track
      const leftOf = Effect.map(supervisor.value, (fibers) => fibers.length)
      const run: Effect.Effect<ManualClock, unknown, Scope.Scope> = Effect.gen(function*() {
        const many = yield* makeMany({ refreshesPerSecond: 1 })
        yield* use(many)
        assert.isAbove(yield* leftOf, 0)
        assert.isAbove(many.clock.timers().length, 0)
        return many.clock
      })
      const clock = yield* Effect.supervised(Effect.scoped(run), supervisor)
      yield* settle
      assert.deepStrictEqual(clock.timers(), [])
      assert.strictEqual(yield* leftOf, 0)
      yield* clock.advance(86_400 * second)
      assert.strictEqual(yield* leftOf, 0)
    })

  it.live("no fiber and no timer is left of 1,000 sessions that wait for their time", () =>
    closed((many) => many.open(keys(1000))))

  it.live("no fiber and no timer is left of 1,000 sessions, most of which wait for their turn", () =>
    closed((many) => Effect.zipRight(many.open(keys(1000)), many.clock.advance(2750 * second))))

  it.live("no fiber and no timer is left of 1,000 sessions, some in flight, in the background and for readers", () =>
    closed((many) =>
      Effect.gen(function*() {
        yield* many.open(keys(1000))
        many.upstream.answer = Effect.delay(session("any", 3600), "1 hour")
        yield* many.clock.advance(2750 * second)
        yield* Effect.forEach(keys(50, "cold"), (key) => Effect.forkDaemon(many.read(key)))
        yield* settle
        assert.isAtLeast(many.upstream.inFlight, 100)
      })
    ))
})
