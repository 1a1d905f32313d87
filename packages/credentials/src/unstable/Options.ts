/**
 * Checks the options of a layer in the words of this package: unknown and wrong options fail with `InvalidConfig`, and no
 * value of theirs is quoted. Used by `@effect-alicloud/redis`.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type * as Config from "effect/Config"
import type * as Effect from "effect/Effect"
import type * as Either from "effect/Either"
import type * as Schema from "effect/Schema"
import type { InvalidConfig } from "../CredentialsError.ts"
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
 * Reads options that are `Config` values. A missing or unreadable one fails with `InvalidConfig`, too.
 *
 * @since 0.1.0
 * @category decoding
 */
export const unwrap: <A>(source: string, config: Config.Config.Wrap<A>) => Effect.Effect<A, InvalidConfig> =
  options.unwrap
