import { FetchHttpClient, HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Option, TestClock } from "effect"
import { errorOf, marker } from "../../../../../test/kit/leaks.ts"
import { type Answered, json, network, noConnection } from "../../../../../test/kit/world.ts"
import type { SourceFailed } from "../../../src/CredentialsError.ts"
import { PreviousFailures } from "../../../src/internal/session/refreshing.ts"
import * as Exchange from "../../../src/internal/source/exchange.ts"
import { Connection } from "../../../src/Platform.ts"
import * as Transport from "../../../src/unstable/Transport.ts"

const url = `http://127.0.0.1:6666/path?token=${marker}`

const exchange: Exchange.Exchange<Transport.Answer, never> = {
  source: "Test",
  url,
  request: Effect.succeed(HttpClientRequest.get(url)),
  timeouts: Transport.defaultTimeouts,
  direct: false,
  retries: 0,
  interpret: Effect.succeed
}

const send = (more: Partial<Exchange.Exchange<Transport.Answer, never>> = {}): Effect.Effect<
  Transport.Answer,
  SourceFailed,
  HttpClient.HttpClient
> => Effect.flatMap(Exchange.make, (make) => make({ ...exchange, ...more }))

const failing = (cause: unknown) => network((request) => noConnection(request, cause))

const coded = (code: unknown, more: object = {}): Error => Object.assign(new Error(`${marker}`), { code, ...more })

describe("an exchange", () => {
  it.effect("hands over status and text, whatever the status is, and follows no redirect", () =>
    Effect.gen(function*() {
      const answers: Array<Response> = [
        new Response("text", { status: 500 }),
        new Response("", { status: 403 }),
        new Response(null, { status: 204 }),
        new Response(null, { status: 302, headers: { location: "http://127.0.0.1:1/" } })
      ]
      const { layer, requests } = network(() => answers.shift()!)
      const seen = yield* Effect.replicateEffect(send(), 4).pipe(Effect.provide(layer))
      assert.deepStrictEqual(seen.map(({ status, text }) => [status, text]), [[500, "text"], [403, ""], [204, ""], [
        302,
        ""
      ]])
      assert.strictEqual(requests.length, 4)
    }))

  it.effect("tells the client its time-outs, whether a proxy may be used, and to follow no redirect", () =>
    Effect.gen(function*() {
      const seen: Array<unknown> = []
      const layer = Layer.succeed(
        HttpClient.HttpClient,
        HttpClient.make((request) =>
          Effect.gen(function*() {
            seen.push(yield* Connection)
            const context = yield* Effect.context<never>()
            seen.push(Context.getOption(context, FetchHttpClient.RequestInit))
            return HttpClientResponse.fromWeb(request, new Response("ok"))
          })
        )
      )
      const timeouts = { timeout: Duration.seconds(1), connectTimeout: Duration.seconds(2) }
      yield* send({ timeouts, direct: true }).pipe(Effect.provide(layer))
      assert.deepStrictEqual(seen, [{ ...timeouts, direct: true }, Option.some({ redirect: "manual" })])
    }))

  it.effect("an answer of more than 1 MiB is not read to its end", () =>
    Effect.gen(function*() {
      let pulled = 0
      const endless = network(() =>
        new Response(
          new ReadableStream({
            pull: (controller) => {
              pulled += 1
              controller.enqueue(new Uint8Array(64 * 1024))
            }
          })
        )
      )
      const error = yield* errorOf(send().pipe(Effect.provide(endless.layer)))
      assert.strictEqual(error.reason, "Malformed")
      assert.strictEqual(error.status, 200)
      assert.strictEqual(error.detail, "the answer of http://127.0.0.1:6666 is larger than 1 MiB")
      assert.isBelow(pulled, 40)
    }))

  it.effect("an answer of exactly 1 MiB is read", () =>
    Effect.gen(function*() {
      const { layer } = network(() => new Response("x".repeat(1024 * 1024)))
      assert.strictEqual((yield* send().pipe(Effect.provide(layer))).text.length, 1024 * 1024)
    }))

  it.effect("a body that breaks off is a lost connection", () =>
    Effect.gen(function*() {
      const { layer } = network(() =>
        new Response(
          new ReadableStream({
            start: (controller) => {
              controller.enqueue(new TextEncoder().encode(marker))
              controller.error(coded("UND_ERR_SOCKET"))
            }
          })
        )
      )
      const error = yield* errorOf(send().pipe(Effect.provide(layer)))
      assert.strictEqual(error.reason, "Transport")
      assert.strictEqual(error.code, "UND_ERR_SOCKET")
      assert.isTrue(error.retryable)
    }))
})

