/**
 * A browser login of the aliyun CLI (OAuth): an access token that is exchanged for a session, and a refresh token that
 * rotates. `CliProfile` uses it for the mode OAuth.
 *
 * An access token that expires soon is refreshed first with a POST to `/v1/token`; the exchange is a POST to
 * `/v1/exchange` with the access token, and its response has the keys, the token and the expiration of the session.
 *
 * See [the modes of the aliyun CLI](https://www.alibabacloud.com/help/en/cli/configure-credentials/).
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as EffectConfig from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../CredentialsError.ts"
import { atOptions, invalidConfig } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as oauth from "../internal/login/oauth.ts"
import * as login from "../internal/login/store.ts"
import { SecretText, unwrap, validate } from "../internal/source/options.ts"
import type * as Source from "../Source.ts"

const { name } = oauth

/**
 * The login: its site and its tokens.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** `CN` for aliyun.com, `INTL` for alibabacloud.com. */
  readonly siteType: "CN" | "INTL"
  readonly accessToken?: Redacted.Redacted | undefined
  /** The end of the access token, in epoch seconds. Without it the token is refreshed before its first use. */
  readonly accessTokenExpire?: number | undefined
  /** Rotates with each use; the newest one is kept in this process only. */
  readonly refreshToken?: Redacted.Redacted | undefined
  /**
   * Read time-out: how long to wait for the response, or for its next chunk. Default 5 seconds; a bare number is
   * milliseconds.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out. Default 10 seconds; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  ...oauth.siteFields,
  accessToken: Schema.optional(SecretText),
  accessTokenExpire: Schema.optional(Schema.Number),
  refreshToken: Schema.optional(SecretText)
}).annotations({ identifier: "OAuth.Config" })

/**
 * Makes the source of a login given in code. The access token is refreshed when it has less than 20 minutes left.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  config: Config
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { accessToken, accessTokenExpire, refreshToken, ...site } = yield* validate(name, Config)(config)
    if (accessToken === undefined && refreshToken === undefined) {
      return yield* invalidConfig(name, atOptions("accessToken", "refreshToken"), "at least one of them must be set")
    }
    return yield* oauth.make(yield* login.inMemory("OAuth", { accessToken, accessTokenExpire, refreshToken }), site)
  })

/**
 * The login as a provider that keeps its session. Invalid options make the layer fail with
 * `InvalidConfig`. No request is sent before the first `get`.
 *
 * @example
 * ```ts
 * import { OAuth } from "@effect-alicloud/credentials"
 * import { Redacted } from "effect"
 *
 * const layer = OAuth.layer({ siteType: "INTL", refreshToken: Redacted.make("refresh-token") })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config: Config,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(make(config), options)

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
