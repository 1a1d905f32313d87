/** Schemas and validation of options, for every source. */
import * as Config from "effect/Config"
import type * as ConfigError from "effect/ConfigError"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { Issue, Location } from "../../CredentialsError.ts"
import { atOptions, atVariables, InvalidConfig, invalidConfig } from "../../CredentialsError.ts"
import { defaultTimeouts, type Timeouts } from "../../unstable/Transport.ts"
import { issuesOf } from "../secrecy/secretJson.ts"

export const NonEmptyText = Schema.String.pipe(
  Schema.filter((text) => text.trim() !== "", { identifier: "NonEmptyText", description: "a non-empty string" })
)

export const SecretText = Schema.RedactedFromSelf(NonEmptyText).annotations({
  identifier: "SecretText",
  description: "a non-empty Redacted string"
})

export const DurationInput: Schema.Schema<Duration.DurationInput> = Schema.declare(
  (input: unknown): input is Duration.DurationInput =>
    Option.match(Duration.decodeUnknown(input), {
      onNone: () => false,
      onSome: (duration) => Duration.isFinite(duration) && Duration.toMillis(duration) > 0
    }),
  { identifier: "DurationInput", description: "a duration longer than zero" }
)

/** What every source that makes HTTP requests takes. */
export const httpFields = { timeout: Schema.optional(DurationInput), connectTimeout: Schema.optional(DurationInput) }

/** Longer waits would overflow the timers of most runtimes. */
const atMost = Duration.days(1)

const timeout = (input: Duration.DurationInput | undefined, fallback: Duration.Duration): Duration.Duration =>
  input === undefined ? fallback : Duration.min(Duration.decode(input), atMost)

export const timeoutsOf = (
  config: {
    readonly timeout?: Duration.DurationInput | undefined
    readonly connectTimeout?: Duration.DurationInput | undefined
  },
  fallback: Timeouts = defaultTimeouts
): Timeouts => ({
  timeout: timeout(config.timeout, fallback.timeout),
  connectTimeout: timeout(config.connectTimeout, fallback.connectTimeout)
})

/** Options are trimmed like variables and files: keys that were pasted or read often end with a line feed. */
const trimmed = <A>(options: A): A =>
  Object.fromEntries(
    Object.entries(options as object).map(([key, value]) => [
      key,
      typeof value === "string"
        ? value.trim()
        : Redacted.isRedacted(value)
        ? Redacted.make(String(Redacted.value(value)).trim())
        : value
    ])
  ) as A

const checked = <A>(
  source: string,
  location: Location,
  check: (config: unknown) => Either.Either<A, ParseResult.ParseIssue>
) => {
  const invalid = (issues: ReadonlyArray<Issue>): InvalidConfig => new InvalidConfig({ source, location, issues })
  return (config: unknown): Either.Either<A, InvalidConfig> =>
    Either.try({ try: () => check(config), catch: () => invalid([{ problem: "they cannot be read" }]) }).pipe(
      Either.flatMap(Either.mapBoth({ onLeft: (issue) => invalid(issuesOf(issue, "they")), onRight: trimmed }))
    )
}

const parseOptions = { errors: "all", onExcessProperty: "error" } as const

/** Checks what a user gave, and returns it without white space around it. Options that do not exist are errors, too. */
export const validate = <A>(source: string, schema: Schema.Schema<A>) =>
  checked(source, atOptions(), ParseResult.validateEither(schema, parseOptions))

/** The same for options that have another form outside, such as secrets that are plain text in a file. */
export const decode = <A, I>(source: string, schema: Schema.Schema<A, I>, location: Location = atOptions()) =>
  checked(source, location, ParseResult.decodeUnknownEither(schema, parseOptions))

/** An option, else its documented variable, else an error that names both. */
export const required = <A>(
  source: string,
  option: string,
  variable: string,
  value: A | undefined
): Effect.Effect<A, InvalidConfig> =>
  value === undefined
    ? invalidConfig(source, atOptions(option), `set it, or set ${variable}`)
    : Effect.succeed(value)

/** Reads the options of a `layerConfig`. */
export const unwrap = <A>(source: string, config: Config.Config.Wrap<A>): Effect.Effect<A, InvalidConfig> =>
  Effect.suspend(() => Config.unwrap(config)).pipe(
    Effect.mapError((error) => {
      const problems = configProblems(error)
      return new InvalidConfig({
        source,
        location: atVariables(...problems.map((problem) => problem.path)),
        issues: problems.map(({ issue, path }) => ({ field: path, problem: issue }))
      })
    }),
    Effect.catchAllDefect(() => invalidConfig(source, atOptions(), "they must be made of Config values"))
  )

/** Where configuration failed, without the values: a `ConfigError` may quote them. */
const configProblems = (
  error: ConfigError.ConfigError
): ReadonlyArray<{ readonly path: string; readonly issue: string }> => {
  switch (error._op) {
    case "And":
    case "Or":
      return [...configProblems(error.left), ...configProblems(error.right)]
    default:
      return [{
        path: error.path.join("_") || "an unnamed setting",
        issue: error._op === "MissingData" ? "is not set" : "cannot be used"
      }]
  }
}
