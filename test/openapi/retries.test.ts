/** What is repeated, how often, and within which time. */
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as OpenApiError from "@effect-alicloud/openapi/OpenApiError"
import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Duration, Effect, Fiber, Layer, Random, Schema, TestClock } from "effect"
import { cloud, count, journal, requested } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { network, noConnection } from "../kit/world.ts"
import { drive, tick } from "./utils/drive.ts"
import { accessKey, world } from "./utils/identities.ts"

const version = "2014-05-26"

const client = (fault: Fault, options: Partial<OpenApi.Options> = {}) =>
  Layer.provideMerge(
    Layer.provide(OpenApi.layer({ product: "ecs", version, ...options }), accessKey),
    cloud({ ...world, faults: [fault] }).layer
  )

const schema = Schema.Struct({ RequestId: Schema.String })

const describeRegions = OpenApi.call("DescribeRegions", { schema })

/** The same API, as if it changed something. */
const change = OpenApi.call("DescribeRegions", { schema, idempotent: false })

const unavailable = { endpoint: "ecs", kind: "status", status: 503 } as const

const passing: ReadonlyArray<readonly [what: string, fault: Fault]> = [
  ["a server error", unavailable],
  ["a server error with a code", { endpoint: "ecs", kind: "error", status: 500, code: "InternalError" }],
  ["a lost connection", { endpoint: "ecs", kind: "disconnect" }],
  ["an answer that breaks off", { endpoint: "ecs", kind: "truncate" }],
  ["a request time-out", { endpoint: "ecs", kind: "status", status: 408 }]
]

const harmless: ReadonlyArray<readonly [what: string, fault: Fault]> = [
  ["throttling", { endpoint: "ecs", kind: "throttle" }],
  ["flow control", { endpoint: "ecs", kind: "error", status: 400, code: "Flow.FlowControl" }],
  ["status 429", { endpoint: "ecs", kind: "status", status: 429 }],
  ["a connection that was refused", { endpoint: "ecs", kind: "refuse" }]
]

describe("a call that only reads", () => {
  it.effect.each([...passing, ...harmless])("is repeated after %s", ([, fault]) =>
    Effect.gen(function*() {
      assert.property(yield* drive(describeRegions), "RequestId")
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(client({ ...fault, times: 2 }))))

  it.effect.each([...passing, ...harmless])(
    "is sent three times at most, for %s",
    ([, fault]) =>
      Effect.gen(function*() {
        const error = yield* drive(errorOf(describeRegions))
        assert.isTrue(OpenApiError.isRetryable(error))
        assert.strictEqual(yield* count, 3)
      }).pipe(Effect.provide(client(fault)))
  )

  it.effect.each([0, 1, 4])(
    "is sent %d times more when that is what was asked for",
    (retries) =>
      Effect.gen(function*() {
        yield* drive(errorOf(describeRegions))
        assert.strictEqual(yield* count, retries + 1)
      }).pipe(Effect.provide(client(unavailable, { retries })))
  )

  it.effect("pauses ever longer, and not always as long", () =>
    Effect.gen(function*() {
      yield* drive(errorOf(describeRegions))
      const times = (yield* journal).map(({ at }) => at)
      const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0))
      const bounds = [200, 400, 800, 1600, 3200, 5000]
      assert.lengthOf(pauses, 6)
      pauses.forEach((pause, index) => {
        assert.isAtMost(pause, bounds[index] ?? 0)
        assert.isAtLeast(pause, (bounds[index] ?? 0) / 2)
      })
    }).pipe(
      Effect.provide(client(unavailable, { retries: 6 })),
      Effect.withRandom(Random.make("jitter"))
    ))

  it.effect.each(
    [
      ["a refusal", { endpoint: "ecs", kind: "error", status: 403, code: "Forbidden.RAM" }],
      ["an answer that is not JSON", { endpoint: "ecs", kind: "malformed" }],
      ["a redirect", { endpoint: "ecs", kind: "redirect", location: "https://ecs.aliyuncs.com/" }]
    ] satisfies ReadonlyArray<readonly [string, Fault]>
  )("is not repeated after %s", ([, fault]) =>
    Effect.gen(function*() {
      assert.isFalse(OpenApiError.isRetryable(yield* drive(errorOf(describeRegions))))
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(client(fault))))
})

