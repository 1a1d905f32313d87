import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { atOptions, invalidConfig, NoCredentials, SourceFailed } from "@effect-alicloud/credentials/CredentialsError"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Option, Redacted, TestClock } from "effect"

const get = Effect.flatMap(CredentialsProvider, (provider) => provider.get)

const idOf = (credentials: Credentials.Credentials): string =>
  "accessKeyId" in credentials ? credentials.accessKeyId : credentials._tag

const getId = Effect.map(get, idOf)

const outage = new SourceFailed({
  source: "RamRoleArn",
  reason: "Timeout",
  detail: "no answer from https://sts.aliyuncs.com",
  retryable: true
})

const session = (id: string, seconds: number): Credentials.Sts =>
  Credentials.sts({
    type: "sts",
    providerName: "test",
    accessKeyId: id,
    accessKeySecret: `secret-of-${id}`,
    securityToken: `token-of-${id}`,
    expiration: DateTime.unsafeMake(seconds * 1000)
  })

describe("layer", () => {
  it.effect("returns a pair by default, always the same", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* get, TestCredentials.accessKey)
      yield* TestClock.adjust("1000 days")
      assert.strictEqual(yield* get, TestCredentials.accessKey)
    }).pipe(Effect.provide(TestCredentials.layer())))

  it.effect("returns the given credentials, of any kind", () =>
    Effect.gen(function*() {
      for (
        const credentials of [
          session("STS.Mine", 3600),
          Credentials.bearer({ providerName: "test", bearerToken: "token" }),
          Credentials.anonymous({ providerName: "test" })
        ]
      ) {
        assert.strictEqual(yield* Effect.provide(get, TestCredentials.layer(credentials)), credentials)
      }
    }))
})

describe("sequence", () => {
  it.effect("answers one element per lookup, and the last one again and again", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* getId, "STS.1")
      assert.strictEqual(yield* getId, "STS.1")
      yield* TestClock.setTime(100_000)
      assert.strictEqual(yield* getId, "STS.2")
      yield* TestClock.setTime(200_000)
      assert.strictEqual(yield* getId, "LTAI5tTestAccessKeyId")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* getId, "LTAI5tTestAccessKeyId")
    }).pipe(Effect.provide(TestCredentials.sequence([
      session("STS.1", 100),
      session("STS.2", 200),
      TestCredentials.accessKey
    ]))))

  it.effect("an error is a lookup that fails; the next lookup continues after it", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* Effect.flip(get)).message, outage.message)
      assert.strictEqual(yield* getId, "LTAI5tTestAccessKeyId")
    }).pipe(Effect.provide(TestCredentials.sequence([outage, TestCredentials.accessKey]))))

  it.effect("an error while a session is valid is not seen by readers", () =>
    Effect.gen(function*() {
      yield* get
      yield* get
      yield* TestClock.setTime(999_000)
      assert.strictEqual(yield* getId, "STS.1")
      yield* TestClock.setTime(1_000_000)
      assert.strictEqual((yield* Effect.flip(get)).message, outage.message)
    }).pipe(Effect.provide(TestCredentials.sequence([session("STS.1", 1000), outage]))))

  it.effect("starts anew for each layer that is built", () => {
    const layer = TestCredentials.sequence([session("STS.1", 100), session("STS.2", 100)])
    return Effect.gen(function*() {
      assert.strictEqual(yield* Effect.provide(getId, layer), "STS.1")
      assert.strictEqual(yield* Effect.provide(getId, layer), "STS.1")
    })
  })

  it.effect("follows the refresh options it is given", () =>
    Effect.gen(function*() {
      yield* get
      yield* TestClock.setTime(2_000_000)
      assert.strictEqual(yield* getId, "STS.1")
    }).pipe(
      Effect.provide(TestCredentials.sequence([session("STS.1", 1000), outage], { refresh: { pastExpiry: "serve" } }))
    ))
})

describe("failing", () => {
  it.effect("fails every lookup with the error it is given, of any kind", () =>
    Effect.gen(function*() {
      const errors = [
        outage,
        invalidConfig("S", atOptions(), "wrong"),
        new NoCredentials({ attempts: [outage] })
      ]
      for (const error of errors) {
        yield* Effect.gen(function*() {
          assert.strictEqual((yield* Effect.flip(get)).message, error.message)
          yield* TestClock.adjust("1 minute")
          assert.strictEqual((yield* Effect.flip(get))._tag, error._tag)
          const { report } = yield* CredentialsProvider
          assert.deepStrictEqual((yield* report).winner, Option.none())
        }).pipe(Effect.provide(TestCredentials.failing(error)))
      }
    }))
})

describe("expiringIn", () => {
  it.effect("returns a new session for each refresh, each with the given lifetime", () =>
    Effect.gen(function*() {
      const first = yield* get
      assert.strictEqual(idOf(first), "STS.Test1")
      assert.deepStrictEqual(Credentials.expirationOf(first), Option.some(DateTime.unsafeMake(3_600_000)))
      yield* TestClock.adjust("2 hours")
      const second = yield* get
      assert.strictEqual(idOf(second), "STS.Test2")
      assert.deepStrictEqual(Credentials.expirationOf(second), Option.some(DateTime.unsafeMake(3 * 3_600_000)))
      assert.strictEqual(second._tag === "Sts" && Redacted.value(second.securityToken), "test-token-2")
    }).pipe(Effect.provide(TestCredentials.expiringIn("1 hour"))))

  it.effect("is refreshed early in the background while it is read", () =>
    Effect.gen(function*() {
      yield* get
      yield* get
      yield* TestClock.adjust("46 minutes")
      const { unsafeCurrent } = yield* CredentialsProvider
      const current = unsafeCurrent()
      assert.strictEqual(current === undefined ? undefined : idOf(current), "STS.Test2")
    }).pipe(Effect.provide(TestCredentials.expiringIn("1 hour"))))

  it.effect("a rejected session is replaced", () =>
    Effect.gen(function*() {
      const { invalidate } = yield* CredentialsProvider
      yield* invalidate(yield* get)
      assert.strictEqual(yield* getId, "STS.Test2")
    }).pipe(Effect.provide(TestCredentials.expiringIn("1 hour"))))

  it.effect("a lifetime of nothing is a failure, not credentials", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(get)
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Expired")
    }).pipe(Effect.provide(TestCredentials.expiringIn(0))))
})
