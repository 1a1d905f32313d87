/**
 * The requests of an OAuth login: its access token is refreshed and exchanged for a session. For the source `OAuth`, whose
 * login is given in code, and for profiles of mode OAuth, whose login is in `config.json`.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { SourceFailed } from "../../CredentialsError.ts"
import * as Source from "../../Source.ts"
import { format } from "../../unstable/Rfc3339.ts"
import type { StsSession } from "../../unstable/SessionDocument.ts"
import type * as Transport from "../../unstable/Transport.ts"
import * as Exchange from "../source/exchange.ts"
import { httpFields, timeoutsOf, validate } from "../source/options.ts"
import * as stsError from "../source/stsError.ts"
import * as oauthAnswer from "./oauthAnswer.ts"
import * as question from "./question.ts"
import type * as login from "./store.ts"
import { resolve } from "./store.ts"

export const name = "OAuth"

const sites = {
  CN: { url: "https://oauth.aliyun.com", signIn: "https://signin.aliyun.com", clientId: "4038181954557748008" },
  INTL: {
    url: "https://oauth.alibabacloud.com",
    signIn: "https://signin.alibabacloud.com",
    clientId: "4103531455503354461"
  }
} as const

/** The options of the login's site. */
export const siteFields = { siteType: Schema.Literal("CN", "INTL"), ...httpFields }

const Site = Schema.Struct(siteFields)

type Site = typeof Site.Type

/** Error codes of a login that has ended. */
const ended: ReadonlySet<string> = new Set([
  "expired_token",
  "invalid_client",
  "invalid_grant",
  "invalid_token",
  "unauthorized_client"
])

const refused = (step: string, answer: Transport.Answer, logInAgain: string): Effect.Effect<never, SourceFailed> =>
  Effect.flatMap(oauthAnswer.readError(answer.text), ({ code, requestId }) => {
    const refusal = { source: name, detail: `${step} was refused`, status: answer.status, code, requestId }
    return code !== undefined && ended.has(code)
      ? new SourceFailed({ ...refusal, reason: "Denied", hint: logInAgain, retryable: false })
      : stsError.failure(refusal)
  })

/**
 * An access token with less time left is refreshed before it is used. If the rotated refresh token could not be
 * stored, which is found out first, only an expired one is.
 */
const refreshSeconds = 1200

/** The requests to the service of a site; `logInAgain` is the hint of a refusal that no other request can mend. */
export const requests = (config: Site, logInAgain: string) =>
  Effect.gen(function*() {
    const options = yield* validate(name, Site)(config)
    const site = sites[options.siteType]
    const timeouts = timeoutsOf(options)
    const exchange = yield* Exchange.make
    const ask = <A>(
      step: string,
      request: (url: string, now: DateTime.Utc) => HttpClientRequest.HttpClientRequest,
      decode: (text: string) => Effect.Effect<A, ReadonlyArray<string>>,
      retries: number
    ): Effect.Effect<A, SourceFailed> =>
      question.send(exchange, {
        source: name,
        url: site.url,
        request: Effect.map(DateTime.now, (now) => HttpClientRequest.acceptJson(request(site.url, now))),
        timeouts,
        retries,
        answerer: step,
        decode,
        refused: (answer) => refused(step, answer, logInAgain)
      })
    return { site, ask }
  })

type Ask = Effect.Effect.Success<ReturnType<typeof requests>>["ask"]

/** The session of an access token. */
export const exchange = (ask: Ask, token: Redacted.Redacted): Effect.Effect<StsSession, SourceFailed> =>
  ask(
    "the exchange of the login",
    (url) =>
      HttpClientRequest.post(`${url}/v1/exchange`).pipe(
        HttpClientRequest.setHeader("content-type", "application/json"),
        HttpClientRequest.bearerToken(token)
      ),
    oauthAnswer.readSession,
    2
  )

/** The source of a login that is kept in `store`. A rotated refresh token is stored before it is used. */
export const make = (
  store: login.Store,
  config: Site
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { ask, site } = yield* requests(config, store.logInAgain)

    const rotate = Effect.fnUntraced(function*(held: login.Held, refreshToken: Redacted.Redacted) {
      const answer = yield* ask(
        "the refresh of the login",
        (url, now) =>
          HttpClientRequest.bodyUrlParams(HttpClientRequest.post(`${url}/v1/token`), {
            grant_type: "refresh_token",
            refresh_token: Redacted.value(refreshToken),
            client_id: site.clientId,
            Timestamp: format(now)
          }),
        oauthAnswer.readToken,
        0
      )
      const login = oauthAnswer.loginOf(answer, yield* Clock.currentTimeMillis, refreshToken)
      yield* held.save(login)
      return login.accessToken
    })

    /** After the request the old token is invalid, so the response must be stored: this cannot be interrupted. */
    const refresh = (
      held: login.Held,
      refreshToken: Redacted.Redacted
    ): Effect.Effect<Redacted.Redacted, SourceFailed> =>
      Effect.uninterruptible(
        Effect.flatMap(
          Effect.forkDaemon(Effect.interruptible(rotate(held, refreshToken))),
          (fiber) => Effect.flatten(Fiber.await(fiber))
        )
      )

    const accessToken = Effect.fnUntraced(function*(current: login.Login, held: login.Held) {
      const left = (current.accessTokenExpire || 0) - (yield* Clock.currentTimeMillis) / 1000
      if (current.refreshToken !== undefined) {
        const isNeeded = current.accessToken === undefined || left <= 0
        if (isNeeded || (left <= refreshSeconds && (yield* held.canSave))) {
          return yield* refresh(held, current.refreshToken)
        }
      }
      return current.accessToken ?? (yield* new SourceFailed({
        source: name,
        reason: "Expired",
        detail: "there is no login",
        hint: store.logInAgain,
        retryable: false
      }))
    })

    return Source.fromEffect(
      name,
      resolve(
        store,
        "oauth",
        (current, held) => Effect.flatMap(accessToken(current, held), (token) => exchange(ask, token))
      )
    )
  })
