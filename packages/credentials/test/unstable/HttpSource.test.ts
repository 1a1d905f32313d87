import { HttpClient, HttpClientError, HttpClientRequest, HttpClientResponse } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Redacted, Schema, TestClock } from "effect"
import { driveWithin } from "../../../../test/kit/drive.ts"
import { errorOf, marker } from "../../../../test/kit/leaks.ts"
import { json, network, noConnection } from "../../../../test/kit/world.ts"
import { SourceFailed } from "../../src/CredentialsError.ts"
import * as HttpSource from "../../src/unstable/HttpSource.ts"

const origin = "https://broker.example.com"

const request = HttpClientRequest.get(`${origin}/keys?token=${marker}`)

const Answer = Schema.Struct({ id: Schema.String, secret: Schema.Redacted(Schema.NonEmptyString) })

const keys = { id: "LTAI5tOwn", secret: marker }

const viaJson = HttpSource.json("Broker", { request, answer: Answer, retries: 0, hint: "Ask its owners." })

const viaClient = Effect.flatMap(HttpClient.HttpClient, (client) => client.execute(request)).pipe(
  Effect.flatMap(HttpClientResponse.filterStatusOk),
  Effect.flatMap(HttpClientResponse.schemaBodyJson(Answer, { errors: "all" })),
  HttpSource.mapErrors("Broker")
)

const requestId = "0A1B2C3D-0000-4000-8000-000000000001"

/** What both ways make of an answer. */
const refusals: ReadonlyArray<readonly [title: string, answer: () => Response, expected: Partial<SourceFailed>]> = [
  [
    "a refusal with a code and a request id",
    () => json({ Code: "NoPermission", Message: marker, RequestId: requestId }, 400),
    { reason: "Denied", status: 400, code: "NoPermission", requestId, retryable: false }
  ],
  [
    "a code and a request id under other names",
    () => json({ error: { code: "quota_gone", message: marker }, request_id: requestId }, 409),
    { reason: "Denied", status: 409, code: "quota_gone", requestId, retryable: false }
  ],
  [
    "an OAuth error, and a request id in a header",
    () =>
      Response.json({ error: "invalid_grant", error_description: marker }, {
        status: 400,
        headers: { "x-request-id": requestId }
      }),
    { reason: "Denied", status: 400, code: "invalid_grant", requestId, retryable: false }
  ],
  [
    "a status that is a refusal by itself",
    () => new Response(`<html>${marker}</html>`, { status: 403 }),
    { reason: "Denied", status: 403, code: undefined, retryable: false }
  ],
  ["a code that is no word", () => json({ code: `${marker}1` }, 404), { reason: "BadStatus", code: undefined }],
  ["a limit", () => new Response("", { status: 429 }), { reason: "Throttled", status: 429, retryable: true }],
  ["a service that is down", () => new Response("", { status: 503 }), { reason: "BadStatus", retryable: true }],
  [
    "a document of another shape",
    () => json({ id: [marker], secret: "" }),
    { reason: "Malformed", retryable: true }
  ]
]

describe("the errors of a source outside this repository", () => {
  for (const [title, answer, expected] of refusals) {
    it.effect(`say the same of ${title}, with json and with a client`, () =>
      Effect.gen(function*() {
        for (const get of [viaJson, viaClient]) {
          const error = yield* errorOf(Effect.provide(get, network(answer).layer))
          assert.instanceOf(error, SourceFailed)
          assert.deepInclude(error, { source: "Broker", ...expected })
          assert.notInclude(error.message, "/keys")
        }
      }))
  }

  it.effect("name the origin, the facts and the hint", () =>
    Effect.gen(function*() {
      const { layer } = network(() => json({ Code: "NoPermission", RequestId: requestId }, 403))
      const error = yield* errorOf(Effect.provide(viaJson, layer))
      assert.strictEqual(
        error.message,
        `Broker failed, Denied: ${origin} refused (HTTP 403, code NoPermission, request id ${requestId}). Ask its owners.`
      )
    }))

  it.effect("name the places of a document that are wrong", () =>
    Effect.gen(function*() {
      const { layer } = network(() => json({ id: [marker] }))
      const issues = "id must be a string, not array; secret is missing"
      const [one, other] = yield* Effect.all([viaJson, viaClient].map((get) => errorOf(Effect.provide(get, layer))))
      assert.strictEqual(one?.detail, `the answer of ${origin} is not usable: ${issues}`)
      assert.strictEqual(other?.detail, `the answer is not usable: ${issues}`)
    }))

  it.effect("tell no JSON from a connection that was lost", () =>
    Effect.gen(function*() {
      const noJson = yield* errorOf(Effect.provide(viaClient, network(() => new Response(`{"id":${marker}`)).layer))
      assert.deepInclude(noJson, { reason: "Malformed", status: 200 })
      assert.include(noJson.detail, "not valid JSON")
      const lost = network((request) => noConnection(request, Object.assign(new Error(marker), { code: "ECONNRESET" })))
      for (const get of [viaJson, viaClient]) {
        const error = yield* errorOf(Effect.provide(get, lost.layer))
        assert.deepInclude(error, { reason: "Transport", code: "ECONNRESET", detail: `no connection to ${origin}` })
      }
    }))

  it.effect("come from Effect.timeout, too, and leave other errors as they are", () =>
    Effect.gen(function*() {
      const fiber = yield* Effect.fork(
        errorOf(Effect.never.pipe(Effect.timeout("5 seconds"), HttpSource.mapErrors("Broker")))
      )
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* Fiber.join(fiber), { reason: "Timeout", retryable: true })
      assert.strictEqual(yield* errorOf(Effect.fail("other").pipe(HttpSource.mapErrors("Broker"))), "other")
    }))

  it.effect("do not wait for the end of a refusal", () =>
    Effect.gen(function*() {
      const response = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), { status: 500 })
      const fiber = yield* Effect.fork(
        errorOf(HttpSource.refused("Broker", HttpClientResponse.fromWeb(request, response)))
      )
      yield* TestClock.adjust("5 seconds")
      assert.deepInclude(yield* Fiber.join(fiber), { reason: "BadStatus", status: 500, retryable: true })
    }))

  it.effect("say that an answer is empty", () =>
    Effect.gen(function*() {
      const response = HttpClientResponse.fromWeb(request, new Response(""))
      const empty = new HttpClientError.ResponseError({ request, response, reason: "EmptyBody" })
      const error = yield* errorOf(HttpSource.mapErrors("Broker")(Effect.fail(empty)))
      assert.strictEqual(error.detail, `the answer of ${origin} is not usable: it is empty`)
    }))
})

describe("a request for JSON", () => {
  it.effect("is repeated after a failure that passes, and decodes the answer", () =>
    Effect.gen(function*() {
      const answers = [new Response("", { status: 503 }), new Response("", { status: 429 }), json(keys)]
      const { layer, requests } = network(() => answers.shift()!)
      const found = yield* HttpSource.json("Broker", { request, answer: Answer }).pipe(
        Effect.provide(layer),
        driveWithin(1000)
      )
      assert.deepStrictEqual([found.id, Redacted.value(found.secret)], [keys.id, keys.secret])
      assert.strictEqual(requests.length, 3)
    }))

  it.effect("is not repeated after a refusal", () =>
    Effect.gen(function*() {
      const { layer, requests } = network(() => json({ code: "Forbidden" }, 403))
      yield* errorOf(Effect.provide(HttpSource.json("Broker", { request, answer: Answer }), layer))
      assert.strictEqual(requests.length, 1)
    }))
})
