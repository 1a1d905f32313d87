/**
 * Every way in which credentials can be missing. Messages say what to do next and never contain a secret, a response
 * body, a file's content, a command line, or the path and query of a URL.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { answerFacts, printable } from "./unstable/Text.ts"

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)

const lines = (text: string): string => text.split("\n").join("\n    ")

/**
 * Why a source is unavailable.
 *
 * - `NotConfigured`: the variables or files that configure it are not there
 * - `SwitchedOff`: a variable switches it off
 * - `NotHere`: this machine does not have it, for example because it is no ECS instance
 *
 * @since 0.1.0
 * @category models
 */
export const UnavailableReason = Schema.Union(
  Schema.TaggedStruct("NotConfigured", {}),
  Schema.TaggedStruct("SwitchedOff", { variable: Schema.String }),
  Schema.TaggedStruct("NotHere", {})
).annotations({ identifier: "UnavailableReason" })

/**
 * Why a source is unavailable.
 *
 * @since 0.1.0
 * @category models
 */
export type UnavailableReason = typeof UnavailableReason.Type

/** One value, so that errors with the default reason are equal. */
const notConfigured: UnavailableReason = { _tag: "NotConfigured" }

const renderReason = (reason: UnavailableReason): string => {
  switch (reason._tag) {
    case "NotConfigured":
      return "is not configured"
    case "SwitchedOff":
      return "is switched off"
    case "NotHere":
      return "is not available here"
  }
}

/**
 * The source is not available here. Nothing is wrong: a chain goes on to the next source.
 *
 * @since 0.1.0
 * @category errors
 */
export class SourceUnavailable
  extends Schema.TaggedError<SourceUnavailable>("@effect-alicloud/credentials/SourceUnavailable")("SourceUnavailable", {
    /** The source's name, for example `Environment`. */
    source: Schema.String,
    /** Default `NotConfigured`. */
    reason: Schema.optionalWith(UnavailableReason, { default: () => notConfigured }),
    /** Which variables, files or addresses were looked at and not found. */
    detail: Schema.String,
    /** How to make this source available. */
    hint: Schema.String
  })
{
  override get message(): string {
    return `${this.source} ${renderReason(this.reason)}: ${sentence(this.detail)} ${this.hint}`.trim()
  }
}

const File = Schema.TaggedStruct("File", {
  path: Schema.String,
  line: Schema.optional(Schema.Int),
  column: Schema.optional(Schema.Int),
  profile: Schema.optional(Schema.String),
  section: Schema.optional(Schema.String),
  fields: Schema.optional(Schema.Array(Schema.String))
})

/**
 * The place of a configuration that is wrong.
 *
 * - `Options`: options given in code, of the source or of one call; without names, all of them
 * - `Variables`: environment variables
 * - `File`: a file, and where in it: a line and column, counted from 1, a profile or section, fields
 *
 * Names and paths are ready to be shown: `profile` and `section` are quoted, and nothing in them changes how the rest
 * shows.
 *
 * @since 0.1.0
 * @category models
 */
export const Location = Schema.Union(
  Schema.TaggedStruct("Options", { names: Schema.Array(Schema.String), of: Schema.optional(Schema.String) }),
  Schema.TaggedStruct("Variables", { names: Schema.Array(Schema.String) }),
  File
).annotations({ identifier: "Location" })

/**
 * The place of a configuration that is wrong.
 *
 * @since 0.1.0
 * @category models
 */
export type Location = typeof Location.Type

/**
 * The place in a file.
 *
 * @since 0.1.0
 * @category models
 */
export type FileLocation = typeof File.Type

/**
 * Options given in code; without names, all options of the source.
 *
 * @since 0.1.0
 * @category constructors
 */
export const atOptions = (...names: ReadonlyArray<string>): Location => ({ _tag: "Options", names })

/**
 * Environment variables.
 *
 * @since 0.1.0
 * @category constructors
 */
export const atVariables = (...names: ReadonlyArray<string>): Location => ({ _tag: "Variables", names })

