/**
 * The request of a CloudSSO login: its access token is exchanged for a session. For the source `CloudSso`, whose login is
 * given in code, and for profiles of mode CloudSSO, whose login is in `config.json`.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { atOptions, invalidConfig, SourceFailed } from "../../CredentialsError.ts"
import * as Source from "../../Source.ts"
import { isLoopback } from "../../unstable/Loopback.ts"
import { PascalCase, type StsSession } from "../../unstable/SessionDocument.ts"
import * as Text from "../../unstable/Text.ts"
import type * as Transport from "../../unstable/Transport.ts"
import * as secretJson from "../secrecy/secretJson.ts"
import * as Exchange from "../source/exchange.ts"
import { httpFields, NonEmptyText, timeoutsOf, validate } from "../source/options.ts"
import * as stsError from "../source/stsError.ts"
import * as question from "./question.ts"
import type * as login from "./store.ts"
import { resolve } from "./store.ts"

export const name = "CloudSso"

/** The options of the access configuration that is requested. */
export const accessFields = {
  signInUrl: NonEmptyText,
  accountId: NonEmptyText,
  accessConfig: NonEmptyText,
  ...httpFields
}

const Access = Schema.Struct(accessFields)

type Access = typeof Access.Type

const decodeAnswer = secretJson.decodeText(Schema.Struct({ CloudCredential: PascalCase }))

const decodeError = secretJson.decodeText(Schema.Struct({
  ErrorCode: Schema.optional(Schema.Unknown),
  Code: Schema.optional(Schema.Unknown),
  RequestId: Schema.optional(Schema.Unknown)
}))

const refused = (
  what: string,
  answer: Transport.Answer,
  logInAgain: string
): Effect.Effect<never, SourceFailed> =>
  decodeError(answer.text).pipe(
    Effect.orElseSucceed(() => ({ ErrorCode: undefined, Code: undefined, RequestId: undefined })),
    Effect.flatMap((body) => {
      const refusal = {
        source: name,
        detail: `CloudSSO refused ${what}`,
        status: answer.status,
        code: Text.code(body.ErrorCode) ?? Text.code(body.Code),
        requestId: Text.requestId(body.RequestId)
      }
      return answer.status === 401
        ? new SourceFailed({ ...refusal, reason: "Denied", hint: logInAgain, retryable: false })
        : stsError.failure(refusal)
    })
  )

/** Scheme and host of a sign-in address. */
export const originOf = (signInUrl: string): Effect.Effect<string, InvalidConfig> => {
  const [, scheme, host] = /^(https?):\/\/([A-Za-z0-9.-]+(?::\d{1,5})?|\[::1\](?::\d{1,5})?)(?:[/?#]|$)/i
    .exec(signInUrl.trim()) ?? []
  return scheme !== undefined && host !== undefined && (scheme.toLowerCase() === "https" || isLoopback(host))
    ? Effect.succeed(`${scheme.toLowerCase()}://${host}`)
    : invalidConfig(name, atOptions("signInUrl"), "it must be an https address")
}

/** One request to CloudSSO. */
export type Ask = <A>(options: {
  /** For errors: "the list of accounts". */
  readonly what: string
  readonly request: HttpClientRequest.HttpClientRequest
  readonly decode: (text: string) => Effect.Effect<A, ReadonlyArray<string>>
}) => Effect.Effect<A, SourceFailed>

/** The requests to a portal; `logInAgain` is the hint of a refusal that no other request can mend. */
export const requests = (
  url: string,
  config: Parameters<typeof timeoutsOf>[0],
  logInAgain: string
): Effect.Effect<Ask, never, HttpClient.HttpClient> =>
  Effect.map(Exchange.make, (exchange) => ({ decode, request, what }) =>
    question.send(exchange, {
      source: name,
      url,
      request: Effect.succeed(HttpClientRequest.acceptJson(request)),
      timeouts: timeoutsOf(config),
      retries: 2,
      answerer: "CloudSSO",
      decode,
      refused: (answer) => refused(what, answer, logInAgain)
    }))

/** The session of an access token. */
export const request = (ask: Ask, options: {
  readonly origin: string
  readonly accountId: string
  readonly accessConfig: string
  readonly accessToken: Redacted.Redacted
}): Effect.Effect<StsSession, SourceFailed> =>
  Effect.map(
    ask({
      what: "a session",
      request: HttpClientRequest.post(`${options.origin}/cloud-credentials`).pipe(
        HttpClientRequest.bearerToken(options.accessToken),
        HttpClientRequest.bodyUnsafeJson({
          AccountId: options.accountId,
          AccessConfigurationId: options.accessConfig
        })
      ),
      decode: decodeAnswer
    }),
    ({ CloudCredential: session }) => session
  )

/** The source of a login that is kept in `store`. */
export const make = (
  store: login.Store,
  config: Access
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const { accessConfig, accountId, signInUrl, ...options } = yield* validate(name, Access)(config)
    const origin = yield* originOf(signInUrl)
    const ask = yield* requests(origin, options, store.logInAgain)

    const fetch = Effect.fnUntraced(function*({ accessToken, accessTokenExpire = Infinity }: login.Login) {
      const now = (yield* Clock.currentTimeMillis) / 1000
      if (accessToken === undefined || accessTokenExpire <= now) {
        return yield* new SourceFailed({
          source: name,
          reason: "Expired",
          detail: "the login has ended",
          hint: store.logInAgain,
          retryable: false
        })
      }
      return yield* request(ask, { origin, accountId, accessConfig, accessToken })
    })

    return Source.fromEffect(name, resolve(store, "cloud_sso", fetch))
  })
