import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Rfc3339 } from "../../unstable/Rfc3339.ts"
import type { Session } from "../../unstable/SessionDocument.ts"
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

const SessionAnswer = Schema.Struct({
  accessKeyId: Schema.NonEmptyString,
  accessKeySecret: Secret,
  securityToken: Secret,
  expiration: Schema.optional(Rfc3339)
})

/** The official clients disagree about the case of the first letter. */
const PascalAnswer = Schema.Struct({
  AccessKeyId: Schema.NonEmptyString,
  AccessKeySecret: Secret,
  SecurityToken: Secret,
  Expiration: Schema.optional(Rfc3339)
})

export const readToken = secretJson.decodeText(TokenAnswer)
const decodeSession = secretJson.decode(SessionAnswer)
const decodePascal = secretJson.decode(PascalAnswer)

/** The session that an access token was traded for. */
export const readSession = (text: string): Effect.Effect<Session, ReadonlyArray<string>> =>
  Effect.flatMap(secretJson.parse(text), (json) =>
    typeof json === "object" && json !== null && "AccessKeyId" in json
      ? Effect.map(decodePascal(json), (session) => ({
        accessKeyId: session.AccessKeyId,
        accessKeySecret: session.AccessKeySecret,
        securityToken: session.SecurityToken,
        expiration: session.Expiration
      }))
      : Effect.map(decodeSession(json), (session) => ({ ...session, expiration: session.expiration })))

export const readError = secretJson.decodeText(Schema.Struct({
  error: Schema.Unknown,
  requestId: Schema.optional(Schema.Unknown)
}))
