/**
 * A CloudSSO login of the aliyun CLI: its access token is exchanged for a session of one access configuration in one
 * account. Such a login cannot be refreshed.
 *
 * The request is a POST of account and access configuration to `/cloud-credentials` of the sign-in address, with the
 * access token; the response has `CloudCredential` with the keys, the token and `Expiration`. `CliProfile` uses it for the
 * mode CloudSSO.
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
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as cloudSso from "../internal/login/cloudSso.ts"
import * as login from "../internal/login/store.ts"
import { SecretText, unwrap, validate } from "../internal/source/options.ts"
import type * as Source from "../Source.ts"

const { name } = cloudSso

/**
 * The access configuration that is requested, and the access token of the login.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** The sign-in address, such as `https://signin-cn-shanghai.alibabacloudsso.com/start/login`; its path is not used. */
  readonly signInUrl: string
  /** The account of the session. */
  readonly accountId: string
  /** The id of the access configuration. */
  readonly accessConfig: string
  readonly accessToken: Redacted.Redacted
  /** The end of the access token, in epoch seconds. */
  readonly accessTokenExpire?: number | undefined
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
  ...cloudSso.accessFields,
  accessToken: SecretText,
  accessTokenExpire: Schema.optional(Schema.Number)
}).annotations({ identifier: "CloudSso.Config" })

/**
 * Makes the source of a login given in code. A CloudSSO login cannot be refreshed: after its access token has
 * expired, `get` fails with a hint how to log in again.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  config: Config
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { accessToken, accessTokenExpire, ...access } = yield* validate(name, Config)(config)
    return yield* cloudSso.make(yield* login.inMemory("CloudSSO", { accessToken, accessTokenExpire }), access)
  })

/**
 * The login as a provider that keeps its session. Invalid options make the layer fail with
 * `InvalidConfig`. No request is sent before the first `get`.
 *
 * @example
 * ```ts
 * import { CloudSso } from "@effect-alicloud/credentials"
 * import { Redacted } from "effect"
 *
 * const layer = CloudSso.layer({
 *   signInUrl: "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
 *   accountId: "1234567890123456",
 *   accessConfig: "ac-00example",
 *   accessToken: Redacted.make("access-token")
 * })
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
