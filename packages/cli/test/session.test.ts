import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { SourceFailed } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Source from "@effect-alicloud/credentials/Source"
import { assert, describe, it } from "@effect/vitest"
import { Clock, DateTime, Effect, Fiber, TestClock } from "effect"
import * as session from "../src/server/session.ts"

const broken = new SourceFailed({ source: "Test", reason: "Transport", detail: "no connection", retryable: true })

/** Sessions of an hour, numbered; what comes after the first is delayed or fails as told. */
const make = (
  later: Effect.Effect<void, SourceFailed> = Effect.void,
  { face = "uri", isDated = true }: { readonly face?: keyof session.Session; readonly isDated?: boolean } = {}
) =>
  Effect.gen(function*() {
    let made = 0
    const next = Effect.gen(function*() {
      if (made > 0) yield* later
      const now = yield* Clock.currentTimeMillis
      return Credentials.sts({
        type: "sts",
        providerName: "test",
        accessKeyId: `STS.${++made}`,
        accessKeySecret: "s3cr3t",
        securityToken: "s3cr3t-token",
        expiration: isDated ? DateTime.unsafeMake(now + 3_600_000) : undefined
      })
    })
    const provider = yield* CredentialsProvider.make(Source.fromEffect("Test", next), { refresh: session.refresh })
    const first = yield* provider.get
    if (first._tag !== "Sts") return assert.fail()
    const answers = session.make(provider, first)
    return Effect.map(answers[face], ({ body, status }): string =>
      status === 200 ? JSON.parse(body).AccessKeyId : `${status}`)
  })

describe("a client of the private server", () => {
  it.scoped("gets a new session when the one before it is due to be refreshed", () =>
    Effect.gen(function*() {
      const read = yield* make()
      yield* TestClock.adjust("40 minutes")
      assert.strictEqual(yield* read, "STS.1")
      yield* TestClock.adjust("10 minutes")
      assert.strictEqual(yield* read, "STS.2")
    }))

  it.scoped("that comes for the first time when a refresh is due waits for it, too", () =>
    Effect.gen(function*() {
      const read = yield* make()
      yield* TestClock.adjust("50 minutes")
      assert.strictEqual(yield* read, "STS.2")
    }))

  it.scoped.each(["uri", "metadata"] as const)(
    "waits 3 seconds at most while the session before it is good: %s",
    (face) =>
      Effect.gen(function*() {
        const read = yield* make(Effect.sleep("10 seconds"), { face })
        yield* TestClock.adjust("50 minutes")
        const reading = yield* Effect.fork(read)
        yield* TestClock.adjust("2900 millis")
        assert.isTrue((yield* Fiber.poll(reading))._tag === "None")
        yield* TestClock.adjust("100 millis")
        assert.strictEqual(yield* Fiber.join(reading), "STS.1")
        yield* TestClock.adjust("10 seconds")
        assert.strictEqual(yield* read, "STS.2")
      })
  )

  it.scoped("waits no longer for the refresh of a session that does not say when it ends", () =>
    Effect.gen(function*() {
      const read = yield* make(Effect.sleep("10 seconds"), { isDated: false })
      yield* TestClock.adjust("13 minutes")
      const reading = yield* Effect.fork(read)
      yield* TestClock.adjust("3 seconds")
      assert.strictEqual(yield* Fiber.join(reading), "STS.1")
    }))

  it.scoped("gets the session before it while a refresh fails, until it ends", () =>
    Effect.gen(function*() {
      const read = yield* make(Effect.fail(broken))
      yield* TestClock.adjust("50 minutes")
      assert.strictEqual(yield* read, "STS.1")
      yield* TestClock.adjust("11 minutes")
      assert.strictEqual(yield* read, "503")
    }))
})
