/**
 * One HTTP request and what became of it: nothing of it in traces, no redirects, a bounded body, and one reading of the
 * many ways in which a client fails. Used by the sources of this package, by the calls of `@effect-alicloud/openapi` and
 * by `doctor` of the command line tool.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import { Connection } from "../Platform.ts"
import type { ProxyProblem } from "./Proxy.ts"
import * as Text from "./Text.ts"

/**
 * How long connecting may take, and how long the server may then be silent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Timeouts {
  readonly timeout: Duration.Duration
  readonly connectTimeout: Duration.Duration
}

/**
 * 5 seconds for the answer, 10 for the connection.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultTimeouts: Timeouts = { timeout: Duration.seconds(5), connectTimeout: Duration.seconds(10) }

/**
 * A complete answer, whatever its status is.
 *
 * @since 0.1.0
 * @category models
 */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

/**
 * Why there is no answer. Nothing in it is of the request.
 *
 * - `Timeout`: it did not come in time
 * - `Transport`: no connection, or it was lost
 * - `Certificate`: the server's certificate is not trusted
 * - `Proxy`: the proxy that the environment names cannot be used, or refused
 * - `InvalidRequest`: the client could not send the request
 *
 * @since 0.1.0
 * @category errors
 */
export class NoAnswer extends Data.TaggedError("NoAnswer")<{
  readonly reason: "Timeout" | "Transport" | "Certificate" | "Proxy" | "InvalidRequest"
  /** The system's or the client's code: `ECONNREFUSED`. */
  readonly code?: string | undefined
  /** What is wrong with the proxy, and what to do about it. */
  readonly proxy?: ProxyProblem | undefined
  /** Whether the same request may get an answer later. */
  readonly retryable: boolean
}> {}

/**
 * The answer has more bytes than its reader allows.
 *
 * @since 0.1.0
 * @category errors
 */
export class TooLarge extends Data.TaggedError("TooLarge")<{ readonly status: number }> {}

const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/

/**
 * The time of the `Date` header, in epoch milliseconds: whole seconds, rounded down.
 *
 * @since 0.1.0
 * @category unstable
 */
export const dateOf = (headers: Readonly<Record<string, string | undefined>>): number | undefined => {
  const text = headers["date"]?.trim() ?? ""
  const millis = httpDate.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(millis) ? undefined : millis
}

/**
 * What to do about this machine's clock, which is so many milliseconds ahead of a service's.
 *
 * @since 0.1.0
 * @category unstable
 */
export const clockHint = (aheadMillis: number, service: string): string => {
  const difference = Duration.format(Duration.seconds(Math.round(Math.abs(aheadMillis) / 1000)))
  const direction = aheadMillis > 0 ? "ahead of" : "behind"
  return `This machine's clock is wrong, ${difference} ${direction} ${service}: correct it, best with a time service (NTP).`
}

/**
 * What helps where a certificate is not trusted.
 *
 * @since 0.1.0
 * @category constants
 */
export const certificateHint = "If the network re-signs TLS, point NODE_EXTRA_CA_CERTS at its CA certificate."

/**
 * Sends one request through a client and hands its response to `read`: no trace headers, no span that records the URL,
 * no redirects.
 *
 * @since 0.1.0
 * @category execution
 */
export const send = <A, E>(
  client: HttpClient.HttpClient,
  request: HttpClientRequest.HttpClientRequest,
  connection: Timeouts & { readonly direct: boolean },
  read: (response: HttpClientResponse.HttpClientResponse) => Effect.Effect<A, E>
): Effect.Effect<A, E | NoAnswer> => {
  const { connectTimeout, direct, timeout } = connection
  return client.pipe(
    HttpClient.withTracerPropagation(false),
    HttpClient.withTracerDisabledWhen(() => true)
  ).execute(request).pipe(
    Effect.mapError(noAnswer),
    Effect.flatMap(read),
    Effect.provideService(Connection, { connectTimeout, timeout, direct }),
    Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })
  )
}

/**
 * Reads a response to its end, which must come within `maxBytes`.
 *
 * @since 0.1.0
 * @category execution
 */
export const readAnswer =
  (maxBytes: number) => (response: HttpClientResponse.HttpClientResponse): Effect.Effect<Answer, NoAnswer | TooLarge> =>
    Effect.suspend(() => {
      let size = 0
      return response.stream.pipe(
        // At once: a stream runs in a fiber of its own, and Effect logs the error of that fiber, here the whole request.
        Stream.catchAll((error) => error.reason === "EmptyBody" ? Stream.empty : Stream.fail(noAnswer(error))),
        Stream.mapEffect((chunk) => {
          size += chunk.byteLength
          return size <= maxBytes ? Effect.succeed(chunk) : new TooLarge({ status: response.status })
        }),
        Stream.decodeText(),
        Stream.mkString,
        Effect.map((text) => ({ status: response.status, headers: response.headers, text }))
      )
    })

const unsendable = /^(?:CLIENT_CLOSED|UND_ERR_INVALID_ARG|ERR_(?:HTTP_)?INVALID_[A-Z_]+)$/

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
  // There is no Unix socket at the path.
  "ENOENT",
  "ENOTFOUND",
  "PROXY_REFUSED",
  "UND_ERR_CONNECT_TIMEOUT"
])

/**
 * Whether a request that ended with this code cannot have reached a server.
 *
 * @since 0.1.0
 * @category guards
 */
export const neverConnected = (code: string | undefined): boolean => code !== undefined && unconnected.has(code)

/** An error and the errors behind it, as deep as any client nests them. */
const causesOf = (error: unknown): ReadonlyArray<object> => {
  const causes: Array<object> = []
  let cause = error
  while (causes.length < 8 && typeof cause === "object" && cause !== null) {
    causes.push(cause)
    const { cause: next, errors } = cause as { cause?: unknown; errors?: unknown }
    cause = next ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return causes
}

const isProxyProblem = (cause: object): cause is ProxyProblem => Predicate.isTagged(cause, "ProxyProblem")

/**
 * Why a client has no answer.
 *
 * @since 0.1.0
 * @category conversions
 */
export const noAnswer = (error: HttpClientError.HttpClientError): NoAnswer => {
  const causes = causesOf(error)
  const proxy = causes.find(isProxyProblem)
  const code = proxy?.code ??
    causes.map((cause) => Text.systemCode(Reflect.get(cause, "code"))).find((known) => known !== undefined)
  if (proxy !== undefined) {
    return new NoAnswer({ reason: "Proxy", code, proxy, retryable: proxy.retryable })
  }
  if (error.reason === "InvalidUrl" || error.reason === "Encode" || (code !== undefined && unsendable.test(code))) {
    return new NoAnswer({ reason: "InvalidRequest", code, retryable: false })
  }
  if (code !== undefined && untrusted.test(code)) {
    return new NoAnswer({ reason: "Certificate", code, retryable: false })
  }
  return new NoAnswer({
    reason: code !== undefined && timeouts.has(code) ? "Timeout" : "Transport",
    code,
    retryable: true
  })
}
