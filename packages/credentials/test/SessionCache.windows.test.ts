import { assert, describe, it } from "@effect/vitest"
import type { Clock } from "effect"
import { Duration, Effect, Exit, Fiber, Option, Random, TestClock } from "effect"
import { makeManualClock } from "../../../test/kit/manualClock.ts"
import { collectLogs, failure, idOf, makeSession, makeUpstream, undated, warnings } from "../../../test/kit/upstream.ts"
import { BackgroundClock } from "../src/Platform.ts"

const at = (seconds: number) => TestClock.setTime(seconds * 1000)

describe("windows", () => {
  it.scoped("early: the refresh runs in the background while readers keep getting the old value", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const quick = upstream.answer
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      upstream.answer = Effect.delay(quick, "10 seconds")
      yield* at(2699)
      assert.strictEqual(upstream.calls, 1)
      yield* at(2700)
      assert.strictEqual(upstream.calls, 2)
      assert.strictEqual(idOf(yield* cache.get), "session-1")
      yield* at(2710)
      assert.strictEqual(idOf(yield* cache.get), "session-2")
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("jitter starts the early window sooner", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream, { random: Random.fixed([1]) })
      yield* cache.get
      yield* cache.get
      yield* at(2519)
      assert.strictEqual(upstream.calls, 1)
      yield* at(2520)
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("mandatory: readers wait for the refresh", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = Effect.delay(upstream.answer, "2 seconds")
      yield* at(3540)
      const reader = yield* Effect.fork(cache.get)
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isNone(yield* Fiber.poll(reader)))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(idOf(yield* Fiber.join(reader)), "session-2")
    }))

  it.scoped("an entry that was not read since it was fetched lapses; a late read starts a refresh without waiting", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* at(3000)
      assert.strictEqual(upstream.calls, 1)
      assert.strictEqual(idOf(yield* cache.get), "session-1")
      yield* TestClock.adjust(1)
      assert.strictEqual(idOf(yield* cache.get), "session-2")
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("an entry that is read no more is refreshed once and then lapses", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      yield* TestClock.adjust("30 days")
      assert.strictEqual(upstream.calls, 2)
      assert.strictEqual(idOf(yield* cache.get), "session-3")
    }))

  for (const seconds of [3, 10, 60]) {
    it.scoped(`sessions of ${seconds} s: a steady reader never waits and never sees an expired one`, () =>
      Effect.gen(function*() {
        const upstream = makeUpstream(seconds)
        const cache = yield* makeSession(upstream)
        yield* cache.get
        const step = seconds * 50
        for (let time = step; time <= seconds * 10_000; time += step) {
          yield* TestClock.setTime(time)
          assert.isDefined(cache.unsafeCurrent())
        }
        assert.isAtLeast(upstream.calls, 10)
        assert.isAtMost(upstream.calls, 16)
      }))
  }
})

describe("unsafeCurrent", () => {
  it.scoped("is undefined before the first fetch and from the mandatory window on", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      assert.strictEqual(cache.unsafeCurrent(), undefined)
      yield* cache.get
      upstream.answer = failure()
      yield* at(3539)
      assert.strictEqual(idOf(cache.unsafeCurrent()), "session-1")
      yield* at(3540)
      assert.strictEqual(cache.unsafeCurrent(), undefined)
      yield* at(4000)
      assert.strictEqual(cache.unsafeCurrent(), undefined)
    }))

  it.scoped("counts as a read, so the session is refreshed early", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      cache.unsafeCurrent()
      yield* at(2700)
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("starts the refresh when it finds the early window without one", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* at(3000)
      assert.strictEqual(idOf(cache.unsafeCurrent()), "session-1")
      yield* TestClock.adjust(1)
      assert.strictEqual(idOf(cache.unsafeCurrent()), "session-2")
    }))
})

describe("credentials without an expiration", () => {
  it.scoped("keep: are never asked for again", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.sync(() => undated(`key-${upstream.calls}`))
      const cache = yield* makeSession(upstream, { undated: "keep" })
      yield* cache.get
      for (let day = 1; day <= 100; day += 10) {
        yield* at(day * 86_400)
        assert.strictEqual(idOf(yield* cache.get), "key-1")
      }
      assert.strictEqual(upstream.calls, 1)
    }))

  it.scoped("reread: are read again in the background after 15 minutes", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.sync(() => undated(`key-${upstream.calls}`))
      const cache = yield* makeSession(upstream, { undated: "reread" })
      yield* cache.get
      yield* at(899)
      assert.strictEqual(idOf(yield* cache.get), "key-1")
      yield* at(900)
      assert.strictEqual(upstream.calls, 2)
      assert.strictEqual(idOf(yield* cache.get), "key-2")
    }))

  it.effect("reread: a failed re-read keeps the value for ever, with one warning per attempt", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.succeed(undated("key"))
      const cache = yield* makeSession(upstream, { undated: "reread" })
      yield* cache.get
      yield* cache.get
      upstream.answer = failure({ reason: "File" })
      yield* at(3600)
      assert.strictEqual(idOf(yield* cache.get), "key")
      assert.isAbove(upstream.calls, 2)
      assert.strictEqual(warnings(logs).length, upstream.calls - 1)
    }).pipe(withLogs, Effect.scoped)
  })

  it.scoped("expire: are a session of 15 minutes", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.sync(() => undated(`key-${upstream.calls}`))
      const cache = yield* makeSession(upstream, { undated: "expire" })
      yield* cache.get
      yield* cache.get
      yield* at(599)
      assert.strictEqual(upstream.calls, 1)
      yield* at(600)
      assert.strictEqual(idOf(yield* cache.get), "key-2")
      upstream.answer = failure()
      yield* at(1499)
      assert.strictEqual(idOf(yield* cache.get), "key-2")
      yield* at(1500)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(cache.get)))
    }))
})

describe("long sleeps", () => {
  it.scoped("a session of 60 days is refreshed in its early window, although no timer is longer than a day", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(60 * 86_400)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      yield* TestClock.adjust(Duration.subtract(Duration.days(60), "61 minutes"))
      assert.strictEqual(upstream.calls, 1)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(upstream.calls, 2)
      assert.strictEqual(idOf(yield* cache.get), "session-2")
    }))

  it.effect("background work sleeps on the background clock only, a day at most, and leaves no timer behind", () =>
    Effect.gen(function*() {
      const clock = makeManualClock()
      const upstream = makeUpstream(40 * 86_400)
      yield* Effect.scoped(Effect.gen(function*() {
        const cache = yield* makeSession(upstream).pipe(
          Effect.provideService(BackgroundClock, Option.some<Clock.Clock>(clock))
        )
        yield* cache.get
        yield* cache.get
        yield* TestClock.adjust("39 days")
        yield* clock.advance(0)
        assert.deepStrictEqual(clock.timers(), [86_400_000])
        assert.strictEqual((yield* TestClock.sleeps()).length, 0)
        yield* TestClock.adjust(Duration.subtract(Duration.days(1), "15 minutes"))
        assert.strictEqual(upstream.calls, 1)
        yield* clock.advance(86_400_000)
        assert.strictEqual(upstream.calls, 2)
        assert.strictEqual(clock.longestSleep(), 86_400_000)
        assert.strictEqual(clock.timers().length, 1)
      }))
      assert.deepStrictEqual(clock.timers(), [])
    }))
})
