/** The requests of sources: retries within one deadline, and errors that are `SourceFailed`. */
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import { SourceFailed } from "../../CredentialsError.ts"
import * as Text from "../../unstable/Text.ts"
import * as Transport from "../../unstable/Transport.ts"
import { PreviousFailures } from "../session/refreshing.ts"

/** No answer of these services comes near it. */
export const maxBodyBytes = 1024 * 1024

export interface Exchange<A, E> {
  /** The source that makes the request, for errors. */
  readonly source: string
  /** Of which errors show scheme, host and port. */
  readonly url: string
  /** Made anew for each attempt: signed requests carry a nonce. */
  readonly request: Effect.Effect<HttpClientRequest.HttpClientRequest, E>
  /** What making it may have to wait for, for the error of a request that was not made in time. */
  readonly requestNeeds?: string | undefined
  readonly timeouts: Transport.Timeouts
  /** Whether a proxy must not be used. */
  readonly direct: boolean
  /** How often a failed attempt may be repeated while the session has not failed before. */
  readonly retries: number
  readonly interpret: (answer: Transport.Answer) => Effect.Effect<A, SourceFailed | E>
}

export type Send = <A, E>(exchange: Exchange<A, E>) => Effect.Effect<A, SourceFailed | E>

/**
 * Sends requests through the `HttpClient` of the context. All attempts of one exchange, pauses included, share one
 * deadline of connect and read time-out.
 */
export const make: Effect.Effect<Send, never, HttpClient.HttpClient> = Effect.map(
  HttpClient.HttpClient,
  (client) => (exchange) => {
    const { direct, source, timeouts } = exchange
    const origin = Text.origin(exchange.url)
    const deadline = Duration.sum(timeouts.connectTimeout, timeouts.timeout)
    const answerTo = (request: HttpClientRequest.HttpClientRequest) =>
      Effect.mapError(
        Transport.send(client, request, { ...timeouts, direct }, Transport.readAnswer(maxBodyBytes)),
        (error) =>
          error._tag === "NoAnswer"
            ? failed(source, origin, error)
            : malformed({ source, status: error.status, detail: `the answer of ${origin} is larger than 1 MiB` })
      )
    return Effect.flatMap(PreviousFailures, (failures) => {
      const answer = `answer from ${origin}`
      let awaited = answer
      const attempt = Effect.suspend(() => {
        awaited = exchange.requestNeeds ?? answer
        return exchange.request
      }).pipe(
        Effect.flatMap((request) => {
          awaited = answer
          return answerTo(request)
        }),
        Effect.flatMap(exchange.interpret)
      )
      return attempt.pipe(
        Effect.retry({ times: failures === 0 ? exchange.retries : 0, while: isTransient, schedule: backOff }),
        Effect.timeoutFail({
          duration: deadline,
          onTimeout: () => timedOut(source, awaited, `within ${Duration.format(deadline)}`)
        })
      )
    })
  }
)

/** Whole milliseconds: shorter waits than one would be none. */
const backOff = Schedule.exponential("200 millis").pipe(
  Schedule.jittered,
  Schedule.modifyDelay((_, delay) => Duration.millis(Math.round(Duration.toMillis(delay))))
)

const isTransient = (error: unknown): boolean =>
  error instanceof SourceFailed && error.retryable &&
  (error.reason === "Timeout" || error.reason === "Transport" || error.reason === "Throttled" ||
    (error.status !== undefined && error.status >= 500))

/** An answer that is not as the protocol says. */
export const malformed = (options: {
  readonly source: string
  readonly detail: string
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly requestId?: string | undefined
}): SourceFailed => new SourceFailed({ ...options, reason: "Malformed", retryable: true })

const timedOut = (source: string, awaited: string, when: string, code?: string): SourceFailed =>
  new SourceFailed({
    source,
    reason: "Timeout",
    detail: `no ${awaited} ${when}`,
    code,
    retryable: true
  })

/** The failure behind a request without an answer. */
export const failed = (
  source: string,
  origin: string,
  { code, proxy, reason, retryable }: Transport.NoAnswer
): SourceFailed => {
  const failure = { source, reason: "Transport", code, retryable } as const
  switch (reason) {
    case "Timeout":
      return timedOut(source, `answer from ${origin}`, "in time", code)
    case "Transport":
      return new SourceFailed({ ...failure, detail: `no connection to ${origin}` })
    case "Certificate":
      return new SourceFailed({
        ...failure,
        detail: `the certificate of ${origin} is not trusted`,
        hint: Transport.certificateHint
      })
    case "Proxy":
      return new SourceFailed({ ...failure, detail: proxy?.message ?? "the proxy cannot be used", hint: proxy?.hint })
    case "InvalidRequest":
      return new SourceFailed({ ...failure, detail: `the request to ${origin} cannot be sent` })
  }
}

/** Whether the request cannot have reached a server. */
export const neverConnected = (error: SourceFailed): boolean =>
  error.status === undefined && Transport.neverConnected(error.code)
