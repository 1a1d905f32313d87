/**
 * A bearer token given in code, sent instead of a signature. Few products accept one.
 *
 * Corresponds to `bearer` of the
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
import { SecretText, unwrap, validate } from "../internal/source/options.ts"
import * as Source from "../Source.ts"

const name = "BearerToken"

/**
 * The token, and the header that carries it.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  readonly bearerToken: Redacted.Redacted
  /** The request header that carries the token. Default `x-acs-bearer-token`. */
  readonly headerName?: string | undefined
}

const HeaderName = Schema.String.pipe(
  Schema.filter((text) => /^[\w!#$%&'*+.^`|~-]+$/.test(text), {
    identifier: "HeaderName",
    description: "the name of an HTTP header"
  })
)

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  bearerToken: SecretText,
  headerName: Schema.optional(HeaderName)
}).annotations({ identifier: "BearerToken.Config" })

/**
 * Makes the source. The token is never refreshed.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: Config): Effect.Effect<Source.Source, InvalidConfig> =>
  Effect.map(validate(name, Config)(config), (options) =>
    Source.fromEffect(
      name,
      Effect.succeed(Credentials.bearer({ providerName: "bearer", ...options })),
      { undated: "keep" }
    ))

/**
 * The token as a provider. The layer fails with `InvalidConfig` if an option is invalid; `get` does not fail.
 *
 * @example
 * ```ts
 * import { BearerToken } from "@effect-alicloud/credentials"
 * import { Redacted } from "effect"
 *
 * const layer = BearerToken.layer({ bearerToken: Redacted.make("token") })
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
 * import { BearerToken } from "@effect-alicloud/credentials"
 * import { Config } from "effect"
 *
 * const layer = BearerToken.layerConfig({ bearerToken: Config.redacted("CALL_CENTRE_TOKEN") })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make))