/**
 * A file, and where in it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const atFile = (path: string, place: Omit<FileLocation, "_tag" | "path"> = {}): FileLocation => ({
  _tag: "File",
  path,
  ...place
})

const locationText = (location: Location): string => {
  switch (location._tag) {
    case "Options":
      return location.names.length === 0
        ? location.of === undefined ? "its options" : `the options of ${location.of}`
        : `option${location.names.length === 1 ? "" : "s"} ${location.names.join(" and ")}`
    case "Variables":
      return location.names.join(", ")
    case "File":
      return [
        location.path + (location.line === undefined ? "" : `, line ${location.line}`) +
        (location.column === undefined ? "" : `, column ${location.column}`),
        location.profile === undefined ? undefined : `profile ${location.profile}`,
        location.section === undefined ? undefined : `section ${location.section}`,
        location.fields === undefined ? undefined : `(${location.fields.join(", ")})`
      ].filter((part) => part !== undefined).join(" ")
  }
}

/**
 * A location as messages show it: `option roleArn`, `ALIBABA_CLOUD_ROLE_ARN`,
 * `/home/me/.aliyun/config.json profile "staging" (ram_role_arn)`.
 * Names and paths of a location that was not made ready to be shown are escaped.
 *
 * @since 0.1.0
 * @category rendering
 */
export const renderLocation = (location: Location): string => printable(locationText(location))

/**
 * One thing that is wrong. `field` is the option, variable or member it is about, where the location holds several;
 * `problem` says what is wrong with it.
 *
 * @since 0.1.0
 * @category models
 */
export const Issue = Schema.Struct({
  field: Schema.optional(Schema.String),
  problem: Schema.String
}).annotations({ identifier: "Issue" })

/**
 * One thing that is wrong.
 *
 * @since 0.1.0
 * @category models
 */
export type Issue = typeof Issue.Type

/**
 * The problem of a field that is not there, the same in every error.
 *
 * @since 0.1.0
 * @category models
 */
export const missing = "is missing"

/**
 * Issues as messages show them: `roleArn is missing; policy must be a string, not null`.
 *
 * @since 0.1.0
 * @category rendering
 */
export const renderIssues = (issues: ReadonlyArray<Issue>): string =>
  issues.map(({ field, problem }) => field === undefined ? problem : `${field} ${problem}`).join("; ")

/**
 * The source is configured, and the configuration is wrong. Trying again cannot help before it is changed.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidConfig
  extends Schema.TaggedError<InvalidConfig>("@effect-alicloud/credentials/InvalidConfig")("InvalidConfig", {
    /** The source's name, for example `RamRoleArn`. */
    source: Schema.String,
    location: Location,
    /** The place that chose the source, when the location is not in it. */
    chosenIn: Schema.optional(File),
    issues: Schema.Array(Issue),
    /**
     * What led back to itself, ready to be shown: profiles by the programs of which, and private servers. No chain goes
     * past this error, because it would end in another identity.
     */
    circle: Schema.optional(Schema.Array(Schema.String))
  })
{
  /**
   * The location as messages show it, with the place that chose the source. It leaves the fields of a file to issues
   * that name them.
   */
  get where(): string {
    const location = renderLocation(
      this.location._tag === "File" && this.issues.every(({ field }) => field !== undefined)
        ? { ...this.location, fields: undefined }
        : this.location
    )
    return this.chosenIn === undefined ? location : `${renderLocation(this.chosenIn)} (${location})`
  }

  override get message(): string {
    return `${this.source} is misconfigured in ${this.where}: ${sentence(renderIssues(this.issues))}`
  }
}

/**
 * Makes an `InvalidConfig`. A problem that is about one of several fields is an `Issue`.
 *
 * @example
 * ```ts
 * import { CredentialsError } from "@effect-alicloud/credentials"
 *
 * const error = CredentialsError.invalidConfig("Vault", CredentialsError.atOptions("path"), "it must not be empty")
 *
 * console.log(error.message) // Vault is misconfigured in option path: it must not be empty.
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const invalidConfig = (
  source: string,
  location: Location,
  ...problems: ReadonlyArray<string | Issue>
): InvalidConfig =>
  new InvalidConfig({
    source,
    location,
    issues: problems.map((problem) => typeof problem === "string" ? { problem } : problem)
  })

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
 * The source is configured, was tried, and failed.
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
    status: Schema.optional(Schema.Int),
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
    const hint = this.hint === undefined ? "" : ` ${this.hint}`
    return `${this.source} failed, ${this.reason}: ${sentence(this.detail + answerFacts(this))}${hint}`
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
 * The chain ended without credentials; `attempts` has the error of every source that was tried, in order.
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
