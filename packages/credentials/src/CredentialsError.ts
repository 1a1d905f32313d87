/**
 * Every way in which credentials can be missing. Messages say what to do next and never contain a secret, a response
 * body, a file's content, a command line, or the path and query of a URL.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

const lines = (text: string): string => text.split("\n").join("\n    ")

/**
 * The source is not configured here: nothing is wrong, a chain asks the next one.
 *
 * @since 0.1.0
 * @category errors
 */
export class SourceUnavailable
  extends Schema.TaggedError<SourceUnavailable>("@effect-alicloud/credentials/SourceUnavailable")("SourceUnavailable", {
    /** The source's name, for example `Environment`. */
    source: Schema.String,
    /** What was looked at and not found. */
    reason: Schema.String,
    /** What to do to make this source available. */
    hint: Schema.String
  })
{
  override get message(): string {
    return `${this.source} is not configured: ${sentence(this.reason)} ${this.hint}`.trim()
  }
}

/**
 * The source is configured, and the configuration is wrong. Trying again cannot help before it is changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidConfig
  extends Schema.TaggedError<InvalidConfig>("@effect-alicloud/credentials/InvalidConfig")("InvalidConfig", {
    source: Schema.String,
    /** An environment variable, an option, or a file with profile and field. */
    location: Schema.String,
    /** What is wrong there, one sentence each. */
    issues: Schema.Array(Schema.String)
  })
{
  override get message(): string {
    return `${this.source} is misconfigured in ${this.location}: ${sentence(this.issues.join("; "))}`
  }
}

/**
 * Why a configured source failed.
 *
 * - `Timeout`, `Transport`: no answer, or no connection
 * - `BadStatus`: an HTTP status that is not a success and says no more
 * - `Malformed`: an answer that is not what the protocol says
 * - `Denied`, `Throttled`: the service said no, or not now
 * - `Expired`: the credentials that came had already ended
 * - `Process`, `File`: an external program or a file
 *
 * @since 0.1.0
 * @category models
 */
export const FailureReason = Schema.Literal(
  "Timeout",
  "Transport",
  "BadStatus",
  "Malformed",
  "Denied",
  "Throttled",
  "Expired",
  "Process",
  "File"
).annotations({ identifier: "FailureReason" })

/**
 * Why a configured source failed.
 *
 * @since 0.1.0
 * @category models
 */
export type FailureReason = typeof FailureReason.Type

/**
 * The source is configured, was asked, and failed.
 *
 * @since 0.1.0
 * @category errors
 */
export class SourceFailed
  extends Schema.TaggedError<SourceFailed>("@effect-alicloud/credentials/SourceFailed")("SourceFailed", {
    source: Schema.String,
    reason: FailureReason,
    /** What happened, in our words: hosts, file paths and field names only. */
    detail: Schema.String,
    /** The HTTP status, when there was an answer. */
    status: Schema.optional(Schema.Number),
    /** The service's error code. */
    code: Schema.optional(Schema.String),
    /** The service's request id, for support tickets. */
    requestId: Schema.optional(Schema.String),
    /** What to do about it. */
    hint: Schema.optional(Schema.String),
    /** Whether the same request may succeed later without a change. */
    retryable: Schema.Boolean
  })
{
  override get message(): string {
    const facts = [
      this.status === undefined ? undefined : `HTTP ${this.status}`,
      this.code === undefined ? undefined : `code ${this.code}`,
      this.requestId === undefined ? undefined : `request id ${this.requestId}`
    ].filter((fact) => fact !== undefined)
    const known = facts.length === 0 ? "" : ` (${facts.join(", ")})`
    const hint = this.hint === undefined ? "" : ` ${this.hint}`
    return `${this.source} failed, ${this.reason}: ${sentence(this.detail + known)}${hint}`
  }
}

/**
 * The error of one source.
 *
 * @since 0.1.0
 * @category models
 */
export const SourceError = Schema.Union(SourceUnavailable, InvalidConfig, SourceFailed)

/**
 * The error of one source.
 *
 * @since 0.1.0
 * @category models
 */
export type SourceError = SourceUnavailable | InvalidConfig | SourceFailed

/**
 * The chain ended without credentials; `attempts` has the error of every source that was asked, in order.
 *
 * @since 0.1.0
 * @category errors
 */
export class NoCredentials
  extends Schema.TaggedError<NoCredentials>("@effect-alicloud/credentials/NoCredentials")("NoCredentials", {
    attempts: Schema.Array(SourceError)
  })
{
  override get message(): string {
    return this.attempts.length === 0
      ? "No credentials: the chain has no source."
      : `No credentials. Asked, in this order:\n${
        this.attempts.map((attempt) => `  - ${lines(attempt.message)}`).join("\n")
      }`
  }
}

/**
 * The schema of every error, for those who send errors elsewhere. Nothing that is encoded is a secret.
 *
 * @since 0.1.0
 * @category models
 */
export const CredentialsError = Schema.Union(SourceUnavailable, InvalidConfig, SourceFailed, NoCredentials)

/**
 * Every error of a provider's `get`.
 *
 * @since 0.1.0
 * @category models
 */
export type CredentialsError = SourceError | NoCredentials

/**
 * Whether the error says no more than "not configured here". A chain's error is absent only when every attempt is.
 *
 * @since 0.1.0
 * @category guards
 */
export const isAbsent = (error: CredentialsError): boolean =>
  error._tag === "SourceUnavailable" || (error._tag === "NoCredentials" && error.attempts.every(isAbsent))

/**
 * Whether asking again without changing anything may succeed.
 *
 * @since 0.1.0
 * @category guards
 */
export const isRetryable = (error: CredentialsError): boolean =>
  error._tag === "SourceFailed" ? error.retryable : error._tag === "NoCredentials" && error.attempts.some(isRetryable)

/**
 * The errors of the single sources behind an error: itself, or the attempts of a chain.
 *
 * @since 0.1.0
 * @category accessors
 */
export const attemptsOf = (error: CredentialsError): ReadonlyArray<SourceError> =>
  error._tag === "NoCredentials" ? error.attempts : [error]
