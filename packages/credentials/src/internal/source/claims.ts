/**
 * What an OIDC token says about itself. `OidcRoleArn` reads it to hold back a token that has ended, to explain refusals, and
 * to tell sessions of different tokens apart. Nothing here verifies a token: that is for the service.
 */
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import { decodeUtf8 } from "../../unstable/WebCrypto.ts"

/** The claims of a token that are no secret. Those that are missing or of another type are left out. */
export interface Claims {
  readonly issuer?: string | undefined
  readonly subject?: string | undefined
  readonly audience: ReadonlyArray<string>
  /** Epoch milliseconds. */
  readonly issuedAt?: number | undefined
  /** Epoch milliseconds. */
  readonly expiresAt?: number | undefined
}

const none: Claims = { audience: [] }

/** The Security Token Service takes no longer ones. */
export const maxLength = 20_000

const parse: (text: string) => Option.Option<unknown> = Option.liftThrowable((text): unknown => JSON.parse(text))

const textIn = (payload: object, name: string): string | undefined => {
  const value = Reflect.get(payload, name)
  return typeof value === "string" ? value : undefined
}

/** The last moment that a `Date` can hold. */
const maxMillis = 8.64e15

const timeIn = (payload: object, name: string): number | undefined => {
  const seconds = Reflect.get(payload, name)
  const millis = typeof seconds === "number" ? seconds * 1000 : Number.NaN
  return millis >= 0 && millis <= maxMillis ? millis : undefined
}

const read = (payload: object): Claims => {
  const audience = Reflect.get(payload, "aud")
  return {
    issuer: textIn(payload, "iss"),
    subject: textIn(payload, "sub"),
    audience: (Array.isArray(audience) ? audience : [audience]).filter(Predicate.isString),
    issuedAt: timeIn(payload, "iat"),
    expiresAt: timeIn(payload, "exp")
  }
}

/** The claims of a JWT; of any other text, none. */
export const claims = (token: Redacted.Redacted): Claims => {
  const text = Redacted.value(token)
  const parts = text.length > maxLength ? [] : text.split(".", 4)
  return parts.length !== 3
    ? none
    : Encoding.decodeBase64Url(parts[1] ?? "").pipe(
      Either.getRight,
      Option.flatMapNullable(decodeUtf8),
      Option.flatMap(parse),
      Option.filter(Predicate.isRecord),
      Option.match({ onNone: () => none, onSome: read })
    )
}
