import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Option, Random, TestClock } from "effect"
import { makeManualClock, settle } from "../../../test/kit/manualClock.ts"
import { atOnce, collectLogs, failure, idOf, makeSession, makeUpstream, warnings } from "../../../test/kit/upstream.ts"

const at = (seconds: number) => TestClock.setTime(seconds * 1000)

describe("a refresh that fails", () => {
  it.scoped("in the early window: readers keep the old value without waiting", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      upstream.answer = failure()
      for (let time = 2700; time < 3500; time += 100) {
        yield* at(time)
        assert.strictEqual(idOf(yield* cache.get), "session-1")
        assert.strictEqual(idOf(cache.unsafeCurrent()), "session-1")
      }
      assert.isAbove(upstream.calls, 5)
    }))

  it.scoped("in the mandatory window: readers who waited for it get the old value", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = Effect.delay(failure(), "1 second")
      yield* at(3550)
      const reader = yield* Effect.fork(cache.get)
      yield* TestClock.adjust("500 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(reader)))
      yield* TestClock.adjust("500 millis")
      assert.strictEqual(idOf(yield* Fiber.join(reader)), "session-1")
    }))

  it.scoped("and ends only after the value has expired: readers get the error, not the old value", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = Effect.delay(failure(), "20 seconds")
      yield* at(3590)
      const reader = yield* Effect.fork(cache.get)
      yield* TestClock.adjust("20 seconds")
      assert.strictEqual((yield* Effect.flip(Fiber.join(reader))).message, failure().message)
    }))

  it.scoped("after the end, refuse: readers get the typed error", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = failure({ reason: "Denied", retryable: false })
      yield* at(3600)
      const error = yield* Effect.flip(cache.get)
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Denied")
    }))

  it.effect("after the end, serve: readers get the old value, with one warning per failed refresh that says so", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const { answer } = upstream
      const cache = yield* makeSession(upstream, { refresh: { pastExpiry: "serve" } })
      yield* cache.get
      upstream.answer = failure()
      yield* at(3590)
      yield* cache.get
      upstream.answer = Effect.delay(failure(), "1 second")
      yield* at(4000)
      const readers = yield* Effect.fork(atOnce(100, cache.get))
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(new Set((yield* Fiber.join(readers)).map(idOf)), new Set(["session-1"]))
      assert.strictEqual(upstream.calls, 3)
      assert.deepStrictEqual(warnings(logs).map((log) => log.message), [
        "Alibaba Cloud credentials could not be refreshed",
        "Alibaba Cloud credentials could not be refreshed, expired ones are served"
      ])
      assert.strictEqual(cache.unsafeCurrent(), undefined)
      upstream.answer = answer
      yield* at(5000)
      yield* cache.get
      assert.strictEqual(logs.at(-1)?.message, "Alibaba Cloud credentials are available again")
    }).pipe(withLogs, Effect.scoped)
  })

  it.scoped("serve never applies before there was a value", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = failure()
      const cache = yield* makeSession(upstream, { refresh: { pastExpiry: "serve" } })
      assert.strictEqual((yield* Effect.flip(cache.get)).message, failure().message)
    }))
})

