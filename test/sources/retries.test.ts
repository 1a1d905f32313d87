/** When a request is sent again, and when it is given up. */
import * as CredentialsUri from "@effect-alicloud/credentials/CredentialsUri"
import type { Endpoint, Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Option, Random, TestClock } from "effect"
import { cloud, count, credentialsUri, drive, journal, requested, setFaults } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { build, getOf, network, noConnection } from "../kit/world.ts"
import { oidcRoleArn, ramRoleArn, rsaKeyPair, uri } from "./utils/services.ts"

const passing: ReadonlyArray<readonly [title: string, fault: (endpoint: Endpoint) => Fault]> = [
  ["a lost connection", (endpoint) => ({ endpoint, kind: "disconnect", times: 2 })],
  ["a refused connection", (endpoint) => ({ endpoint, kind: "refuse", times: 2 })],
  ["a truncated answer", (endpoint) => ({ endpoint, kind: "truncate", times: 2 })],
  ["status 500", (endpoint) => ({ endpoint, kind: "status", status: 500, times: 2 })],
  ["status 502", (endpoint) => ({ endpoint, kind: "status", status: 502, times: 2 })],
  ["status 503", (endpoint) => ({ endpoint, kind: "status", status: 503, times: 2 })],
  ["throttling", (endpoint) => ({ endpoint, kind: "throttle", times: 2 })],
  [
    "status 503 with a code",
    (endpoint) => ({ endpoint, kind: "error", status: 503, code: "ServiceUnavailable", times: 2 })
  ],
  ["an internal error", (endpoint) => ({ endpoint, kind: "error", status: 500, code: "InternalError", times: 2 })]
]

describe("a failure that may pass", () => {
  for (const service of [ramRoleArn, oidcRoleArn, rsaKeyPair, uri]) {
    for (const [title, fault] of passing) {
      it.effect(`${service.name}: ${title} is survived twice`, () =>
        Effect.gen(function*() {
          yield* setFaults(fault(service.endpoint))
          yield* drive(getOf(service.layer))
          assert.strictEqual(yield* count, 3)
        }).pipe(Effect.provide(cloud().layer)))
    }

    it.effect(`${service.name}: three times is too often`, () =>
      Effect.gen(function*() {
        yield* setFaults({ endpoint: service.endpoint, kind: "disconnect", times: 3 })
        const error = yield* errorOf(drive(getOf(service.layer)))
        assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Transport")
        assert.strictEqual(yield* count, 3)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("is followed by a pause that grows", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "uri", kind: "throttle", times: 2 })
      yield* drive(getOf(uri.layer)).pipe(Effect.withRandom(Random.fixed([0.5])))
      const [first = 0, second = 0, third = 0] = (yield* journal).map(({ at }) => at)
      assert.deepStrictEqual([second - first, third - second], [200, 400])
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("a service that stays unavailable is not said to limit requests", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "error", status: 503, code: "ServiceUnavailable" })
      const { message } = yield* errorOf(drive(getOf(ramRoleArn.layer)))
      assert.match(message, /BadStatus.*code ServiceUnavailable.*temporarily unavailable/)
      assert.notMatch(message, /Throttled|fewer callers/)
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("throttling that lasts is reported as such, with a hint", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "throttle" })
      const error = yield* errorOf(drive(getOf(ramRoleArn.layer)))
      assert.match(error.message, /Throttled.*code Throttling\.User.*fewer callers, or longer sessions/)
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("every attempt is signed anew, with a nonce and a time of its own", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "throttle", times: 2 })
      yield* drive(getOf(ramRoleArn.layer))
      const nonces = [0, 1, 2].map((index) => parameter(index, "SignatureNonce"))
      assert.strictEqual(new Set(nonces).size, 3)
      for (const nonce of nonces) {
        assert.match(nonce ?? "", /^[0-9a-f]{32}$/)
      }
    }).pipe(Effect.provide(layer))
  })
})

