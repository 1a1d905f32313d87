import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, Fiber, Option, Scope, TestClock } from "effect"
import { assertNoLeak, errorOf, marker } from "../../../test/kit/leaks.ts"
import { build } from "../../../test/kit/world.ts"
import * as Credentials from "../src/Credentials.ts"
import { SourceFailed } from "../src/CredentialsError.ts"
import * as CredentialsProvider from "../src/CredentialsProvider.ts"
import * as Source from "../src/Source.ts"

const pair = { accessKeyId: "LTAI5tOwn", accessKeySecret: marker }

describe("a source from an async function", () => {
  it.effect("is called once for many readers, and its session is kept until it ends", () =>
    Effect.gen(function*() {
      let calls = 0
      const provider = yield* build(CredentialsProvider.layer(Source.fromPromise("Vault", async () => {
        calls++
        return { ...pair, securityToken: marker, expiration: "1970-01-01T01:00:00Z" }
      })))
      const [first] = yield* Effect.all(Array.from({ length: 20 }, () => provider.get), { concurrency: "unbounded" })
      assert.deepStrictEqual(
        Option.map(Credentials.expirationOf(first!), DateTime.toEpochMillis),
        Option.some(3_600_000)
      )
      assert.deepInclude(first, { _tag: "Sts", type: "Vault", providerName: "Vault" })
      assert.strictEqual(calls, 1)
      assertNoLeak(first)
    }).pipe(Effect.scoped))

  it.effect("is asked again for keys without an end as often as its options say", () =>
    Effect.gen(function*() {
      let calls = 0
      const get = async () => ({ ...pair, accessKeyId: `LTAI5t${++calls}` })
      const [once, reread] = yield* Effect.all([
        build(CredentialsProvider.layer(Source.fromPromise("Vault", get, { undated: "keep" }))),
        build(CredentialsProvider.layer(Source.fromPromise("Vault", get)))
      ])
      yield* Effect.all([once.get, reread.get])
      yield* TestClock.adjust("1 hour")
      yield* Effect.all([once.get, reread.get])
      assert.strictEqual(calls, 3)
    }).pipe(Effect.scoped))

  it.effect("shows of what it throws only the name and the code", () =>
    Effect.gen(function*() {
      const thrown = Object.assign(new RangeError(marker), { code: "ENOTFOUND", token: marker })
      const { get } = Source.fromPromise("Vault", () => {
        throw thrown
      })
      const error = yield* errorOf(get)
      assert.instanceOf(error, SourceFailed)
      assert.include(error.message, "its function was rejected with RangeError (code ENOTFOUND)")
    }))

  it.effect("is told when nobody waits any more: after 30 seconds, and when the provider is closed", () =>
    Effect.gen(function*() {
      const signals: Array<Source.Signal> = []
      const layer = CredentialsProvider.layer(Source.fromPromise("Vault", (signal) => {
        signals.push(signal)
        return new Promise<never>(() => {})
      }))
      const scope = yield* Scope.make()
      const provider = yield* Scope.extend(build(layer), scope)
      const late = yield* Effect.fork(errorOf(provider.get))
      yield* TestClock.adjust("30 seconds")
      assert.deepInclude(yield* Fiber.join(late), { reason: "Timeout", source: "Vault" })
      yield* TestClock.adjust("5 minutes")
      yield* Effect.fork(Effect.exit(provider.get))
      yield* Effect.repeat(Effect.yieldNow(), { until: () => signals.length > 1 })
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(signals.map((signal) => signal.aborted), [true, true])
    }))
})
