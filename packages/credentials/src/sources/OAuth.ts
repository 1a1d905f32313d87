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
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import type * as EffectConfig from "effect/Config"
import * as DateTime from "effect/DateTime"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../CredentialsError.ts"
import { atOptions, invalidConfig, SourceFailed } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as oauthAnswer from "../internal/login/oauthAnswer.ts"
import * as login from "../internal/login/store.ts"
import * as Exchange from "../internal/source/exchange.ts"
import { httpFields, SecretText, timeoutsOf, unwrap, validate } from "../internal/source/options.ts"
import * as stsError from "../internal/source/stsError.ts"
import * as Source from "../Source.ts"
import { format } from "../unstable/Rfc3339.ts"
import type { StsSession } from "../unstable/SessionDocument.ts"
import * as Text from "../unstable/Text.ts"
import type * as Transport from "../unstable/Transport.ts"

const name = "OAuth"

const sites = {
  CN: { url: "https://oauth.aliyun.com", clientId: "4038181954557748008" },
  INTL: { url: "https://oauth.alibabacloud.com", clientId: "4103531455503354461" }
} as const

/**
 * The options of the login's site.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface SiteConfig {
  /** `CN` for aliyun.com, `INTL` for alibabacloud.com. */
  readonly siteType: "CN" | "INTL"
  /**
   * Read time-out: how long to wait for the response, or for its next chunk. Default 5 seconds; a bare number is
   * milliseconds.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out. Default 10 seconds; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The login: its site and its tokens.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config extends SiteConfig {
  readonly accessToken?: Redacted.Redacted | undefined
  /** The end of the access token, in epoch seconds. Without it the token is refreshed before its first use. */
  readonly accessTokenExpire?: number | undefined
  /** Rotates with each use; the newest one is kept in this process only. */
  readonly refreshToken?: Redacted.Redacted | undefined
}

const siteFields = { siteType: Schema.Literal("CN", "INTL"), ...httpFields }

const SiteConfig: Schema.Schema<SiteConfig> = Schema.Struct(siteFields).annotations({ identifier: "OAuth.SiteConfig" })

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  ...siteFields,
  accessToken: Schema.optional(SecretText),
  accessTokenExpire: Schema.optional(Schema.Number),
  refreshToken: Schema.optional(SecretText)
}).annotations({ identifier: "OAuth.Config" })

/** Error codes of a login that has ended. */
const ended: ReadonlySet<string> = new Set([
  "expired_token",
  "invalid_client",
  "invalid_grant",
  "invalid_token",
  "unauthorized_client"
])

const loginAgain = "Log in again with `aliyun configure --mode OAuth`."

const refused = (step: string, answer: Transport.Answer): Effect.Effect<never, SourceFailed> =>
  oauthAnswer.readError(answer.text).pipe(
    Effect.orElseSucceed(() => ({ error: undefined, requestId: undefined, request_id: undefined })),
    Effect.flatMap((body) => {
      const refusal = {
        source: name,
        detail: `${step} was refused`,
        status: answer.status,
        code: Text.code(body.error),
        requestId: Text.requestId(body.requestId) ?? Text.requestId(body.request_id)
      }
      return refusal.code !== undefined && ended.has(refusal.code)
        ? new SourceFailed({ ...refusal, reason: "Denied", hint: loginAgain, retryable: false })
        : stsError.failure(refusal)
    })
  )

/**
 * An access token with less time left is refreshed before it is used. If the rotated refresh token could not be
 * stored, only an expired one is.
 */
const refreshSeconds = 1200

/**
 * The source of a login that is kept in `store`. A rotated refresh token is stored before it is used.
 *
 * @internal
 */
export const makeWithStore = (
  store: login.Store,
  config: SiteConfig
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const options = yield* validate(name, SiteConfig)(config)
    const site = sites[options.siteType]
    const timeouts = timeoutsOf(options)
    const send = yield* Exchange.make

    const ask = <A>(
      step: string,
      request: Effect.Effect<HttpClientRequest.HttpClientRequest>,
      decode: (text: string) => Effect.Effect<A, ReadonlyArray<string>>,
      retries: number
    ): Effect.Effect<A, SourceFailed> =>
      send({
        source: name,
        url: site.url,
        request: Effect.map(request, HttpClientRequest.acceptJson),
        timeouts,
        direct: false,
        retries,
        interpret: (answer) =>
          answer.status === 200
            ? Effect.mapError(decode(answer.text), (issues) =>
              Exchange.malformed({
                source: name,
                status: 200,
                detail: `the answer of ${step} is not usable: ${issues.join("; ")}`
              }))
            : refused(step, answer)
      })

    const rotate = Effect.fnUntraced(function*(refreshToken: Redacted.Redacted) {
      const request = Effect.map(DateTime.now, (now) =>
        HttpClientRequest.bodyUrlParams(HttpClientRequest.post(`${site.url}/v1/token`), {
          grant_type: "refresh_token",
          refresh_token: Redacted.value(refreshToken),
          client_id: site.clientId,
          Timestamp: format(now)
        }))
      const answer = yield* ask("the refresh of the login", request, oauthAnswer.readToken, 0)
      const now = yield* Clock.currentTimeMillis
      yield* store.save({
        accessToken: answer.access_token,
        accessTokenExpire: Math.floor(now / 1000) + oauthAnswer.lifetimeOf(answer.expires_in),
        refreshToken: answer.refresh_token && Redacted.value(answer.refresh_token) !== ""
          ? answer.refresh_token
          : refreshToken
      })
      return answer.access_token
    })

    /** After the request the old token is invalid, so the response must be stored: this cannot be interrupted. */
    const refresh = (refreshToken: Redacted.Redacted): Effect.Effect<Redacted.Redacted, SourceFailed> =>
      Effect.uninterruptible(
        Effect.flatMap(Effect.forkDaemon(Effect.interruptible(rotate(refreshToken))), (fiber) =>
          Effect.flatten(Fiber.await(fiber)))
      )

    const accessToken = Effect.fnUntraced(function*(current: login.Login) {
      const left = (current.accessTokenExpire || 0) - (yield* Clock.currentTimeMillis) / 1000
      const enough = store.canSave() ? refreshSeconds : 0
      if (current.refreshToken !== undefined && (current.accessToken === undefined || left <= enough)) {
        return yield* refresh(current.refreshToken)
      }
      return current.accessToken ?? (yield* new SourceFailed({
        source: name,
        reason: "Expired",
        detail: "there is no login",
        hint: loginAgain,
        retryable: false
      }))
    })

    const exchange = (token: Redacted.Redacted): Effect.Effect<StsSession, SourceFailed> =>
      ask(
        "the exchange of the login",
        Effect.succeed(
          HttpClientRequest.post(`${site.url}/v1/exchange`).pipe(
            HttpClientRequest.setHeader("content-type", "application/json"),
            HttpClientRequest.bearerToken(token)
          )
        ),
        oauthAnswer.readSession,
        2
      )

    return Source.fromEffect(
      name,
      login.resolve(store, "oauth", (current) =>
        Effect.flatMap(accessToken(current), exchange))
    )
  })

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
    return yield* makeWithStore(yield* login.inMemory({ accessToken, accessTokenExpire, refreshToken }), site)
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
