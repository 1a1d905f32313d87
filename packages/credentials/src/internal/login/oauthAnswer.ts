import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CamelCase, PascalCase, type StsSession } from "../../unstable/SessionDocument.ts"
import * as secretJson from "../secrecy/secretJson.ts"

const Secret = Schema.Redacted(Schema.NonEmptyString)

/** Whatever else is wrong with it, an answer with an access token is used: the old refresh token may be no longer good. */
const TokenAnswer = Schema.Struct({
  access_token: Secret,
  refresh_token: Schema.optional(Schema.NullOr(Schema.Redacted(Schema.String))),
  expires_in: Schema.optional(Schema.Unknown)
})

const defaultLifetimeSeconds = 3600

/** How long an access token lives, in seconds. */
export const lifetimeOf = (expiresIn: unknown): number => {
  const seconds = typeof expiresIn === "string" ? Number(expiresIn) : expiresIn
  return typeof seconds === "number" && Number.isFinite(seconds) && seconds > 0
    ? Math.floor(seconds)
    : defaultLifetimeSeconds
}

export const readToken = secretJson.decodeText(TokenAnswer)
const decodeSession = secretJson.decode(CamelCase)
const decodePascal = secretJson.decode(PascalCase)

/** The session that an access token was traded for. The official clients disagree about the case of the first letter. */
export const readSession = (text: string): Effect.Effect<StsSession, ReadonlyArray<string>> =>
  Effect.flatMap(
    secretJson.parse(text),
    (json) =>
      typeof json === "object" && json !== null && "AccessKeyId" in json ? decodePascal(json) : decodeSession(json)
  )

/** The service spells the request id in one way at one address and in the other at the next. */
export const readError = secretJson.decodeText(Schema.Struct({
  error: Schema.Unknown,
  requestId: Schema.optional(Schema.Unknown),
  request_id: Schema.optional(Schema.Unknown)
}))
