/** The retries of a call: temporary failures, rejected credentials, clock skew. Used by `OpenApi`. */
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import { Nonce } from "@effect-alicloud/credentials/Platform"
import { clockHint, dateOf } from "@effect-alicloud/credentials/unstable/Transport"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Equal from "effect/Equal"
import { CallCredentials } from "../CallCredentials.ts"
import type { Call } from "../OpenApi.ts"
import type { OpenApiError } from "../OpenApiError.ts"
import { isCredentialsRejected, isRetryable } from "../OpenApiError.ts"
import { interpret } from "./readAnswer.ts"
import type { Api, Prepared } from "./request.ts"
import { prepare } from "./request.ts"
import { secretsOf } from "./signing.ts"
import * as transport from "./transport.ts"

const anonymous = Credentials.anonymous({ providerName: "anonymous" })

/** A clock this close to the service's is not the reason for a rejection. */
const smallestSkewMillis = 60_000

const longestPauseMillis = 5_000

/** Whether the call may be retried after a temporary failure. */
const mayRepeat = (error: OpenApiError, idempotent: boolean): boolean =>
  error._tag === "Throttled" || (error._tag === "TransportError" && transport.neverConnected(error)) ||
  (idempotent && (error._tag === "ApiError" || error._tag === "TransportError") && isRetryable(error))

const isClockRefused = (error: OpenApiError): boolean =>
  error._tag === "ApiError" &&
  /^(?:InvalidTimeStamp(?:\.Expired)?|IllegalTimestamp|RequestTimeTooSkewed)$/i.test(error.code ?? "")

/** The result of one attempt. */
interface Outcome<A> {
  readonly result: Either.Either<A, OpenApiError>
  /** How far the service's clock is ahead of this machine's, if the response has a date. */
  readonly offsetMillis?: number | undefined
}

type Decode<A> = (value: unknown) => Effect.Effect<A, ReadonlyArray<string>>

/** Makes the function that carries out calls, attempt by attempt. It holds the state of a client. Used by `OpenApi`. */
export const makeCaller = (
  api: Api & {
    readonly timeout: Duration.Duration
    readonly connectTimeout: Duration.Duration
    readonly deadline: Duration.Duration
    readonly retries: number
  }
): Effect.Effect<
  <A>(action: string, call: Call, decode: Decode<A>) => Effect.Effect<A, OpenApiError>,
  never,
  CredentialsProvider | HttpClient.HttpClient
> =>
  Effect.gen(function*() {
    const ownCredentials = yield* CredentialsProvider
    const send = yield* transport.make(api)
    const nonce = yield* Nonce
    const random = yield* Effect.random
    const attemptMillis = Duration.toMillis(api.timeout) + Duration.toMillis(api.connectTimeout)

    /** The correction that later calls add to this machine's time. */
    let correctionMillis = 0

    const attempt = <A>(options: {
      readonly action: string
      readonly prepared: Prepared
      readonly decode: Decode<A>
      readonly signer: Credentials.Credentials
      readonly correction: number
      readonly startedAt: number
      readonly endsAt: number
    }): Effect.Effect<Outcome<A>> =>
      Effect.gen(function*() {
        const { endsAt, prepared, signer, startedAt } = options
        const exchange = { action: options.action, host: api.endpoint.url }
        const request = yield* prepared.sign(signer, { time: startedAt + options.correction, nonce: yield* nonce })
        const answer = yield* Effect.either(Effect.timeoutFail(send(exchange, request), {
          duration: Math.min(attemptMillis, endsAt - startedAt),
          onTimeout: () => transport.timedOut(exchange)
        }))
        if (Either.isLeft(answer)) return { result: Either.left(answer.left) }
        const { requestId, result } = yield* interpret(exchange, answer.right, {
          decode: options.decode,
          secrets: [...prepared.secrets, ...secretsOf(signer)]
        })
        if (requestId !== undefined) yield* Effect.annotateCurrentSpan("requestId", requestId)
        const date = dateOf(answer.right.headers)
        const now = yield* Clock.currentTimeMillis
        return { result, offsetMillis: date === undefined ? undefined : date - now }
      })

    const pauseAfter = (error: OpenApiError, retry: number): Effect.Effect<number> =>
      error._tag === "Throttled" && error.retryAfter !== undefined
        ? Effect.succeed(Duration.toMillis(error.retryAfter))
        : Effect.map(
          random.nextRange(0.5, 1),
          (jitter) => Math.ceil(Math.min(longestPauseMillis, 200 * 2 ** retry) * jitter)
        )

    return (action, call, decode) =>
      Effect.gen(function*() {
        const prepared = yield* prepare(api, action, call)
        const credentials = call.credentials ?? (yield* CallCredentials) ?? ownCredentials
        let error: OpenApiError | undefined
        let rejected: Credentials.Credentials | undefined
        let endsAt: number | undefined
        let isCorrected = false
        let retry = 0

        for (let number = 1;; number++) {
          const signer = call.anonymous === true ? anonymous : yield* credentials.get
          const startedAt = yield* Clock.currentTimeMillis
          endsAt ??= startedAt + Duration.toMillis(api.deadline)
          if (error !== undefined && (startedAt >= endsAt || Equal.equals(signer, rejected))) return yield* error
          yield* Effect.annotateCurrentSpan("attempt", number)
          const correction = correctionMillis
          const outcome = yield* attempt({ action, prepared, decode, signer, correction, startedAt, endsAt })
          if (Either.isRight(outcome.result)) return outcome.result.right
          error = outcome.result.left

          const { offsetMillis = correction } = outcome
          if (
            isClockRefused(error) && !isCorrected && Math.abs(offsetMillis - correction) >= smallestSkewMillis
          ) {
            isCorrected = true
            const isNews = Math.abs(offsetMillis - correctionMillis) >= smallestSkewMillis
            correctionMillis = offsetMillis
            if (isNews) yield* Effect.logWarning(clockHint(-offsetMillis, api.endpoint.url))
            continue
          }
          if (isCredentialsRejected(error) && rejected === undefined && signer._tag !== "Anonymous") {
            rejected = signer
            yield* credentials.invalidate?.(signer) ?? Effect.void
            continue
          }
          if (retry >= api.retries || !mayRepeat(error, prepared.idempotent)) return yield* error
          const pause = yield* pauseAfter(error, retry++)
          if ((yield* Clock.currentTimeMillis) + pause >= endsAt) return yield* error
          yield* Effect.sleep(pause)
        }
      })
  })
