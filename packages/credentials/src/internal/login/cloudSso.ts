/**
 * The request of a CloudSSO login: its access token is exchanged for a session. For the source `CloudSso`, whose login is
 * given in code, and for profiles of mode CloudSSO, whose login is in `config.json`.
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
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

/** The source of a login that is kept in `store`. */
export const make = (
  store: login.Store,
  config: Access
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Access)(config)
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

    return Source.fromEffect(name, resolve(store, "cloud_sso", fetch))
  })
