import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { SourceFailed } from "../CredentialsError.ts"
import { PreviousFailures } from "../internal/session/refreshing.ts"
import { Connection } from "../Platform.ts"
import * as show from "./Text.ts"

/** No answer of these services comes near it. */
const maxBodyBytes = 1024 * 1024

export interface Timeouts {
  readonly timeout: Duration.Duration
  readonly connectTimeout: Duration.Duration
}

export const defaultTimeouts: Timeouts = { timeout: Duration.seconds(5), connectTimeout: Duration.seconds(10) }

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly text: string
}

export interface Exchange<A, E> {
  /** The source that asks, for errors. */
  readonly source: string
  /** Of which errors show scheme, host and port. */
  readonly url: string
  /** Made anew for each attempt: signed requests carry a nonce. */
  readonly request: Effect.Effect<HttpClientRequest.HttpClientRequest, E>
  readonly timeouts: Timeouts
  /** Whether a proxy must not be used. */
  readonly direct: boolean
  /** How often a failed attempt may be repeated while the session has not failed before. */
  readonly retries: number
  readonly interpret: (answer: Answer) => Effect.Effect<A, SourceFailed>
}

export type Send = <A, E>(exchange: Exchange<A, E>) => Effect.Effect<A, SourceFailed | E>

/**
 * Sends requests through the `HttpClient` of the context: no trace headers, no span that records the URL, no redirects,
 * bounded bodies. All attempts of one exchange, pauses included, share one deadline of connect and read time-out.
 */
export const make: Effect.Effect<Send, never, HttpClient.HttpClient> = Effect.map(HttpClient.HttpClient, (client) => {
  const hardened = client.pipe(HttpClient.withTracerPropagation(false), HttpClient.withTracerDisabledWhen(() => true))
  return (exchange) => {
    const { source, timeouts } = exchange
    const origin = show.origin(exchange.url)
    const deadline = Duration.sum(timeouts.connectTimeout, timeouts.timeout)
    const attempt = exchange.request.pipe(
      Effect.flatMap((request) =>
        hardened.execute(request).pipe(
          Effect.flatMap((response) => readAnswer(source, origin, response)),
          Effect.catchTags({
            RequestError: (error) => noAnswer(source, origin, error),
            ResponseError: (error) => noAnswer(source, origin, error)
          })
        )
      ),
      Effect.flatMap(exchange.interpret)
    )
    return Effect.flatMap(PreviousFailures, (failures) =>
      attempt.pipe(
        Effect.retry({ times: failures === 0 ? exchange.retries : 0, while: isTransient, schedule: backOff }),
        Effect.timeoutFail({
          duration: deadline,
          onTimeout: () => timedOut(source, origin, `within ${Duration.format(deadline)}`)
        }),
        Effect.provideService(Connection, { ...timeouts, direct: exchange.direct }),
        Effect.provideService(FetchHttpClient.RequestInit, { redirect: "manual" })
      ))
  }
})

/** Whole milliseconds: shorter waits than one would be none. */
const backOff = Schedule.exponential("200 millis").pipe(
  Schedule.jittered,
  Schedule.modifyDelay((_, delay) => Duration.millis(Math.round(Duration.toMillis(delay))))
)

const isTransient = (error: unknown): boolean =>
  error instanceof SourceFailed && error.retryable &&
  (error.reason === "Timeout" || error.reason === "Transport" || error.reason === "Throttled" ||
    (error.status !== undefined && error.status >= 500))

const readAnswer = (
  source: string,
  origin: string,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<Answer, SourceFailed> => {
  let size = 0
  return response.stream.pipe(
    // At once: a stream runs in a fiber of its own, and Effect logs what that fails with, here the whole request.
    Stream.catchAll((error) =>
      error.reason === "EmptyBody" ? Stream.empty : Stream.fromEffect(noAnswer(source, origin, error))
    ),
    Stream.mapEffect((chunk) => {
      size += chunk.byteLength
      return size <= maxBodyBytes ? Effect.succeed(chunk) : Effect.fail(malformed({
        source,
        status: response.status,
        detail: `the answer of ${origin} is larger than 1 MiB`
      }))
    }),
    Stream.decodeText(),
    Stream.mkString,
    Effect.map((text) => ({ status: response.status, headers: response.headers, text }))
  )
}

/** An answer that is not what the protocol says. */
export const malformed = (options: {
  readonly source: string
  readonly detail: string
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly requestId?: string | undefined
}): SourceFailed => new SourceFailed({ ...options, reason: "Malformed", retryable: true })

const timedOut = (source: string, origin: string, when: string, code?: string): SourceFailed =>
  new SourceFailed({
    source,
    reason: "Timeout",
    detail: `no answer from ${origin} ${when}`,
    code,
    retryable: true
  })

const noAnswer = (
  source: string,
  origin: string,
  error: HttpClientError.HttpClientError
): Effect.Effect<never, SourceFailed> => {
  const code = codeOf(error)
  if (error.reason === "InvalidUrl") {
    return new SourceFailed({ source, reason: "Transport", detail: `${origin} cannot be asked`, retryable: false })
  }
  if (code !== undefined && untrusted.test(code)) {
    return new SourceFailed({
      source,
      reason: "Transport",
      detail: `the certificate of ${origin} is not trusted`,
      code,
      hint: "If the network re-signs TLS, point NODE_EXTRA_CA_CERTS at its CA certificate.",
      retryable: false
    })
  }
  if (code !== undefined && timeouts.has(code)) {
    return timedOut(source, origin, "in time", code)
  }
  return new SourceFailed({ source, reason: "Transport", detail: `no connection to ${origin}`, code, retryable: true })
}

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
  "ETIMEDOUT",
  "UND_ERR_CONNECT_TIMEOUT"
])

/** Whether the request cannot have reached a server. */
export const neverConnected = (error: SourceFailed): boolean =>
  error.code !== undefined && unconnected.has(error.code) && error.status === undefined

/** The system's or client's code, wherever it is nested: `ECONNREFUSED`. */
const codeOf = (error: unknown): string | undefined => {
  let cause = error
  for (let depth = 0; depth < 8 && typeof cause === "object" && cause !== null; depth++) {
    const { cause: next, code, errors } = cause as { code?: unknown; cause?: unknown; errors?: unknown }
    const known = show.systemCode(code)
    if (known !== undefined) {
      return known
    }
    cause = next ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return undefined
}