describe("a failure that will not pass", () => {
  const lasting: ReadonlyArray<readonly [title: string, fault: Fault]> = [
    ["a refusal", { endpoint: "sts", kind: "error", status: 403, code: "NoPermission" }],
    ["a refusal under a status that sounds transient", {
      endpoint: "sts",
      kind: "error",
      status: 503,
      code: "NoPermission"
    }],
    ["a code nobody knows", { endpoint: "sts", kind: "error", status: 400, code: "Some.NewCode" }],
    ["an answer that is not JSON", { endpoint: "sts", kind: "malformed" }],
    ["a session that has ended", { endpoint: "sts", kind: "expired" }],
    ["a page that is not there", { endpoint: "sts", kind: "html404" }]
  ]
  for (const [title, fault] of lasting) {
    it.effect(`${title} is not tried again`, () =>
      Effect.gen(function*() {
        yield* setFaults(fault)
        yield* errorOf(getOf(ramRoleArn.layer))
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("a certificate that is not trusted is not tried again, and says what to do", () => {
    const untrusted = network((request) =>
      noConnection(
        request,
        new TypeError("fetch failed", {
          cause: Object.assign(new Error("s3cr3t"), { code: "SELF_SIGNED_CERT_IN_CHAIN" })
        })
      )
    )
    return Effect.gen(function*() {
      const error = yield* errorOf(getOf(Layer.provide(ramRoleArn.layer, untrusted.layer)))
      assert.strictEqual(
        error.message,
        "RamRoleArn failed, Transport: the certificate of https://sts.aliyuncs.com is not trusted " +
          "(code SELF_SIGNED_CERT_IN_CHAIN). If the network re-signs TLS, point NODE_EXTRA_CA_CERTS at its CA certificate."
      )
      assert.strictEqual(error._tag === "SourceFailed" && error.retryable, false)
      assert.strictEqual(untrusted.requests.length, 1)
    })
  })
})

describe("a session that has failed before", () => {
  it.scoped("is sent once each time, until it has succeeded", () =>
    Effect.gen(function*() {
      const fault: Fault = { endpoint: "uri", kind: "disconnect" }
      yield* setFaults(fault)
      const provider = yield* build(uri.layer)
      yield* errorOf(drive(provider.get))
      assert.strictEqual(yield* count, 3)
      yield* errorOf(provider.get)
      assert.strictEqual(yield* count, 4)
      yield* TestClock.adjust("10 seconds")
      yield* errorOf(provider.get)
      assert.strictEqual(yield* count, 5)
      yield* setFaults()
      yield* TestClock.adjust("10 seconds")
      yield* provider.get
      assert.strictEqual(yield* count, 6)
      yield* setFaults(fault)
      yield* TestClock.adjust("2 hours")
      yield* errorOf(drive(provider.get))
      assert.strictEqual(yield* count, 9)
    }).pipe(Effect.provide(cloud().layer)))
})

describe("the deadline", () => {
  const deadlines: ReadonlyArray<readonly [title: string, options: CredentialsUri.Config, millis: number]> = [
    ["is 15 seconds", {}, 15_000],
    ["is the sum of both time-outs", { timeout: "1 second", connectTimeout: 500 }, 1500]
  ]
  for (const [title, options, millis] of deadlines) {
    it.effect(`${title}: silence is a time-out then, and not tried again`, () =>
      Effect.gen(function*() {
        yield* setFaults({ endpoint: "uri", kind: "hang" })
        const layer = CredentialsUri.layer({ credentialsUri, ...options })
        const fiber = yield* Effect.fork(Effect.flip(getOf(layer)))
        yield* TestClock.adjust(Duration.millis(millis - 1))
        assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
        yield* TestClock.adjust("1 millis")
        const error = yield* Fiber.join(fiber)
        assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Timeout")
        assert.include(error.message, "no answer from http://127.0.0.1:6666 within")
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("holds for a request that is signed", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "hang" })
      const fiber = yield* Effect.fork(Effect.flip(getOf(ramRoleArn.layer)))
      yield* requested(1)
      yield* TestClock.adjust("15 seconds")
      const error = yield* Fiber.join(fiber)
      assert.include(error.message, "Timeout: no answer from https://sts.aliyuncs.com within 15s")
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("holds for a body that stalls", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "uri", kind: "stall" })
      const fiber = yield* Effect.fork(Effect.flip(getOf(uri.layer)))
      yield* TestClock.adjust("15 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Timeout")
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("is shared by all attempts and their pauses", () =>
    Effect.gen(function*() {
      yield* setFaults(
        { endpoint: "uri", kind: "latency", millis: 6000 },
        { endpoint: "uri", kind: "status", status: 503 }
      )
      const fiber = yield* Effect.fork(Effect.flip(getOf(uri.layer)))
      yield* TestClock.adjust("14999 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      assert.strictEqual(yield* count, 3)
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Timeout")
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("an answer just before it counts", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "uri", kind: "latency", millis: 14_999 })
      const fiber = yield* Effect.fork(getOf(uri.layer))
      yield* TestClock.adjust("15 seconds")
      assert.strictEqual((yield* Fiber.join(fiber)).type, "credentials_uri")
    }).pipe(Effect.provide(cloud().layer)))
})
