/** What `OidcRoleArn` checks of a token before it is sent, and how it explains a refusal by what the token says of itself. */
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { CredentialsError } from "../../CredentialsError.ts"
import { SourceFailed } from "../../CredentialsError.ts"
import * as Text from "../../unstable/Text.ts"
import type { Claims } from "./claims.ts"
import { claims, maxLength } from "./claims.ts"
import { malformed } from "./exchange.ts"
import { source } from "./tokenEndpoint.ts"

/** A token that may be sent, and its claims. */
export interface Usable {
  readonly token: Redacted.Redacted
  readonly claims: Claims
}

const unusable = (detail: string): SourceFailed => malformed({ source, detail })

const since = (from: number, to: number): string =>
  Duration.format(Duration.seconds(Math.max(Math.round(Math.abs(to - from) / 1000), 1)))

/** Trims a token, and fails where the service would refuse it in any case. A text that is no JWT has no claims to check. */
export const check: (given: unknown) => Effect.Effect<Usable, SourceFailed> = Effect.fnUntraced(function*(given) {
  const text = Redacted.isRedacted(given) ? Redacted.value(given) : undefined
  if (typeof text !== "string") return yield* unusable("the effect in oidcToken did not answer a Redacted text")
  const token = Redacted.make(text.trim())
  const { length } = Redacted.value(token)
  if (length === 0) return yield* unusable("the OIDC token is empty")
  if (length > maxLength) {
    return yield* unusable(`the OIDC token has ${length} characters, more than the ${maxLength} that STS accepts`)
  }
  if (/[^\x21-\x7e]/.test(Redacted.value(token))) {
    return yield* unusable("the OIDC token contains a line feed or another character that no token has")
  }
  const found = claims(token)
  const now = yield* Clock.currentTimeMillis
  return found.expiresAt !== undefined && found.expiresAt <= now
    ? yield* new SourceFailed({
      source,
      reason: "Expired",
      detail: `the OIDC token ended ${since(found.expiresAt, now)} ago by this machine's clock, and was not sent`,
      hint: "Renew it before it ends: check what provides it. Check this machine's clock, too.",
      retryable: true
    })
    : { token, claims: found }
})

const quoted = (text: string): string => `"${Text.path(text.slice(0, 256))}"`

const when = (at: number, now: number): string =>
  Math.abs(now - at) < 1000 ? "now" : at < now ? `${since(at, now)} ago` : `in ${since(at, now)}`

const factsOf = ({ audience, expiresAt, issuedAt, issuer, subject }: Claims, now: number): ReadonlyArray<string> =>
  [
    audience.length === 0 ? undefined : `audience ${audience.slice(0, 4).map(quoted).join(", ")}`,
    issuer === undefined ? undefined : `issuer ${quoted(issuer)}`,
    subject === undefined ? undefined : `subject ${quoted(subject)}`,
    issuedAt === undefined ? undefined : `issued ${when(issuedAt, now)}`,
    expiresAt === undefined ? undefined : `ends ${when(expiresAt, now)}`
  ].filter((fact) => fact !== undefined)

const ended = "AuthenticationFail.OIDCToken.Expired"

/** Adds what the token says of itself to a refusal that is about the token. */
export const explain = (error: CredentialsError, token: Claims | undefined): Effect.Effect<CredentialsError> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const isAboutToken = error._tag === "SourceFailed" && error.code?.startsWith("AuthenticationFail.") === true
    const facts = token === undefined || !isAboutToken ? [] : factsOf(token, now)
    if (token === undefined || !isAboutToken || facts.length === 0) return error
    const isOld = error.code === ended && (token.expiresAt ?? 0) > now
    const hint = isOld
      ? "The OIDC token is older than the issuance limit of the provider: raise the limit, or use a newer token."
      : error.hint ?? ""
    return new SourceFailed({ ...error, hint: `${hint} The token: ${facts.join(", ")}.`.trim() })
  })
