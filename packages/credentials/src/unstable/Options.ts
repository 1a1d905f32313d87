/**
 * Checks the options of a layer in the words of this package: unknown and wrong options fail with `InvalidConfig`, and no
 * value of theirs is quoted. Used by `@effect-alicloud/redis` and by sources outside this repository.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import type * as Duration from "effect/Duration"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import type { InvalidConfig, Location } from "../CredentialsError.ts"
import * as options from "../internal/source/options.ts"

/**
 * Checks options, and returns them with all text trimmed. `source` is the name in the error.
 *
 * @since 0.1.0
 * @category decoding
 */
export const validate: <A>(
  source: string,
  schema: Schema.Schema<A>
) => (config: unknown) => Either.Either<A, InvalidConfig> = options.validate

/**
 * Decodes settings that have another form outside, for example those of a file, in which secrets are plain text.
 * `location` is their place in the error, default options in code.
 *
 * @example
 * ```ts
 * import { CredentialsError } from "@effect-alicloud/credentials"
 * import * as Options from "@effect-alicloud/credentials/unstable/Options"
 * import { Either, Schema } from "effect"
 *
 * const Settings = Schema.Struct({ url: Schema.String, token: Schema.Redacted(Schema.NonEmptyString) })
 *
 * const decode = Options.decode("Broker", Settings, CredentialsError.atFile("/etc/broker.json"))
 *
 * Either.mapLeft(decode({ url: "https://broker.example.com", token: 42, tokn: "secret" }), ({ message }) => console.log(message))
 * // Broker is misconfigured in /etc/broker.json: tokn is not known here: did you mean token?; token must be a string, not number.
 * ```
 *
 * @since 0.1.0
 * @category decoding
 */
export const decode: <A, I>(
  source: string,
  schema: Schema.Schema<A, I>,
  location?: Location
) => (config: unknown) => Either.Either<A, InvalidConfig> = options.decode

/**
 * Reads options that are `Config` values. A missing or unreadable one fails with `InvalidConfig`, too.
 *
 * @since 0.1.0
 * @category decoding
 */
export const unwrap: <A>(source: string, config: Config.Config.Wrap<A>) => Effect.Effect<A, InvalidConfig> =
  options.unwrap

/**
 * Text with more than white space.
 *
 * @since 0.1.0
 * @category schemas
 */
export const NonEmptyText: Schema.Schema<string> = options.NonEmptyText

/**
 * A `Redacted` with text in it.
 *
 * @since 0.1.0
 * @category schemas
 */
export const SecretText: Schema.Schema<Redacted.Redacted> = options.SecretText

/**
 * A duration longer than zero, in any form that Effect takes.
 *
 * @since 0.1.0
 * @category schemas
 */
export const DurationInput: Schema.Schema<Duration.DurationInput> = options.DurationInput
