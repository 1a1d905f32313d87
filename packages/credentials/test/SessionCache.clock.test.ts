import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber } from "effect"
import { vi } from "vitest"
import { makeManualClock, settle } from "../../../test/kit/manualClock.ts"
import { failure, idOf, makeSession, makeUpstream, session, undated } from "../../../test/kit/upstream.ts"
import { keys, makeMany } from "./utils/many.ts"

const minute = 60_000
const hour = 60 * minute

const make = (options: Parameters<typeof makeSession>[1] = {}) =>
  Effect.gen(function*() {
    const clock = makeManualClock()
    clock.jump(100 * hour)
    const upstream = makeUpstream()
    const cache = yield* Effect.withClock(makeSession(upstream, options), clock)
    return { clock, upstream, cache, get: Effect.withClock(cache.get, clock) }
  })

describe("a clock that is set back", () => {
  it.live("ends a hold-off of a source that has never answered", () =>
    Effect.gen(function*() {
      const { clock, get, upstream } = yield* make()
      const good = upstream.answer
      upstream.answer = failure()
      yield* Effect.exit(get)
      yield* Effect.exit(get)
      assert.strictEqual(upstream.calls, 2)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(get)))
      assert.strictEqual(upstream.calls, 2)
      clock.jump(-8 * hour)
      upstream.answer = good
      assert.strictEqual(idOf(yield* get), "session-3")
    }).pipe(Effect.scoped))

  it.live("ends a hold-off that began while the clock was ahead, and the session does not end without being renewed", () =>
    Effect.gen(function*() {
      const { clock, get, upstream } = yield* make()
      const good = upstream.answer
      yield* get
      clock.jump(50 * minute)
      upstream.answer = failure()
      for (let i = 0; i < 2; i++) {
        yield* get
        yield* settle
      }
      clock.jump(-50 * minute)
      upstream.answer = good
      yield* clock.advance(46 * minute)
      yield* get
      yield* settle
      assert.notStrictEqual(idOf(yield* get), "session-1")
    }).pipe(Effect.scoped))

  for (const order of ["before", "after"] as const) {
    it.live(`does not bring back a session that was refused ${order} that`, () =>
      Effect.gen(function*() {
        const { cache, clock, get } = yield* make()
        const refused = yield* get
        if (order === "after") clock.jump(-8 * hour)
        yield* cache.invalidate(refused)
        if (order === "before") clock.jump(-8 * hour)
        assert.strictEqual(cache.unsafeCurrent(), undefined)
        assert.strictEqual(idOf(yield* get), "session-2")
      }).pipe(Effect.scoped))
  }

  it.live("postpones no background refresh, also without reads meanwhile", () =>
    Effect.gen(function*() {
      const { clock, get, upstream } = yield* make()
      yield* get
      yield* get
      yield* clock.advance(10 * minute)
      clock.jump(-8 * hour)
      yield* clock.advance(35 * minute + 1000)
      assert.strictEqual(upstream.calls, 2)
    }).pipe(Effect.scoped))

  it.live("postpones the refresh of a session that is read again by no more than its age", () =>
    Effect.gen(function*() {
      const { clock, get, upstream } = yield* make()
      yield* get
      yield* clock.advance(10 * minute)
      clock.jump(-8 * hour)
      yield* get
      yield* clock.advance(45 * minute + 1000)
      assert.strictEqual(upstream.calls, 2)
    }).pipe(Effect.scoped))

  it.live("does not prolong the use of credentials that do not say when they end", () =>
    Effect.gen(function*() {
      const { clock, get, upstream } = yield* make()
      upstream.answer = Effect.succeed(undated("undated"))
      yield* get
      clock.jump(-8 * hour)
      upstream.answer = failure()
      yield* get
      yield* clock.advance(16 * minute)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(get)))
    }).pipe(Effect.scoped))
})

describe("a timer that should have fired and has not", () => {
  it.live("does not keep a shorter session from being refreshed in the background", () =>
    Effect.gen(function*() {
      const { cache, clock, get, upstream } = yield* make()
      const first = yield* get
      clock.jump(2 * hour)
      upstream.answer = session("short", 60)
      yield* cache.invalidate(first)
      yield* get
      yield* get
      const { calls } = upstream
      yield* clock.advance(41_000)
      assert.strictEqual(upstream.calls, calls + 1)
    }).pipe(Effect.scoped))
})

describe("work", () => {
  it.live("readers that give up together do not search for themselves among the others", () =>
    Effect.gen(function*() {
      const { get, upstream } = yield* make()
      upstream.answer = Effect.never
      const fibers = yield* Effect.replicateEffect(Effect.fork(get), 3000)
      yield* settle
      const filter = Array.prototype.filter
      let searched = 0
      vi.spyOn(Array.prototype, "filter").mockImplementation(function(this: Array<unknown>, ...parameters) {
        searched += this.length
        return filter.apply(this, parameters)
      })
      yield* Effect.ensuring(Fiber.interruptAll(fibers), Effect.sync(() => vi.restoreAllMocks()))
      assert.isBelow(searched, 100_000)
    }).pipe(Effect.scoped))

  it.live("opening a session looks at a fixed number of others, however many are busy", () =>
    Effect.gen(function*() {
      const many = yield* makeMany({ capacity: 10 })
      many.upstream.answer = Effect.never
      const all = keys(2000)
      let looks = 0
      for (const key of all) {
        const handle = many.handle(key)
        const isBusy = handle.isBusy.bind(handle)
        handle.isBusy = () => {
          looks += 1
          return isBusy()
        }
        yield* Effect.fork(many.read(key))
        yield* Effect.yieldNow()
      }
      assert.strictEqual(many.sessions.size(), 2000)
      assert.isAtMost(looks, 2000)
    }).pipe(Effect.scoped))
})
