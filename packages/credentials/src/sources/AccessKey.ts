/**
 * An AccessKey pair given in code: plain keys of a RAM user, which do not expire.
 *
 * Corresponds to `access_key` of the
 * [official client](https://www.alibabacloud.com/help/en/sdk/developer-reference/v2-manage-node-js-access-credentials).
 *
 * @module
 * @since 0.1.0
 */
import type * as EffectConfig from "effect/Config"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Credentials from "../Credentials.ts"
import type { InvalidConfig } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import { NonEmptyText, SecretText, unwrap, validate } from "../internal/source/options.ts"
import * as Source from "../Source.ts"

const name = "AccessKey"

/**
 * The pair. Both parts are required and must not be empty.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  accessKeyId: NonEmptyText,
  accessKeySecret: SecretText
}).annotations({ identifier: "AccessKey.Config" })

/**
 * Makes the source. Both parts are required and neither is ever read from the environment, so that the ID of one
 * identity is never combined with the secret of another.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: Config): Effect.Effect<Source.Source, InvalidConfig> =>
  Effect.map(validate(name, Config)(config), (options) =>
    Source.fromEffect(
      name,
      Effect.succeed(Credentials.accessKey({ type: "access_key", providerName: "static_ak", ...options })),
      { undated: "keep" }
    ))

/**
 * The pair as a provider. The layer fails with `InvalidConfig` if a part is missing or empty; `get` does not fail.
 *
 * @example
 * ```ts
 * import { AccessKey } from "@effect-alicloud/credentials"
 * import { Redacted } from "effect"
 *
 * const layer = AccessKey.layer({ accessKeyId: "LTAI5tExample", accessKeySecret: Redacted.make("secret") })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: Config): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig> =>
  CredentialsProvider.layer(make(config))

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @example
 * ```ts
 * import { AccessKey } from "@effect-alicloud/credentials"
 * import { Config } from "effect"
 *
 * const layer = AccessKey.layerConfig({
 *   accessKeyId: Config.string("BACKUP_ACCESS_KEY_ID"),
 *   accessKeySecret: Config.redacted("BACKUP_ACCESS_KEY_SECRET")
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make))
