import { assert, describe, it } from "@effect/vitest"
import { Cause, Deferred, Effect, Exit, Fiber, Option, TestClock } from "effect"
import { atOnce, failure, idOf, makeSession, makeUpstream, session, sessionUntil } from "../../../test/kit/upstream.ts"

const at = (seconds: number) => TestClock.setTime(seconds * 1000)

describe("the documented run", () => {
  it.scoped(
    "reads at 0, 600, 4200 and 4300 s of 3600 s sessions: two requests, and only the first read waits",
    () =>
      Effect.gen(function*() {
        const upstream = makeUpstream(3600)
        const quick = upstream.answer
        const cache = yield* makeSession(upstream)
        const first = yield* cache.get
        yield* at(600)
        assert.strictEqual(yield* cache.get, first)

        upstream.answer = Effect.delay(quick, "2 seconds")
        yield* at(4200)
        const reader = yield* Effect.fork(cache.get)
        yield* Effect.yieldNow()
        const second = yield* Effect.flatMap(Fiber.poll(reader), Option.getOrThrowWith(() => new Error("it waited")))
        assert.strictEqual(idOf(second), "session-2")
        yield* at(4300)
        assert.strictEqual(yield* cache.get, second)
        assert.strictEqual(upstream.calls, 2)
      })
  )
})

describe("one lookup at a time", () => {
  it.scoped("no lookup runs before the first read", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      assert.strictEqual(cache.unsafeCurrent(), undefined)
      yield* TestClock.adjust("1 day")
      assert.strictEqual(upstream.calls, 0)
    }))

  it.scoped("1,000 concurrent cold readers cause one lookup", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.delay(upstream.answer, "1 second")
      const cache = yield* makeSession(upstream)
      const readers = yield* Effect.fork(atOnce(1000, cache.get))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(new Set(yield* Fiber.join(readers)).size, 1)
      assert.strictEqual(upstream.calls, 1)
    }))

  it.scoped("50 reads at once, or spread over the fresh time of a 900 s session, cause one lookup", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(900)
      const cache = yield* makeSession(upstream)
      yield* atOnce(50, cache.get)
      for (let i = 0; i < 50; i++) {
        yield* at(i * 12)
        assert.strictEqual(idOf(yield* cache.get), "session-1")
      }
      assert.strictEqual(upstream.calls, 1)
    }))

  for (const victim of ["first", "second", "last"] as const) {
    it.scoped(`interrupting the ${victim} reader neither fails nor repeats the lookup of the others`, () =>
      Effect.gen(function*() {
        const upstream = makeUpstream()
        upstream.answer = Effect.delay(upstream.answer, "1 second")
        const cache = yield* makeSession(upstream)
        const readers = yield* Effect.forEach(
          [0, 1, 2, 3],
          () => Effect.zipLeft(Effect.fork(cache.get), Effect.yieldNow())
        )
        const index = { first: 0, second: 1, last: 3 }[victim]
        yield* TestClock.adjust("500 millis")
        yield* Fiber.interrupt(readers[index]!)
        yield* TestClock.adjust("500 millis")
        const exits = yield* Effect.forEach(readers, Fiber.await)
        assert.deepStrictEqual(exits.map(Exit.isSuccess), [0, 1, 2, 3].map((i) => i !== index))
        assert.strictEqual(upstream.calls, 1)
      }))
  }

  it.scoped("when every reader has left, the lookup still ends and the next reader has it at once", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.delay(upstream.answer, "1 second")
      const cache = yield* makeSession(upstream)
      const reader = yield* Effect.fork(cache.get)
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(reader)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(idOf(cache.unsafeCurrent()), "session-1")
      assert.strictEqual(upstream.calls, 1)
    }))

  it.scoped("a reader's own time-out does not abort the lookup", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.delay(upstream.answer, "10 seconds")
      const cache = yield* makeSession(upstream)
      const reader = yield* Effect.fork(Effect.timeoutOption(cache.get, "1 second"))
      yield* TestClock.adjust("1 second")
      assert.isTrue(Option.isNone(yield* Fiber.join(reader)))
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(idOf(yield* cache.get), "session-1")
      assert.strictEqual(upstream.calls, 1)
    }))

  it.scoped("a reader of the mandatory window joins the early refresh that is under way", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const quick = upstream.answer
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      upstream.answer = Effect.delay(quick, "890 seconds")
      yield* at(3550)
      const reader = yield* Effect.fork(cache.get)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(idOf(yield* Fiber.join(reader)), "session-2")
      assert.strictEqual(upstream.calls, 2)
    }))
})

