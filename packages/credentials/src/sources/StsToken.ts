/**
 * A session of the Security Token Service given in code: an AccessKey pair and its token. It is never refreshed.
 *
 * Corresponds to `sts` of the
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

const name = "StsToken"

/**
 * The parts of the session. All three are required and must not be empty.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
  readonly securityToken: Redacted.Redacted
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  accessKeyId: NonEmptyText,
  accessKeySecret: SecretText,
  securityToken: SecretText
}).annotations({ identifier: "StsToken.Config" })

/**
 * Makes the source. All three parts are required and none is ever read from the environment. Such a session is never
 * refreshed: after it has expired, services reject it.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: Config): Effect.Effect<Source.Source, InvalidConfig> =>
  Effect.map(validate(name, Config)(config), (options) =>
    Source.fromEffect(
      name,
      Effect.succeed(Credentials.sts({ type: "sts", providerName: "static_sts", ...options })),
      { undated: "keep" }
    ))

/**
 * The session as a provider. The layer fails with `InvalidConfig` if a part is missing or empty; `get` does not
 * fail.
 *
 * @example
 * ```ts
 * import { StsToken } from "@effect-alicloud/credentials"
 * import { Redacted } from "effect"
 *
 * const layer = StsToken.layer({
 *   accessKeyId: "STS.NExample",
 *   accessKeySecret: Redacted.make("secret"),
 *   securityToken: Redacted.make("token")
 * })
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
 * import { StsToken } from "@effect-alicloud/credentials"
 * import { Config } from "effect"
 *
 * const layer = StsToken.layerConfig({
 *   accessKeyId: Config.string("BACKUP_ACCESS_KEY_ID"),
 *   accessKeySecret: Config.redacted("BACKUP_ACCESS_KEY_SECRET"),
 *   securityToken: Config.redacted("BACKUP_SECURITY_TOKEN")
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
