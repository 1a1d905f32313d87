/**
 * A browser login of the aliyun CLI (OAuth): an access token that is traded for a session, and a refresh token that
 * rotates.
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
import { InvalidConfig, SourceFailed } from "../CredentialsError.ts"
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
  /** How long the service may be silent. Default 5 seconds; a bare number is milliseconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How long connecting may take. Default 10 seconds; a bare number is milliseconds. */
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
  /** When the access token ends, in epoch seconds. Without it the token is refreshed before its first use. */
  readonly accessTokenExpire?: number | undefined
  /** Rotates with each use; the newest one lives in this process only. */
  readonly refreshToken?: Redacted.Redacted | undefined
}

const siteFields = { siteType: Schema.Literal("CN", "INTL"), ...httpFields }

const SiteConfig: Schema.Schema<SiteConfig> = Schema.Struct(siteFields).annotations({ identifier: "OAuth.SiteConfig" })

/**
 * The schema that options must fit; where they do not, `make` fails with `InvalidConfig`.
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

/** Codes that say that the login is over. */
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
    Effect.orElseSucceed(() => ({ error: undefined, requestId: undefined })),
    Effect.flatMap((body) => {
      const refusal = {
        source: name,
        detail: `${step} was refused`,
        status: answer.status,
        code: Text.code(body.error),
        requestId: Text.requestId(body.requestId)
      }
      return refusal.code !== undefined && ended.has(refusal.code)
        ? new SourceFailed({ ...refusal, reason: "Denied", hint: loginAgain, retryable: false })
        : stsError.failure(refusal)
    })
  )

/**
 * An access token with less time left is refreshed before it is used. Where the rotated refresh token could not be
 * stored, only one that has ended is.
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

    /** Once the request is out the answer must be stored: the old token is no longer good. Nobody can interrupt that. */
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
      return yield* new InvalidConfig({
        source: name,
        location: "options accessToken and refreshToken",
        issues: ["at least one of them must be set"]
      })
    }
    return yield* makeWithStore(yield* login.inMemory({ accessToken, accessTokenExpire, refreshToken }), site)
  })

/**
 * The login as a provider that keeps its session. The layer fails with `InvalidConfig` where options are not valid;
 * nothing is asked before the first `get`.
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
 * Like `layer`, with options made of `Config` values. One that is missing or cannot be used is `InvalidConfig`, too.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
