/**
 * Requests of a source outside this repository, and errors that are `SourceFailed`. `json` is how the sources of this
 * package ask a service: retries within one deadline, nothing in traces, no redirects. `mapErrors` and `refused` are for a
 * client that exists already. No error quotes a header, a body, or the path and query of a URL.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as Cause from "effect/Cause"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Predicate from "effect/Predicate"
import type * as Schema from "effect/Schema"
import { SourceFailed } from "../CredentialsError.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import * as Exchange from "../internal/source/exchange.ts"
import { timeoutsOf } from "../internal/source/options.ts"
import * as stsError from "../internal/source/stsError.ts"
import * as Text from "./Text.ts"
import * as Transport from "./Transport.ts"

/**
 * A request, and the schema of its answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request<A, I> {
  readonly request: HttpClientRequest.HttpClientRequest
  /** Of the JSON of an answer with a status from 200 to 299. */
  readonly answer: Schema.Schema<A, I>
  /** Read time-out. Default 5 seconds. All attempts together take at most the sum of both time-outs. */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out. Default 10 seconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /** How often it is repeated after no answer, a status of 500 or more, or one that limits requests. Default 2. */
  readonly retries?: number | undefined
  /** What to do about a refusal, for the error. */
  readonly hint?: string | undefined
}

/**
 * Sends a request and decodes the JSON of its answer.
 *
 * @example
 * ```ts
 * import { Credentials, Source } from "@effect-alicloud/credentials"
 * import * as HttpSource from "@effect-alicloud/credentials/unstable/HttpSource"
 * import * as SessionDocument from "@effect-alicloud/credentials/unstable/SessionDocument"
 * import { HttpClient, HttpClientRequest } from "@effect/platform"
 * import { Effect } from "effect"
 *
 * const get = HttpSource.json("Broker", {
 *   request: HttpClientRequest.get("https://app.example.com/credentials"),
 *   answer: SessionDocument.PascalCase
 * }).pipe(Effect.map((session) => Credentials.sts({ type: "broker", providerName: "broker", ...session })))
 *
 * const source = Effect.map(HttpClient.HttpClient, (client) =>
 *   Source.fromEffect("Broker", Effect.provideService(get, HttpClient.HttpClient, client)))
 * ```
 *
 * @since 0.1.0
 * @category execution
 */
export const json = <A, I>(
  source: string,
  { answer: schema, hint, request, retries = 2, ...timeouts }: Request<A, I>
): Effect.Effect<A, SourceFailed, HttpClient.HttpClient> => {
  const decode = secretJson.decodeText(schema)
  return Effect.flatMap(Exchange.make, (send) =>
    send<A, never>({
      source,
      url: request.url,
      request: Effect.succeed(request),
      timeouts: timeoutsOf(timeouts),
      direct: false,
      retries,
      interpret: (answer) =>
        answer.status >= 200 && answer.status < 300
          ? Effect.mapError(decode(answer.text), (issues) => unusable(source, request.url, issues, answer.status))
          : refusal(source, request.url, answer, hint)
    }))
}

const unusable = (
  source: string,
  url: string | undefined,
  issues: ReadonlyArray<string>,
  status?: number
): SourceFailed =>
  Exchange.malformed({
    source,
    status,
    detail: `the answer${url === undefined ? "" : ` of ${Text.origin(url)}`} is not usable: ${issues.join("; ")}`
  })

const first = (body: unknown, read: (text: unknown) => string | undefined, ...names: ReadonlyArray<string>) =>
  names.map((name) => read(Predicate.hasProperty(body, name) ? body[name] : undefined)).find((found) =>
    found !== undefined
  )

/** The code and the request id under the names that services give them. */
const refusalIn = ({ headers, text }: Transport.Answer): Effect.Effect<stsError.Refusal> =>
  Effect.zipWith(
    stsError.refusalIn(text),
    Effect.orElseSucceed(secretJson.parse(text), () => undefined),
    (known, body) => {
      const inner = Predicate.hasProperty(body, "error") ? body.error : undefined
      return {
        code: known.code ?? first(body, Text.code, "code", "errorCode", "error") ?? first(inner, Text.code, "code"),
        requestId: known.requestId ?? first(body, Text.requestId, "requestId", "request_id") ??
          first(headers, Text.requestId, "x-acs-request-id", "x-request-id")
      }
    }
  )