describe("no connection", () => {
  const untrusted: ReadonlyArray<readonly [title: string, cause: unknown, code: string]> = [
    ["as the code itself", coded("SELF_SIGNED_CERT_IN_CHAIN"), "SELF_SIGNED_CERT_IN_CHAIN"],
    [
      "one cause below",
      new TypeError("fetch failed", { cause: coded("DEPTH_ZERO_SELF_SIGNED_CERT") }),
      "DEPTH_ZERO_SELF_SIGNED_CERT"
    ],
    [
      "three causes below",
      new Error("a", {
        cause: new Error("b", { cause: new Error("c", { cause: coded("UNABLE_TO_VERIFY_LEAF_SIGNATURE") }) })
      }),
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE"
    ],
    [
      "among several errors",
      new AggregateError([coded("CERT_HAS_EXPIRED"), coded("ECONNREFUSED")]),
      "CERT_HAS_EXPIRED"
    ],
    ["as a wrong name", coded("ERR_TLS_CERT_ALTNAME_INVALID"), "ERR_TLS_CERT_ALTNAME_INVALID"]
  ]
  for (const [title, cause, code] of untrusted) {
    it.effect(`a certificate that is not trusted is found ${title}, hinted at and not tried again`, () =>
      Effect.gen(function*() {
        const { layer, requests } = failing(cause)
        const error = yield* errorOf(send({ retries: 2 }).pipe(Effect.provide(layer)))
        assert.strictEqual(error.reason, "Transport")
        assert.strictEqual(error.code, code)
        assert.strictEqual(error.detail, "the certificate of http://127.0.0.1:6666 is not trusted")
        assert.include(error.hint ?? "", "NODE_EXTRA_CA_CERTS")
        assert.isFalse(error.retryable)
        assert.strictEqual(requests.length, 1)
      }))
  }

  const codes: ReadonlyArray<readonly [code: string, reason: string, neverConnected: boolean]> = [
    ["ECONNREFUSED", "Transport", true],
    ["ENOTFOUND", "Transport", true],
    ["EHOSTUNREACH", "Transport", true],
    ["ENETUNREACH", "Transport", true],
    ["ETIMEDOUT", "Timeout", false],
    ["UND_ERR_CONNECT_TIMEOUT", "Timeout", true],
    ["UND_ERR_HEADERS_TIMEOUT", "Timeout", false],
    ["UND_ERR_BODY_TIMEOUT", "Timeout", false],
    ["ECONNRESET", "Transport", false],
    ["UND_ERR_SOCKET", "Transport", false]
  ]
  for (const [code, reason, neverConnected] of codes) {
    it.effect(`${code} is ${reason}${neverConnected ? ", and nobody was reached" : ""}`, () =>
      Effect.gen(function*() {
        const { layer } = failing(new TypeError("fetch failed", { cause: coded(code) }))
        const error = yield* errorOf(send().pipe(Effect.provide(layer)))
        assert.strictEqual(error.reason, reason)
        assert.strictEqual(error.code, code)
        assert.isTrue(error.retryable)
        assert.strictEqual(Exchange.neverConnected(error), neverConnected)
      }))
  }

  it.effect("a cause that is no error, that has a strange code or that goes round in circles does no harm", () =>
    Effect.gen(function*() {
      const circle: { cause?: unknown } = {}
      circle.cause = circle
      for (const cause of [undefined, null, marker, 7, circle, coded(7), coded({}), coded(`a b ${marker}`), []]) {
        const error = yield* errorOf(send().pipe(Effect.provide(failing(cause).layer)))
        assert.strictEqual(error.message, "Test failed, Transport: no connection to http://127.0.0.1:6666.")
      }
    }))

  it.effect("a request with an address that is none cannot be sent, and is not repeated", () =>
    Effect.gen(function*() {
      const { layer, requests } = network((request) =>
        new HttpClientError.RequestError({ request, reason: "InvalidUrl", cause: coded("ERR_INVALID_URL") })
      )
      const error = yield* errorOf(send({ retries: 2 }).pipe(Effect.provide(layer)))
      assert.strictEqual(error.detail, "the request to http://127.0.0.1:6666 cannot be sent")
      assert.isFalse(error.retryable)
      assert.strictEqual(requests.length, 1)
    }))
})

describe("attempts", () => {
  const script = (answers: ReadonlyArray<"reset" | Response>) => {
    const left = [...answers]
    return network((request): Answered => {
      const next = left.shift()
      return next === "reset" || next === undefined ? noConnection(request, coded("ECONNRESET")) : next
    })
  }

  it.effect("are repeated after a pause, each with a request of its own", () =>
    Effect.gen(function*() {
      let made = 0
      const request = Effect.sync(() =>
        HttpClientRequest.setHeader(HttpClientRequest.get(url), "x-made", String(++made))
      )
      const { layer, requests } = script(["reset", "reset", json({})])
      const fiber = yield* Effect.fork(send({ retries: 2, request }).pipe(Effect.provide(layer)))
      yield* TestClock.adjust("159 millis")
      assert.strictEqual(requests.length, 1)
      yield* TestClock.adjust("81 millis")
      assert.strictEqual(requests.length, 2)
      yield* TestClock.adjust("480 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).status, 200)
      assert.deepStrictEqual(requests.map(({ headers }) => headers["x-made"]), ["1", "2", "3"])
    }))

  it.effect("are not repeated for a session that has failed before", () =>
    Effect.gen(function*() {
      const { layer, requests } = script([])
      yield* errorOf(
        send({ retries: 2 }).pipe(Effect.provideService(PreviousFailures, 1), Effect.provide(layer))
      )
      assert.strictEqual(requests.length, 1)
    }))

  it.effect("share one deadline, pauses included", () =>
    Effect.gen(function*() {
      const { layer, requests } = network((request) =>
        requests.length < 2 ? noConnection(request, coded("ECONNRESET")) : new Promise<never>(() => undefined)
      )
      const fiber = yield* Effect.fork(Effect.flip(send({ retries: 2 })).pipe(Effect.provide(layer)))
      yield* TestClock.adjust("14999 millis")
      assert.strictEqual(requests.length, 2)
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 millis")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.message, "Test failed, Timeout: no answer from http://127.0.0.1:6666 within 15s.")
    }))

  it.effect("a body that stalls ends at the deadline, too", () =>
    Effect.gen(function*() {
      const { layer } = network(() =>
        new Response(new ReadableStream({ pull: () => new Promise<void>(() => undefined) }))
      )
      const timeouts = { timeout: Duration.seconds(1), connectTimeout: Duration.seconds(1) }
      const fiber = yield* Effect.fork(Effect.flip(send({ timeouts })).pipe(Effect.provide(layer)))
      yield* TestClock.adjust("2 seconds")
      const error = yield* Fiber.join(fiber)
      assert.strictEqual(error.reason, "Timeout")
      assert.isTrue(error.retryable)
    }))
})
