/** The `HttpClient` of the fake cloud in memory. */
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Effect from "effect/Effect"
import type { NoAnswer, Outcome, Request, Truncated } from "../FakeAlicloud.ts"

/** The codes under which Node.js reports what `fetch`, `undici` and `node:http` could not do. */
const codes: Readonly<Record<Exclude<NoAnswer["_tag"], "Hang">, string>> = {
  Refused: "ECONNREFUSED",
  Disconnected: "ECONNRESET",
  UnknownHost: "ENOTFOUND"
}

const systemError = (code: string, host: string): Error =>
  Object.assign(new Error(`${code === "ENOTFOUND" ? "getaddrinfo" : "connect"} ${code} ${host}`), { code })

const bodyOf = (request: HttpClientRequest.HttpClientRequest): Effect.Effect<string, HttpClientError.RequestError> => {
  switch (request.body._tag) {
    case "Empty":
      return Effect.succeed("")
    case "Uint8Array":
      return Effect.succeed(new TextDecoder().decode(request.body.body))
    case "Raw":
      return Effect.succeed(String(request.body.body))
    default:
      return new HttpClientError.RequestError({
        request,
        reason: "Encode",
        description: "the fake reads text bodies only"
      })
  }
}

const cut = (outcome: Truncated): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(outcome.sent)),
    pull: (controller) =>
      outcome.ending === "silence"
        ? new Promise<void>(() => undefined)
        : controller.error(new TypeError("terminated"))
  }, { highWaterMark: 0 })

const bodiless = [204, 205, 304]

const toResponse = (
  request: HttpClientRequest.HttpClientRequest,
  outcome: Outcome,
  host: string
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.RequestError> => {
  switch (outcome._tag) {
    case "Reply":
    case "Truncated": {
      const body = outcome._tag === "Truncated" ? cut(outcome) : bodiless.includes(outcome.status) ? null : outcome.body
      const response = new Response(body, { status: outcome.status, headers: outcome.headers })
      return Effect.succeed(HttpClientResponse.fromWeb(request, response))
    }
    case "Hang":
      return Effect.never
    default:
      return new HttpClientError.RequestError({
        request,
        reason: "Transport",
        cause: systemError(codes[outcome._tag], host)
      })
  }
}

/** A client whose network consists of the model. */
export const makeMemoryClient = (handle: (request: Request) => Effect.Effect<Outcome>): HttpClient.HttpClient =>
  HttpClient.make((request, url) =>
    Effect.gen(function*() {
      const outcome = yield* handle({
        method: request.method,
        url: url.href,
        headers: { host: url.host, ...request.headers },
        body: yield* bodyOf(request)
      })
      return yield* toResponse(request, outcome, url.host)
    })
  )
