import { assert, describe, it } from "@effect/vitest"
import { Cache, Context, Effect, Exit, Fiber, FiberId, Option, TestClock } from "effect"
import { vi } from "vitest"

/** The parts of the cache's own bookkeeping that have no public face. */
interface Node {
  readonly next: Node | undefined
}

const nodes = (cache: object): number => {
  const { cacheState } = cache as { readonly cacheState: { readonly keys: { readonly head: Node | undefined } } }
  let count = 0
  for (let node = cacheState.keys.head; node !== undefined; node = node.next) {
    count += 1
  }
  return count
}

class Caller extends Context.Tag("test/Caller")<Caller, string>() {}

describe("why a session is not held in effect/Cache", () => {
  it.effect("a failed refresh replaces a value that is still valid", () =>
    Effect.gen(function*() {
      let broken = false
      const cache = yield* Cache.make({
        capacity: 1,
        timeToLive: "1 hour",
        lookup: (_: "key") => Effect.suspend(() => (broken ? Effect.fail("broken") : Effect.succeed("valid")))
      })
      assert.strictEqual(yield* cache.get("key"), "valid")
      broken = true
      yield* Effect.exit(cache.refresh("key"))
      assert.deepStrictEqual(yield* Effect.exit(cache.get("key")), Exit.fail("broken"))
    }))

  it.effect("interrupting the first reader interrupts everybody who waits with it", () =>
    Effect.gen(function*() {
      const cache = yield* Cache.make({
        capacity: 1,
        timeToLive: "1 hour",
        lookup: (_: "key") => Effect.delay(Effect.succeed("value"), "1 second")
      })
      const first = yield* Effect.fork(cache.get("key"))
      yield* Effect.yieldNow()
      const second = yield* Effect.fork(cache.get("key"))
      yield* Effect.yieldNow()
      yield* Fiber.interrupt(first)
      assert.isTrue(Exit.isInterrupted(yield* Fiber.await(second)))
    }))

  it.effect("invalidating a key during its lookup causes a second lookup", () =>
    Effect.gen(function*() {
      let lookups = 0
      const cache = yield* Cache.make({
        capacity: 1,
        timeToLive: "1 hour",
        lookup: (_: "key") => Effect.delay(Effect.sync(() => ++lookups), "1 second")
      })
      yield* Effect.fork(cache.get("key"))
      yield* Effect.yieldNow()
      yield* cache.invalidate("key")
      yield* Effect.fork(cache.get("key"))
      yield* Effect.yieldNow()
      yield* TestClock.adjust("1 second")
      assert.strictEqual(lookups, 2)
    }))

  it.effect("interrupting a refresh drops the value that was there", () =>
    Effect.gen(function*() {
      let lookups = 0
      const cache = yield* Cache.make({
        capacity: 1,
        timeToLive: "1 hour",
        lookup: (_: "key") => Effect.suspend(() => (++lookups === 1 ? Effect.succeed(lookups) : Effect.never))
      })
      yield* cache.get("key")
      const refresh = yield* Effect.fork(cache.refresh("key"))
      yield* Effect.yieldNow()
      assert.strictEqual(yield* cache.get("key"), 1)
      yield* Fiber.interrupt(refresh)
      assert.isFalse(yield* cache.contains("key"))
    }))

  it.effect("a failure that may live for no time is still served within its millisecond", () =>
    Effect.gen(function*() {
      let lookups = 0
      const cache = yield* Cache.makeWith({
        capacity: 1,
        timeToLive: () => 0,
        lookup: (_: "key") => Effect.suspend(() => Effect.fail(`failure ${++lookups}`))
      })
      assert.strictEqual(yield* Effect.flip(cache.get("key")), "failure 1")
      assert.strictEqual(yield* Effect.flip(cache.get("key")), "failure 1")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual(yield* Effect.flip(cache.get("key")), "failure 2")
    }))

  it.effect("a lookup sees the context of who made the cache, not that of who reads", () =>
    Effect.gen(function*() {
      const cache = yield* Effect.provideService(
        Cache.make({ capacity: 1, timeToLive: "1 hour", lookup: (_: "key") => Caller }),
        Caller,
        "builder"
      )
      assert.strictEqual(yield* Effect.provideService(cache.get("key"), Caller, "reader"), "builder")
    }))

  it.effect("a lookup's parent span is that of who made the cache, not that of who reads", () =>
    Effect.gen(function*() {
      const cache = yield* Cache.make({
        capacity: 1,
        timeToLive: "1 hour",
        lookup: (_: "key") => Effect.map(Effect.option(Effect.currentSpan), Option.map((span) => span.name))
      }).pipe(Effect.withSpan("builder"))
      assert.deepStrictEqual(yield* Effect.withSpan(cache.get("key"), "reader"), Option.some("builder"))
    }))

  it.effect("each recomputation of one key leaves a list node behind", () =>
    Effect.gen(function*() {
      const cache = yield* Cache.make({
        capacity: 1,
        timeToLive: "1 minute",
        lookup: (_: "key") => Effect.succeed("value")
      })
      for (let i = 0; i < 100; i++) {
        yield* cache.get("key")
        yield* cache.refresh("key")
      }
      assert.strictEqual(yield* cache.size, 1)
      assert.strictEqual(nodes(cache), 100)
    }))
})

describe("why a long sleep is cut into slices", () => {
  it("a sleep above 2^31 - 1 milliseconds sets no timer, so it never wakes", () => {
    const setTimeout = vi.spyOn(globalThis, "setTimeout")
    const fibers = [2 ** 31 - 1, 2 ** 31].map((millis) => Effect.runFork(Effect.sleep(millis)))
    const delays = setTimeout.mock.calls.map(([, delay]) => delay)
    setTimeout.mockRestore()
    for (const fiber of fibers) {
      fiber.unsafeInterruptAsFork(FiberId.none)
    }
    assert.deepStrictEqual(delays, [2 ** 31 - 1])
  })
})