const refusal = (
  source: string,
  url: string,
  answer: Transport.Answer,
  hint?: string
): Effect.Effect<never, SourceFailed> =>
  Effect.flatMap(refusalIn(answer), (refusal) => {
    const { status } = answer
    const failed = stsError.failure({ source, detail: `${Text.origin(url)} refused`, status, ...refusal })
    return new SourceFailed({
      ...failed,
      reason: failed.reason === "BadStatus" && (status === 401 || status === 403) ? "Denied" : failed.reason,
      // The hints for codes are those of the Security Token Service.
      hint: failed.retryable ? undefined : hint
    })
  })

/** What may still come of a refusal must not delay its error for long. */
const bodyTimeout = "5 seconds"

/**
 * The error behind a response that is not a success. Its reason follows from the status and the error code: `Throttled`,
 * `Denied`, or else `BadStatus`. The code and the request id are taken from the body (JSON or XML) or a header when they look
 * like some.
 *
 * @since 0.1.0
 * @category conversions
 */
export const refused = (
  source: string,
  response: HttpClientResponse.HttpClientResponse
): Effect.Effect<never, SourceFailed> =>
  Transport.readAnswer(Exchange.maxBodyBytes)(response).pipe(
    Effect.timeout(bodyTimeout),
    Effect.orElseSucceed(() => ({ status: response.status, headers: response.headers, text: "" })),
    Effect.flatMap((answer) => refusal(source, response.request.url, answer))
  )

/**
 * The errors of requests with `HttpClient` that `mapErrors` knows.
 *
 * @since 0.1.0
 * @category models
 */
export type ForeignError = HttpClientError.HttpClientError | ParseResult.ParseError | Cause.TimeoutException

const fromClient = (source: string, error: HttpClientError.HttpClientError): Effect.Effect<never, SourceFailed> => {
  if (error._tag === "ResponseError") {
    if (error.reason === "StatusCode") return refused(source, error.response)
    if (error.reason === "EmptyBody" || error.cause instanceof SyntaxError) {
      const issue = error.reason === "EmptyBody" ? "it is empty" : secretJson.notJson
      return Effect.fail(unusable(source, error.request.url, [issue], error.response.status))
    }
  }
  return Effect.fail(Exchange.failed(source, Text.origin(error.request.url), Transport.noAnswer(error)))
}

/**
 * Turns the errors of requests that are made with `HttpClient` or `HttpApiClient` into `SourceFailed`: no answer, a status
 * that `filterStatusOk` does not accept, an answer that a schema does not accept, and the end of `Effect.timeout`. All other
 * errors stay.
 *
 * @example
 * ```ts
 * import * as HttpSource from "@effect-alicloud/credentials/unstable/HttpSource"
 * import * as SessionDocument from "@effect-alicloud/credentials/unstable/SessionDocument"
 * import { HttpClient, HttpClientResponse } from "@effect/platform"
 * import { Effect } from "effect"
 *
 * const session = HttpClient.get("https://app.example.com/credentials").pipe(
 *   Effect.flatMap(HttpClientResponse.filterStatusOk),
 *   Effect.flatMap(HttpClientResponse.schemaBodyJson(SessionDocument.PascalCase)),
 *   Effect.timeout("5 seconds"),
 *   HttpSource.mapErrors("Broker")
 * )
 * ```
 *
 * @since 0.1.0
 * @category conversions
 */
export const mapErrors =
  (source: string) =>
  <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, Exclude<E, ForeignError> | SourceFailed, R> =>
    Effect.catchAll(self, (error): Effect.Effect<never, Exclude<E, ForeignError> | SourceFailed> => {
      if (HttpClientError.isHttpClientError(error)) return fromClient(source, error)
      if (ParseResult.isParseError(error)) {
        return Effect.fail(unusable(source, undefined, secretJson.describe(error.issue)))
      }
      return Cause.isTimeoutException(error)
        ? Effect.fail(
          new SourceFailed({ source, reason: "Timeout", detail: "no answer in time", retryable: true })
        )
        : Effect.fail(error as Exclude<E, ForeignError>)
    })
