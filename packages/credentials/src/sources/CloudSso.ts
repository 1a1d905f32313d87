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
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import type * as EffectConfig from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../CredentialsError.ts"
import { atOptions, invalidConfig, SourceFailed } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as login from "../internal/login/store.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import * as Exchange from "../internal/source/exchange.ts"
import { httpFields, NonEmptyText, SecretText, timeoutsOf, unwrap, validate } from "../internal/source/options.ts"
import * as stsError from "../internal/source/stsError.ts"
import * as Source from "../Source.ts"
import { isLoopback } from "../unstable/Loopback.ts"
import { PascalCase, type StsSession } from "../unstable/SessionDocument.ts"
import * as Text from "../unstable/Text.ts"
import type * as Transport from "../unstable/Transport.ts"

const name = "CloudSso"

/**
 * The access configuration that is requested.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface AccessConfig {
  /** The sign-in address, such as `https://signin-cn-shanghai.alibabacloudsso.com/start/login`; its path is not used. */
  readonly signInUrl: string
  /** The account of the session. */
  readonly accountId: string
  /** The id of the access configuration. */
  readonly accessConfig: string
  /**
   * Read time-out: how long to wait for the response, or for its next chunk. Default 5 seconds; a bare number is
   * milliseconds.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out. Default 10 seconds; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The access configuration that is requested, and the access token of the login.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config extends AccessConfig {
  readonly accessToken: Redacted.Redacted
  /** The end of the access token, in epoch seconds. */
  readonly accessTokenExpire?: number | undefined
}

const accessFields = {
  signInUrl: NonEmptyText,
  accountId: NonEmptyText,
  accessConfig: NonEmptyText,
  ...httpFields
}

const AccessConfig: Schema.Schema<AccessConfig> = Schema.Struct(accessFields).annotations({
  identifier: "CloudSso.AccessConfig"
})

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  ...accessFields,
  accessToken: SecretText,
  accessTokenExpire: Schema.optional(Schema.Number)
}).annotations({ identifier: "CloudSso.Config" })

const decodeAnswer = secretJson.decodeText(Schema.Struct({ CloudCredential: PascalCase }))

const decodeError = secretJson.decodeText(Schema.Struct({
  ErrorCode: Schema.optional(Schema.Unknown),
  Code: Schema.optional(Schema.Unknown),
  RequestId: Schema.optional(Schema.Unknown)
}))

const loginAgain = "Log in again with `aliyun configure --mode CloudSSO`."

const refused = (answer: Transport.Answer): Effect.Effect<never, SourceFailed> =>
  decodeError(answer.text).pipe(
    Effect.orElseSucceed(() => ({ ErrorCode: undefined, Code: undefined, RequestId: undefined })),
    Effect.flatMap((body) => {
      const refusal = {
        source: name,
        detail: "CloudSSO refused",
        status: answer.status,
        code: Text.code(body.ErrorCode) ?? Text.code(body.Code),
        requestId: Text.requestId(body.RequestId)
      }
      return answer.status === 401
        ? new SourceFailed({ ...refusal, reason: "Denied", hint: loginAgain, retryable: false })
        : stsError.failure(refusal)
    })
  )

const originOf = (signInUrl: string): Effect.Effect<string, InvalidConfig> => {
  const [, scheme, host] = /^(https?):\/\/([A-Za-z0-9.-]+(?::\d{1,5})?|\[::1\](?::\d{1,5})?)(?:[/?#]|$)/i
    .exec(signInUrl.trim()) ?? []
  return scheme !== undefined && host !== undefined && (scheme.toLowerCase() === "https" || isLoopback(host))
    ? Effect.succeed(`${scheme.toLowerCase()}://${host}`)
    : invalidConfig(name, atOptions("signInUrl"), "it must be an https address")
}

/**
 * The source of a login that is kept in `store`.
 *
 * @internal
 */
export const makeWithStore = (
  store: login.Store,
  config: AccessConfig
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const options = yield* validate(name, AccessConfig)(config)
    const url = yield* originOf(options.signInUrl)
    const timeouts = timeoutsOf(options)
    const send = yield* Exchange.make

    const fetch = Effect.fnUntraced(function*(current: login.Login) {
      const now = (yield* Clock.currentTimeMillis) / 1000
      if (current.accessToken === undefined || (current.accessTokenExpire ?? Infinity) <= now) {
        return yield* new SourceFailed({
          source: name,
          reason: "Expired",
          detail: "the login has ended",
          hint: loginAgain,
          retryable: false
        })
      }
      return yield* send({
        source: name,
        url,
        request: Effect.succeed(
          HttpClientRequest.post(`${url}/cloud-credentials`).pipe(
            HttpClientRequest.acceptJson,
            HttpClientRequest.bearerToken(current.accessToken),
            HttpClientRequest.bodyUnsafeJson({
              AccountId: options.accountId,
              AccessConfigurationId: options.accessConfig
            })
          )
        ),
        timeouts,
        direct: false,
        retries: 2,
        interpret: (answer): Effect.Effect<StsSession, SourceFailed> =>
          answer.status === 200
            ? Effect.mapBoth(decodeAnswer(answer.text), {
              onFailure: (issues) =>
                Exchange.malformed({
                  source: name,
                  status: 200,
                  detail: `the answer of CloudSSO is not usable: ${issues.join("; ")}`
                }),
              onSuccess: ({ CloudCredential: session }) => session
            })
            : refused(answer)
      })
    })

    return Source.fromEffect(name, login.resolve(store, "cloud_sso", fetch))
  })

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
    return yield* makeWithStore(yield* login.inMemory({ accessToken, accessTokenExpire }), access)
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
