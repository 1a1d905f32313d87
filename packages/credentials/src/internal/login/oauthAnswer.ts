/** The answers of the OAuth service, decoded for `oauth.ts` such that everything that is stored can be read again. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { CamelCase, PascalCase, type StsSession } from "../../unstable/SessionDocument.ts"
import * as Text from "../../unstable/Text.ts"
import * as secretJson from "../secrecy/secretJson.ts"

const Token = Schema.Redacted(Schema.compose(Schema.Trim, Schema.NonEmptyString))

/** Whatever else is wrong with it, an answer with an access token is used: the old refresh token may be no longer good. */
const TokenAnswer = Schema.Struct({
  access_token: Token,
  refresh_token: Schema.optional(Schema.NullOr(Schema.Redacted(Schema.Trim))),
  expires_in: Schema.optional(Schema.Unknown)
})

const defaultLifetimeSeconds = 3600

const maxLifetimeSeconds = 365 * 86_400

/** How long an access token lives, in whole seconds. */
const lifetimeOf = (expiresIn: unknown): number => {
  const seconds = typeof expiresIn === "string" ? Number(expiresIn) : expiresIn
  return typeof seconds === "number" && seconds >= 1
    ? Math.min(Math.floor(seconds), maxLifetimeSeconds)
    : defaultLifetimeSeconds
}

export const readToken = secretJson.decodeText(TokenAnswer)

/** The login after a refresh. The refresh token stays unless the answer has a new one. */
export const loginOf = <R extends Redacted.Redacted | undefined>(
  answer: typeof TokenAnswer.Type,
  now: number,
  refreshToken: R
): {
  readonly accessToken: Redacted.Redacted
  readonly accessTokenExpire: number
  readonly refreshToken: Redacted.Redacted | R
} => ({
  accessToken: answer.access_token,
  accessTokenExpire: Math.floor(now / 1000) + lifetimeOf(answer.expires_in),
  refreshToken: answer.refresh_token && Redacted.value(answer.refresh_token) !== ""
    ? answer.refresh_token
    : refreshToken
})

const decodeSession = secretJson.decode(CamelCase)
const decodePascal = secretJson.decode(PascalCase)

/** The session that an access token was traded for. The official clients disagree about the case of the first letter. */
export const readSession = (text: string): Effect.Effect<StsSession, ReadonlyArray<string>> =>
  Effect.flatMap(
    secretJson.parse(text),
    (json) =>
      typeof json === "object" && json !== null && "AccessKeyId" in json ? decodePascal(json) : decodeSession(json)
  )

const ErrorAnswer = Schema.Struct({
  error: Schema.optional(Schema.Unknown),
  Code: Schema.optional(Schema.Unknown),
  requestId: Schema.optional(Schema.Unknown),
  request_id: Schema.optional(Schema.Unknown),
  RequestId: Schema.optional(Schema.Unknown)
})

const decodeError = secretJson.decodeText(ErrorAnswer)

/**
 * What a refusal says. The service spells its fields in one way at one address and in the other at the next; its gateway
 * answers as other services do.
 */
export const readError = (
  text: string
): Effect.Effect<{ readonly code: string | undefined; readonly requestId: string | undefined }> =>
  decodeError(text).pipe(
    Effect.orElseSucceed((): typeof ErrorAnswer.Type => ({})),
    Effect.map((body) => ({
      code: Text.code(body.error) ?? Text.code(body.Code),
      requestId: Text.requestId(body.requestId) ?? Text.requestId(body.request_id) ?? Text.requestId(body.RequestId)
    }))
  )