describe("lookups that go wrong in other ways", () => {
  it.scoped("a lookup that dies is a failed one: its defect reaches the reader, and the next read starts another", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const sound = upstream.answer
      const cache = yield* makeSession(upstream)
      upstream.answer = Effect.die("bug")
      assert.deepStrictEqual(yield* Effect.exit(cache.get), Exit.die("bug"))
      upstream.answer = sound
      assert.strictEqual(idOf(yield* cache.get), "session-2")
    }))

  it.scoped("a refresh that dies leaves the value that is still valid", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = Effect.die("bug")
      yield* at(3590)
      assert.strictEqual(idOf(yield* cache.get), "session-1")
      yield* at(3600)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(cache.get)))
    }))

  it.scoped("a refresh that interrupts itself is a failed one: the value is kept and the source is held off", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      upstream.answer = Effect.interrupt
      yield* at(3590)
      assert.strictEqual(idOf(yield* cache.get), "session-1")
      assert.isBelow(upstream.calls, 30)
    }))

  it.scoped("a first lookup that interrupts itself fails its readers instead of interrupting them", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.interrupt
      const cache = yield* makeSession(upstream)
      assert.isFalse(Exit.isInterrupted(yield* Effect.exit(cache.get)))
    }))

  it.scoped("an answer that has expired already never enters the cache", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = session("stale", 0)
      const cache = yield* makeSession(upstream)
      const error = yield* Effect.flip(cache.get)
      assert.strictEqual(error._tag, "SourceFailed")
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Expired")
      assert.strictEqual(cache.unsafeCurrent(), undefined)
    }))

  it.scoped("an answer that has expired already does not replace a value that is still valid", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = session("stale", -1)
      yield* at(3590)
      assert.strictEqual(idOf(yield* cache.get), "session-1")
      yield* at(3600)
      const error = yield* Effect.flip(cache.get)
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Expired")
    }))
})

describe("closing the scope", () => {
  it.effect("a read after the scope was closed is a defect that says so, and runs no lookup", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* Effect.scoped(makeSession(upstream))
      const exit = yield* Effect.exit(cache.get)
      assert.include(Exit.isFailure(exit) ? Cause.pretty(exit.cause) : "", "The scope of these credentials is closed.")
      assert.strictEqual(upstream.calls, 0)
    }))

  it.effect("interrupts the lookup under way and its readers", () =>
    Effect.gen(function*() {
      const interrupted = yield* Deferred.make<void>()
      const upstream = makeUpstream()
      upstream.answer = Effect.onInterrupt(Effect.never, () => Deferred.succeed(interrupted, undefined))
      const reader = yield* Effect.scoped(Effect.gen(function*() {
        const cache = yield* makeSession(upstream)
        const reader = yield* Effect.forkDaemon(cache.get)
        yield* TestClock.adjust("1 second")
        return reader
      }))
      yield* Deferred.await(interrupted)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.await(reader)))
    }))

  it.effect("ends the background refresh", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(60)
      yield* Effect.scoped(Effect.gen(function*() {
        const cache = yield* makeSession(upstream)
        yield* cache.get
        yield* cache.get
      }))
      yield* TestClock.adjust("1 day")
      assert.strictEqual(upstream.calls, 1)
    }))

  it.effect("ends the attempts of an outage", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const calls = yield* Effect.scoped(Effect.gen(function*() {
        const cache = yield* makeSession(upstream)
        yield* cache.get
        yield* cache.get
        upstream.answer = failure()
        yield* at(2800)
        return upstream.calls
      }))
      assert.isAbove(calls, 3)
      yield* TestClock.adjust("1 day")
      assert.strictEqual(upstream.calls, calls)
    }))
})

describe("the same session handed out again", () => {
  it.scoped("is no failure: readers have it, and it is not refreshed again within a second", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.succeed(sessionUntil("same", 10_000))
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* TestClock.setTime(9500)
      assert.strictEqual(idOf(yield* cache.get), "same")
      const { calls } = upstream
      yield* TestClock.setTime(9999)
      assert.strictEqual(idOf(yield* cache.get), "same")
      assert.strictEqual(upstream.calls, calls)
    }))

  it.scoped("with less than a second left it is not served past its end", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.succeed(sessionUntil("same", 10_000))
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* TestClock.setTime(9500)
      yield* cache.get
      yield* TestClock.setTime(10_000)
      assert.strictEqual(cache.unsafeCurrent(), undefined)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(cache.get)))
    }))

  it.scoped("is scheduled anew by the time it has left", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.succeed(sessionUntil("same", 3_600_000))
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      yield* at(2700)
      assert.strictEqual(upstream.calls, 2)
      yield* cache.get
      yield* at(3299)
      assert.strictEqual(upstream.calls, 2)
      yield* at(3300)
      assert.strictEqual(upstream.calls, 3)
    }))
})
