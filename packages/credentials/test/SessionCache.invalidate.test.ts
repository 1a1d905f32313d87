import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option, TestClock } from "effect"
import { failure, idOf, makeSession, makeUpstream, session, sessionUntil, undated } from "../../../test/kit/upstream.ts"

const at = (seconds: number) => TestClock.setTime(seconds * 1000)

describe("invalidate", () => {
  it.scoped("of the current credentials makes the next read fetch new ones and wait for them", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const quick = upstream.answer
      const cache = yield* makeSession(upstream)
      const rejected = yield* cache.get
      upstream.answer = Effect.delay(quick, "1 second")
      yield* cache.invalidate(rejected)
      assert.strictEqual(upstream.calls, 1)
      assert.strictEqual(cache.unsafeCurrent(), undefined)
      const reader = yield* Effect.fork(cache.get)
      yield* TestClock.adjust("999 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(reader)))
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(idOf(yield* Fiber.join(reader)), "session-2")
      assert.strictEqual(idOf(yield* cache.get), "session-2")
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("of credentials equal to the current ones counts as one of the current ones", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.invalidate(sessionUntil("session-1", 3_600_000))
      assert.strictEqual(idOf(yield* cache.get), "session-2")
    }))

  it.scoped("of credentials that have been replaced, or before there are any, changes nothing", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      yield* cache.invalidate(undated("unknown"))
      const first = yield* cache.get
      yield* cache.invalidate(first)
      yield* cache.get
      yield* cache.invalidate(first)
      assert.strictEqual(idOf(cache.unsafeCurrent()), "session-2")
      assert.strictEqual(idOf(yield* cache.get), "session-2")
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("by many at once causes one refresh", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      const rejected = yield* cache.get
      yield* Effect.forEach(
        Array(100).fill(rejected),
        (credentials) => Effect.zipRight(cache.invalidate(credentials), cache.get),
        { concurrency: "unbounded" }
      )
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("while a refresh is under way waits for that refresh", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const quick = upstream.answer
      const cache = yield* makeSession(upstream)
      const first = yield* cache.get
      upstream.answer = Effect.delay(quick, "1 minute")
      yield* at(2800)
      yield* cache.get
      yield* cache.invalidate(first)
      const reader = yield* Effect.fork(cache.get)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(idOf(yield* Fiber.join(reader)), "session-2")
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("serves the value that is still valid when the refresh fails", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      const rejected = yield* cache.get
      upstream.answer = failure()
      yield* cache.invalidate(rejected)
      assert.strictEqual(yield* cache.get, rejected)
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("does not cancel a hold-off", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      const rejected = yield* cache.get
      upstream.answer = failure()
      for (let i = 0; i < 10; i++) {
        yield* cache.invalidate(rejected)
        assert.strictEqual(yield* cache.get, rejected)
      }
      assert.strictEqual(upstream.calls, 3)
      yield* TestClock.adjust("49 millis")
      yield* cache.get
      assert.strictEqual(upstream.calls, 3)
      yield* TestClock.adjust("1 millis")
      yield* cache.get
      assert.strictEqual(upstream.calls, 4)
    }))

  it.scoped("the early refresh does not break into a hold-off that began before its window", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      const rejected = yield* cache.get
      yield* cache.get
      upstream.answer = failure()
      yield* at(2600)
      yield* cache.invalidate(rejected)
      for (let time = 2_600_000; time < 2_699_000; time += 500) {
        yield* TestClock.setTime(time)
        yield* cache.get
      }
      const { calls } = upstream
      yield* at(2700)
      assert.strictEqual(upstream.calls, calls)
    }))

  it.scoped("a rejected session that could not be replaced is refreshed by readers only, until its early window", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      const rejected = yield* cache.get
      yield* cache.get
      upstream.answer = failure()
      yield* cache.invalidate(rejected)
      yield* cache.get
      assert.strictEqual(upstream.calls, 2)
      yield* at(2699)
      assert.strictEqual(upstream.calls, 2)
      yield* at(2701)
      assert.isAbove(upstream.calls, 2)
    }))

  it.scoped("the same session again is served, and not refreshed again within a second", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.succeed(sessionUntil("same", 3_600_000))
      const cache = yield* makeSession(upstream)
      const same = yield* cache.get
      yield* cache.invalidate(same)
      yield* cache.get
      assert.strictEqual(upstream.calls, 2)
      for (let i = 0; i < 10; i++) {
        yield* TestClock.setTime(i * 100)
        yield* cache.invalidate(same)
        assert.strictEqual(yield* cache.get, same)
      }
      assert.strictEqual(upstream.calls, 2)
      yield* at(1)
      yield* cache.get
      assert.strictEqual(upstream.calls, 3)
    }))

  it.scoped("also replaces credentials that are kept for ever", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.sync(() => undated(`key-${upstream.calls}`))
      const cache = yield* makeSession(upstream, { undated: "keep" })
      yield* cache.invalidate(yield* cache.get)
      assert.strictEqual(idOf(yield* cache.get), "key-2")
      yield* TestClock.adjust("1 day")
      assert.strictEqual(idOf(yield* cache.get), "key-2")
    }))

  it.scoped("of expired credentials does not bring them back", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = session("short", 10)
      const cache = yield* makeSession(upstream)
      const rejected = yield* cache.get
      upstream.answer = failure()
      yield* at(10)
      yield* cache.invalidate(rejected)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(cache.get)))
    }))
})