describe("a call that may change something", () => {
  it.effect.each(passing)(
    "is not repeated after %s: it may have been carried out",
    ([, fault]) =>
      Effect.gen(function*() {
        assert.isTrue(OpenApiError.isRetryable(yield* drive(errorOf(change))))
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(client(fault)))
  )

  it.effect.each(harmless)("is repeated after %s: it was not carried out", ([, fault]) =>
    Effect.gen(function*() {
      assert.property(yield* drive(change), "RequestId")
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(client({ ...fault, times: 2 }))))
})

describe("without being told,", () => {
  const sentFor = (action: string, call: OpenApi.Call) => {
    const { layer, requests } = network(() => new Response("", { status: 503 }))
    return Effect.gen(function*() {
      const client = yield* OpenApi.make({ product: "ecs", version, retries: 1 })
      yield* drive(errorOf(client.call(action, { ...call, schema })))
      return requests.length
    }).pipe(Effect.provide(Layer.merge(layer, TestCredentials.layer())))
  }

  it.effect.each(["DescribeInstances", "GetUser", "ListUsers", "QueryBill", "List"])(
    "%s only reads",
    (action) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* sentFor(action, {}), 2)
      })
  )

  it.effect.each(["RunInstances", "Listen", "Gettle", "DeleteList", "describeRegions"])(
    "%s may change something, also with GET in RPC style",
    (action) =>
      Effect.gen(function*() {
        assert.strictEqual(yield* sentFor(action, {}), 1)
        assert.strictEqual(yield* sentFor(action, { method: "GET" }), 1)
      })
  )

  it.effect("a GET in ROA style only reads, the other methods do not", () =>
    Effect.gen(function*() {
      const roa = { style: "ROA", path: "/clusters" } as const
      assert.strictEqual(yield* sentFor("Clusters", roa), 2)
      for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
        assert.strictEqual(yield* sentFor("Clusters", { ...roa, method }), 1)
      }
      assert.strictEqual(yield* sentFor("Clusters", { ...roa, method: "PUT", idempotent: true }), 2)
    }))
})

describe("throttling", () => {
  it.effect("waits as long as Retry-After says", () =>
    Effect.gen(function*() {
      yield* drive(change)
      assert.deepStrictEqual((yield* journal).map(({ at }) => at), [0, 700, 1400])
    }).pipe(
      Effect.provide(client({ endpoint: "ecs", kind: "throttle", times: 2, retryAfterMillis: 700 }))
    ))

  it.effect("is not waited out beyond the deadline, and the advice is in the error", () =>
    Effect.gen(function*() {
      const error = yield* drive(errorOf(describeRegions))
      assert.strictEqual(error._tag, "Throttled")
      assert.deepInclude(error, { code: "Throttling.User", status: 400, retryAfter: Duration.seconds(30) })
      assert.include(error.message, "Try again in 30s.")
      assert.strictEqual(yield* count, 1)
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
    }).pipe(
      Effect.provide(client({ endpoint: "ecs", kind: "throttle", retryAfterMillis: 30_000 }))
    ))

  it.effect("with the advice of HTTP is in seconds", () => {
    const { layer, requests } = network(() => new Response("", { status: 429, headers: { "retry-after": "1" } }))
    return Effect.gen(function*() {
      const client = yield* OpenApi.make({ product: "ecs", version })
      const error = yield* drive(errorOf(client.call("RunInstances", { schema })))
      assert.deepInclude(error, { _tag: "Throttled", code: undefined, retryAfter: Duration.seconds(1) })
      assert.lengthOf(requests, 3)
      assert.strictEqual(yield* Clock.currentTimeMillis, 2000)
    }).pipe(Effect.provide(Layer.merge(layer, TestCredentials.layer())))
  })
})

describe("a silent server", () => {
  const silent: Fault = { endpoint: "ecs", kind: "hang" }

  it.effect("costs one attempt of a call that may change something", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(errorOf(change))
      assert.strictEqual(yield* tick, 15_000)
      const error = yield* Fiber.join(fiber)
      assert.deepInclude(error, { _tag: "TransportError", reason: "Timeout", retryable: true })
      assert.strictEqual(error.message, "DescribeRegions failed: no answer from https://ecs.aliyuncs.com in time.")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(client(silent))))

  it.effect("is given up when the deadline of all attempts has passed", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(errorOf(describeRegions))
      assert.strictEqual(yield* tick, 15_000)
      assert.isAtMost(yield* tick, 15_200)
      assert.strictEqual(yield* tick, 30_000)
      assert.deepInclude(yield* Fiber.join(fiber), { _tag: "TransportError", reason: "Timeout" })
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(client(silent))))

  it.effect("costs as much as its options say", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(errorOf(describeRegions))
      assert.strictEqual(yield* tick, 2000)
      assert.deepInclude(yield* Fiber.join(fiber), { reason: "Timeout" })
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(client(silent, { deadline: "2 seconds" }))))

  it.effect("in the middle of its answer is no different", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(errorOf(change))
      assert.strictEqual(yield* tick, 3000)
      assert.deepInclude(yield* Fiber.join(fiber), { reason: "Timeout" })
    }).pipe(
      Effect.provide(client({ endpoint: "ecs", kind: "stall" }, { timeout: "2 seconds", connectTimeout: "1 second" }))
    ))

  it.effect("is left at once when the caller is interrupted", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(describeRegions)
      yield* requested(1)
      yield* Fiber.interrupt(fiber)
      yield* TestClock.adjust("1 minute")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(client(silent))))
})

