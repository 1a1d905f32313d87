import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Option, Random } from "effect"
import { BackgroundClock, Connection, HomeDirectory, Nonce } from "../src/Platform.ts"

describe("what a runtime may replace", () => {
  it.effect("has defaults that work everywhere", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Connection, {
        connectTimeout: Duration.seconds(10),
        timeout: Duration.seconds(5),
        direct: false
      })
      assert.isTrue(Option.isNone(yield* BackgroundClock))
      assert.isTrue(Option.isNone(yield* HomeDirectory))
    }))

  it.effect("nonces are 32 hex digits, never the same, whatever Random says", () =>
    Effect.gen(function*() {
      const nonces = yield* Effect.replicateEffect(Effect.flatten(Nonce), 1000).pipe(Effect.withRandom(Random.make(1)))
      assert.strictEqual(new Set(nonces).size, 1000)
      for (const nonce of nonces) {
        assert.match(nonce, /^[0-9a-f]{32}$/)
      }
    }))
})
