import { Connection } from "@effect-alicloud/credentials/Platform"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { MalformedResponse, TransportError } from "../OpenApiError.ts"
import * as text from "./text.ts"

const maxBodyMebibytes = 32

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/** Who asks whom, for errors. */
export interface Exchange {
  readonly action: string
  /** Scheme, host and port. */
  readonly host: string
}

export type Send = (
  exchange: Exchange,
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<Answer, TransportError | MalformedResponse>

/**
 * Sends one request through the `HttpClient` of the context: no trace headers, no span that records the URL, no
 * redirects, a bounded body.
 */
export const make = (timeouts: {
  readonly connectTimeout: Duration.Duration
  readonly timeout: Duration.Duration
}): Effect.Effect<Send, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (client) => {
    const hardened = client.pipe(HttpClient.withTracerPropagation(false), HttpClient.withTracerDisabledWhen(() => true))
    return (exchange, request) =>
      hardened.execute(request).pipe(
        Effect.flatMap((response) => readAnswer(exchange, response)),
        Effect.catchTags({
          RequestError: (error) => noAnswer(exchange, error),
          ResponseError: (error) => noAnswer(exchange, error)
        }),
        Effect.provideService(Connection, { ...timeouts, direct: false }),
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })
      )
  })

const readAnswer = (
  exchange: Exchange,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Answer, MalformedResponse | TransportError> => {
  let size = 0
  return response.stream.pipe(
    // At once: a stream runs in a fiber of its own, and Effect logs what that fails with, here the whole request.
    Stream.catchAll((error) => error.reason === "EmptyBody" ? Stream.empty : Stream.fail(noAnswer(exchange, error))),
    Stream.mapEffect((chunk) => {
      size += chunk.byteLength
      return size <= maxBodyMebibytes * 1024 * 1024 ? Effect.succeed(chunk) : Effect.fail(
        new MalformedResponse({
          ...exchange,
          status: response.status,
          issues: [`it is larger than ${maxBodyMebibytes} MiB`]
        })
      )
    }),
    Stream.decodeText(),
    Stream.mkString,
    Effect.map((text) => ({ status: response.status, headers: response.headers, text }))
  )
}

export const timedOut = (exchange: Exchange, code?: string): TransportError =>
  new TransportError({ ...exchange, reason: "Timeout", code, retryable: true })

const noAnswer = (exchange: Exchange, error: HttpClientError.HttpClientError): TransportError => {
  const code = codeOf(error)
  if (error.reason === "InvalidUrl" || error.reason === "Encode" || (code !== undefined && unsendable.test(code))) {
    return new TransportError({ ...exchange, reason: "InvalidRequest", code, retryable: false })
  }
  if (code !== undefined && untrusted.test(code)) {
    return new TransportError({ ...exchange, reason: "Certificate", code, retryable: false })
  }
  return code !== undefined && timeouts.has(code)
    ? timedOut(exchange, code)
    : new TransportError({ ...exchange, reason: "Transport", code, retryable: true })
}

const unsendable = /^(?:INVALID_HTTPS?_PROXY|CLIENT_CLOSED|UND_ERR_INVALID_ARG|ERR_(?:HTTP_)?INVALID_[A-Z_]+)$/

const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH/

const timeouts: ReadonlySet<string> = new Set([
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT",
  "UND_ERR_HEADERS_TIMEOUT",
  "UND_ERR_BODY_TIMEOUT"
])

const unconnected: ReadonlySet<string> = new Set([
  "EADDRNOTAVAIL",
  "EAI_AGAIN",
  "ECONNREFUSED",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "UND_ERR_CONNECT_TIMEOUT"
])

/** Whether the request cannot have reached a server. */
export const neverConnected = (error: TransportError): boolean =>
  error.code !== undefined && unconnected.has(error.code)

/** The system's or client's code, wherever it is nested: `ECONNREFUSED`. */
const codeOf = (error: unknown): string | undefined => {
  let cause = error
  for (let depth = 0; depth < 8 && typeof cause === "object" && cause !== null; depth++) {
    const { cause: next, code, errors } = cause as { code?: unknown; cause?: unknown; errors?: unknown }
    const known = text.systemCode(code)
    if (known !== undefined) {
      return known
    }
    cause = next ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return undefined
}