describe("what the client says about a connection that failed", () => {
  const failing = (cause: unknown, options: Partial<OpenApi.Options> = {}) => {
    const { layer, requests } = network((request) => noConnection(request, cause))
    return Effect.gen(function*() {
      const client = yield* OpenApi.make({ product: "ecs", version, ...options })
      const error = yield* drive(errorOf(client.call("RunInstances", { schema })))
      assert.strictEqual(error._tag, "TransportError")
      return { error, sent: requests.length, message: error.message }
    }).pipe(Effect.provide(Layer.merge(layer, TestCredentials.layer())))
  }

  it.effect.each(
    [
      ["ENOTFOUND", "Transport", true, 3],
      ["UND_ERR_CONNECT_TIMEOUT", "Timeout", true, 3],
      ["ETIMEDOUT", "Timeout", true, 1],
      ["ECONNRESET", "Transport", true, 1],
      ["UND_ERR_HEADERS_TIMEOUT", "Timeout", true, 1],
      ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "Certificate", false, 1],
      ["DEPTH_ZERO_SELF_SIGNED_CERT", "Certificate", false, 1],
      ["UND_ERR_INVALID_ARG", "InvalidRequest", false, 1]
    ] as const
  )("%s", ([code, reason, retryable, sent]) =>
    Effect.gen(function*() {
      const cause = new TypeError("fetch failed s3cr3t", { cause: Object.assign(new Error("s3cr3t"), { code }) })
      const result = yield* failing(cause)
      assert.deepInclude(result.error, { reason, code, retryable, host: "https://ecs.aliyuncs.com" })
      assert.strictEqual(result.sent, sent)
      assert.include(result.message, code)
    }))

  it.effect.each(
    [
      [{}, "the name of https://ecs.aliyuncs.com does not resolve (ENOTFOUND). Check product, or set regionId"],
      [{ product: "ram", regionId: "cn-hangzhou" }, "leave out regionId for ram.aliyuncs.com, or set endpoint"],
      [{ endpoint: "ecs.example.com" }, "the name of https://ecs.example.com does not resolve (ENOTFOUND)."]
    ] as const
  )("says what helps when the name of the host does not resolve: %j", ([options, text]) =>
    Effect.gen(function*() {
      const { message } = yield* failing(Object.assign(new Error(), { code: "ENOTFOUND" }), options)
      assert.include(message, text)
    }))

  it.effect("says what helps when the certificate is not trusted", () =>
    Effect.gen(function*() {
      const { message } = yield* failing(Object.assign(new Error(), { code: "SELF_SIGNED_CERT_IN_CHAIN" }))
      assert.include(message, "NODE_EXTRA_CA_CERTS")
    }))
})

describe("credentials", () => {
  it.effect("are read before each attempt, and at no other time", () => {
    const { layer } = network(() => new Response("", { status: 500 }))
    return Effect.gen(function*() {
      const provider = yield* CredentialsProvider
      let asked = 0
      const counting = { ...provider, get: Effect.zipRight(Effect.sync(() => asked++), provider.get) }
      const client = yield* Effect.provideService(
        OpenApi.make({ product: "ecs", version }),
        CredentialsProvider,
        counting
      )
      assert.strictEqual(asked, 0)
      yield* drive(errorOf(client.call("DescribeRegions", { schema })))
      assert.strictEqual(asked, 3)
      yield* drive(errorOf(client.call("DescribeRegions", { schema, anonymous: true })))
      assert.strictEqual(asked, 3)
    }).pipe(Effect.provide(Layer.merge(layer, TestCredentials.layer())))
  })
})