describe("hold-off", () => {
  /** Reads every millisecond and notes how long the source was left alone each time. */
  const pauses = (
    upstream: ReturnType<typeof makeUpstream>,
    read: Effect.Effect<unknown, unknown>,
    clock: ReturnType<typeof makeManualClock>,
    options: { readonly attempts: number; readonly step: number }
  ) =>
    Effect.gen(function*() {
      const started: Array<number> = []
      upstream.answer = Effect.suspend(() => {
        started.push(clock.unsafeCurrentTimeMillis())
        return Effect.fail(failure())
      })
      while (started.length < options.attempts) {
        yield* Effect.exit(read)
        yield* clock.advance(options.step)
      }
      return started.slice(1).map((time, i) => time - started[i]!)
    })

  it.live("with no value yet: none after the first failure, then 100 ms doubled up to 5 s", () =>
    Effect.gen(function*() {
      const clock = makeManualClock()
      const upstream = makeUpstream()
      const cache = yield* Effect.withClock(makeSession(upstream, { random: Random.fixed([1]) }), clock)
      assert.deepStrictEqual(yield* pauses(upstream, cache.get, clock, { attempts: 10, step: 100 }), [
        100,
        100,
        200,
        400,
        800,
        1600,
        3200,
        5000,
        5000
      ])
    }).pipe(Effect.scoped))

  it.live("once there was a value it goes on up to 4 minutes, whether readers or the background start the lookup", () =>
    Effect.gen(function*() {
      const expected = [200, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 102_400].concat(
        204_800,
        240_000,
        240_000
      )
      const clock = makeManualClock()
      const upstream = makeUpstream(60)
      const cache = yield* Effect.withClock(
        makeSession(upstream, { random: Random.fixed([1]), refresh: { holdOff: 200 } }),
        clock
      )
      yield* Effect.withClock(cache.get, clock)
      yield* clock.advance(60_000)
      assert.deepStrictEqual(
        yield* pauses(upstream, cache.get, clock, { attempts: expected.length + 1, step: 200 }),
        expected
      )
    }).pipe(collectLogs().withLogs, Effect.scoped))

  it.scoped("the first failure is followed by none: the next read starts a lookup at once", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const sound = upstream.answer
      const cache = yield* makeSession(upstream)
      upstream.answer = failure()
      assert.isTrue(Exit.isFailure(yield* Effect.exit(cache.get)))
      upstream.answer = sound
      assert.strictEqual(idOf(yield* cache.get), "session-2")
    }))

  it.scoped("readers inside it get the remembered error without a lookup", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      const cache = yield* makeSession(upstream)
      for (let i = 1; i <= 2; i++) {
        upstream.answer = failure({ detail: `failure ${i}` })
        yield* Effect.exit(cache.get)
      }
      upstream.answer = Effect.die("must not be asked")
      const errors = yield* atOnce(100, Effect.flip(cache.get))
      assert.deepStrictEqual(
        new Set(errors.map((error) => error.message)),
        new Set([failure({ detail: "failure 2" }).message])
      )
      assert.strictEqual(upstream.calls, 2)
    }))

  it.scoped("readers inside it get the value while it is valid, in the mandatory window too, without a lookup", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = failure()
      yield* at(3550)
      for (let i = 0; i < 100; i++) {
        assert.strictEqual(idOf(yield* cache.get), "session-1")
      }
      assert.strictEqual(upstream.calls, 3)
    }))

  it.scoped("the early refresh and readers climb one ladder together", () =>
    Effect.gen(function*() {
      const calls = (readers: number) =>
        Effect.scoped(Effect.gen(function*() {
          const upstream = makeUpstream(3600)
          const cache = yield* makeSession(upstream)
          yield* cache.get
          yield* cache.get
          upstream.answer = failure()
          const start = yield* Effect.map(Effect.clock, (clock) => clock.unsafeCurrentTimeMillis())
          for (let second = 2700; second < 3000; second += 3) {
            yield* TestClock.setTime(start + second * 1000)
            yield* atOnce(readers, cache.get)
          }
          return upstream.calls
        }))
      assert.strictEqual(yield* calls(20), yield* calls(0))
    }))

  it.scoped("a success starts the ladder anew", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(10)
      const sound = upstream.answer
      const cache = yield* makeSession(upstream)
      upstream.answer = failure()
      for (let i = 0; i < 8; i++) {
        yield* Effect.exit(cache.get)
        yield* TestClock.adjust("5 seconds")
      }
      upstream.answer = sound
      yield* cache.get
      yield* TestClock.adjust("10 seconds")
      const { calls } = upstream
      upstream.answer = failure()
      yield* Effect.exit(cache.get)
      yield* Effect.exit(cache.get)
      assert.strictEqual(upstream.calls, calls + 2)
    }))

  it.effect("a failure that trying again cannot mend climbs the same ladder, and the valid value is served", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      yield* cache.get
      upstream.answer = failure({ reason: "Denied", retryable: false })
      yield* at(3000)
      assert.strictEqual(idOf(yield* cache.get), "session-1")
      assert.isAbove(upstream.calls, 5)
      assert.isBelow(upstream.calls, 20)
      assert.strictEqual(warnings(logs).length, upstream.calls - 1)
    }).pipe(withLogs, Effect.scoped)
  })
})

describe("an outage of 4 hours", () => {
  const second = 1000
  const hour = 3600 * second

  for (
    const { began, refresh } of [
      { began: "with a fresh session", refresh: {} },
      { began: "with a fresh session that is served past its end", refresh: { pastExpiry: "serve" as const } }
    ]
  ) {
    it.live(`that begins ${began}, read every second: at most 100 lookups, over within 5 minutes`, () =>
      Effect.gen(function*() {
        for (const seed of [1, 2]) {
          const clock = makeManualClock()
          const upstream = makeUpstream(3600)
          const sound = upstream.answer
          const cache = yield* Effect.withClock(makeSession(upstream, { random: Random.make(seed), refresh }), clock)
          const read = Effect.withClock(Effect.exit(cache.get), clock)
          yield* read
          upstream.answer = failure()
          for (let time = 0; time < 4 * hour; time += second) {
            yield* clock.advance(second)
            const exit = yield* read
            assert.strictEqual(
              Exit.isSuccess(exit),
              clock.unsafeCurrentTimeMillis() < hour || refresh.pastExpiry === "serve"
            )
          }
          assert.isAtMost(upstream.calls - 1, 100)
          assert.isAtLeast(upstream.calls - 1, 20)
          upstream.answer = sound
          const recovered = Effect.map(read, (exit) => Exit.isSuccess(exit) && idOf(exit.value) !== "session-1")
          let waited = 0
          while (!(yield* recovered)) {
            yield* clock.advance(second)
            waited += second
          }
          yield* settle
          assert.isAtMost(waited, 300 * second)
        }
      }).pipe(collectLogs().withLogs, Effect.scoped))
  }
})
