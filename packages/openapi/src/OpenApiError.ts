/**
 * Every way in which a call can fail. No message contains a secret, a request, a response body, or the path and query
 * of a URL.
 *
 * @module
 * @since 0.1.0
 */
import * as CredentialsError from "@effect-alicloud/credentials/CredentialsError"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

const refusal = {
  action: Schema.String,
  /** The service's error code, absent when the response has no readable one. */
  code: Schema.optional(Schema.String),
  /**
   * The service's message, without quotes of the signed text and without the credentials and `Redacted` parameters of the
   * call. Absent when the code is about the signature.
   */
  serverMessage: Schema.optional(Schema.String),
  /** The service's request id, for support tickets. */
  requestId: Schema.optional(Schema.String),
  /** The HTTP status. */
  status: Schema.Int,
  /** The service's page about this error. */
  recommend: Schema.optional(Schema.String)
}

const factsOf = (error: {
  readonly status: number
  readonly code?: string | undefined
  readonly requestId?: string | undefined
}): string =>
  [
    `HTTP ${error.status}`,
    error.code === undefined ? undefined : `code ${error.code}`,
    error.requestId === undefined ? undefined : `request id ${error.requestId}`
  ].filter((fact) => fact !== undefined).join(", ")

/** A fix for codes whose message is not shown, or does not explain one. */
const hintFor = (code: string | undefined): string | undefined => {
  switch (code) {
    case "SignatureDoesNotMatch":
    case "IncompleteSignature":
    case "InvalidSignature":
      return "The AccessKey secret does not belong to the AccessKey ID, or something between here and the service changes requests."
    case "InvalidTimeStamp.Expired":
      return "This machine's clock is wrong by more than 15 minutes: correct it."
    default:
      return undefined
  }
}

const words = (...parts: ReadonlyArray<string | undefined>): string =>
  parts.filter((part) => part !== undefined).join(" ")

/**
 * The service rejected the call.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiError extends Schema.TaggedError<ApiError>("@effect-alicloud/openapi/ApiError")("ApiError", refusal) {
  override get message(): string {
    return words(
      `${this.action} was refused (${factsOf(this)}).`,
      this.serverMessage === undefined ? undefined : sentence(this.serverMessage),
      hintFor(this.code)
    )
  }
}

/**
 * The service limits the rate of calls; the call was not carried out.
 *
 * @since 0.1.0
 * @category errors
 */
export class Throttled extends Schema.TaggedError<Throttled>("@effect-alicloud/openapi/Throttled")("Throttled", {
  ...refusal,
  /** The pause that the service demands, absent without one. */
  retryAfter: Schema.optional(Schema.DurationFromMillis)
}) {
  override get message(): string {
    return words(
      `${this.action} was called too often (${factsOf(this)}).`,
      this.retryAfter === undefined ? "Call it less often." : `Try again in ${Duration.format(this.retryAfter)}.`
    )
  }
}

/**
 * The reasons for a missing response.
 *
 * - `Timeout`: it did not arrive in time
 * - `Transport`: no connection, or it was lost
 * - `Certificate`: the server's certificate is not trusted
 * - `Proxy`: the proxy of the environment cannot be used, or refused to connect
 * - `InvalidRequest`: the client could not send it
 *
 * @since 0.1.0
 * @category models
 */
export const TransportReason = Schema.Literal(
  "Timeout",
  "Transport",
  "Certificate",
  "Proxy",
  "InvalidRequest"
).annotations({ identifier: "TransportReason" })

/**
 * The reasons for a missing response.
 *
 * @since 0.1.0
 * @category models
 */
export type TransportReason = typeof TransportReason.Type

const transportText: Readonly<Record<TransportReason, (host: string) => string>> = {
  Timeout: (host) => `no answer from ${host} in time`,
  Transport: (host) => `no connection to ${host}, or it was lost`,
  Certificate: (host) => `the certificate of ${host} is not trusted`,
  Proxy: (host) => `the proxy to ${host} cannot be used`,
  InvalidRequest: (host) => `the request to ${host} cannot be sent`
}

/**
 * There was no response. Whether the call was carried out is unknown, unless there was no connection.
 *
 * @since 0.1.0
 * @category errors
 */
export class TransportError
  extends Schema.TaggedError<TransportError>("@effect-alicloud/openapi/TransportError")("TransportError", {
    action: Schema.String,
    /** Scheme, host and port. */
    host: Schema.String,
    reason: TransportReason,
    /** The system's code, for example `ECONNREFUSED`. */
    code: Schema.optional(Schema.String),
    /** The problem of the proxy. */
    detail: Schema.optional(Schema.String),
    /** How to fix it. */
    hint: Schema.optional(Schema.String),
    /** Whether the same request may succeed later. */
    retryable: Schema.Boolean
  })
{
  override get message(): string {
    return words(
      `${this.action} failed: ${
        this.detail ?? (this.code === "ENOTFOUND"
          ? `the name of ${this.host} does not resolve`
          : transportText[this.reason](this.host))
      }${this.code === undefined ? "" : ` (${this.code})`}.`,
      this.hint
    )
  }
}

/**
 * The service accepted the call, but its response does not match the schema of the call.
 *
 * @since 0.1.0
 * @category errors
 */
export class MalformedResponse
  extends Schema.TaggedError<MalformedResponse>("@effect-alicloud/openapi/MalformedResponse")("MalformedResponse", {
    action: Schema.String,
    /** Scheme, host and port. */
    host: Schema.String,
    status: Schema.Int,
    requestId: Schema.optional(Schema.String),
    /** The mismatches: names, expectations and types, no values. */
    issues: Schema.Array(Schema.String)
  })
{
  override get message(): string {
    return `The answer of ${this.action} is not usable (${factsOf(this)}): ${sentence(this.issues.join("; "))}`
  }
}

/**
 * The schema of every error of a call.
 *
 * @since 0.1.0
 * @category models
 */
export const OpenApiError = Schema.Union(
  ApiError,
  Throttled,
  TransportError,
  MalformedResponse,
  CredentialsError.CredentialsError
)

/**
 * Every error of a call; those of the credentials pass through.
 *
 * @since 0.1.0
 * @category models
 */
export type OpenApiError =
  | ApiError
  | Throttled
  | TransportError
  | MalformedResponse
  | CredentialsError.CredentialsError

/**
 * Whether the same call may succeed later without a change. Whether it can safely run twice is a different question: see
 * `idempotent` in `CallOptions`.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRetryable = (error: OpenApiError): boolean => {
  switch (error._tag) {
    case "Throttled":
      return true
    case "ApiError":
      return error.status >= 500 || error.status === 408 ||
        /^(?:ServiceUnavailable|InternalError)/.test(error.code ?? "")
    case "TransportError":
      return error.retryable
    case "MalformedResponse":
      return false
    default:
      return CredentialsError.isRetryable(error)
  }
}

/**
 * Whether the service rejected the credentials themselves: unknown, disabled, expired, or with the token of another key.
 *
 * @since 0.1.0
 * @category guards
 */
export const isCredentialsRejected = (error: OpenApiError): boolean =>
  error._tag === "ApiError" &&
  /^(?:InvalidAccessKeyId|InvalidSecurityToken|SecurityTokenExpired|InvalidBearerToken|BearerTokenExpired)(?:\.|$)/
    .test(error.code ?? "")
