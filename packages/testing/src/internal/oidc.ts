/** How the Security Token Service of the fake cloud verifies OIDC tokens. */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type { ApiError } from "../Action.ts"
import type { World } from "../World.ts"
import * as jwt from "./jwt.ts"
import { apiError } from "./rpc.ts"
import type { Exchange } from "./state.ts"

/** What is known of a token that was accepted. */
export interface Verified {
  readonly subject: string
  readonly issuer: string
  readonly audience: string
  /** Epoch milliseconds. */
  readonly issuedAt: number
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

const failed = (code: string, text: string): ApiError => apiError(401, `AuthenticationFail.${code}`, text)

const invalid = failed("OIDCToken.Invalid", "The OIDC token is not valid.")

const expired = failed("OIDCToken.Expired", "The OIDC token is expired.")

const wrongAudience = failed("OIDCToken.AudienceNotMatch", "The audience of the OIDC token is not allowed.")

/** Nothing that the role trusts. */
export const forbidden = failed("NoPermission", "This operation is forbidden by the trust policy of the role.")

/** How far a token may be ahead of the cloud's clock. */
const toleratedSeconds = 60

const numberIn = (claims: Readonly<Record<string, unknown>>, name: string): number =>
  typeof claims[name] === "number" ? claims[name] : Number.NaN

const verify = (
  token: string,
  provider: World["oidcProviders"][number],
  now: number
): Effect.Effect<Verified, ApiError> =>
  Effect.gen(function*() {
    const claims = yield* Effect.mapError(
      jwt.verify(token),
      (problem) =>
        problem === "Invalid"
          ? invalid
          : failed("OIDCToken.InvalidSignature", "The signature of the OIDC token is not valid.")
    )
    const seconds = now / 1000
    const [issuedAt, expiresAt] = [numberIn(claims, "iat"), numberIn(claims, "exp")]
    const audience = [claims["aud"]].flat().find((audience) => provider.clientIds.some((id) => id === audience))
    if (claims["iss"] !== provider.issuer || !(issuedAt <= seconds + toleratedSeconds)) return yield* invalid
    if (!(expiresAt > seconds) || issuedAt < seconds - provider.issuanceLimitHours * 3600) return yield* expired
    if (audience === undefined) return yield* wrongAudience
    return {
      subject: String(claims["sub"]),
      issuer: provider.issuer,
      audience: String(audience),
      issuedAt: issuedAt * 1000,
      expiresAt: expiresAt * 1000
    }
  })

/** Verifies a token for a provider: one that the world declares as text, or a signed one of a declared provider. */
export const authenticate = (
  { now, state: { world } }: Exchange,
  text: string,
  providerArn: string
): Effect.Effect<Verified, ApiError> =>
  Effect.gen(function*() {
    const declared = world.oidcTokens.find(({ token }) => token === text)
    if (declared === undefined) {
      const provider = world.oidcProviders.find(({ arn }) => arn === providerArn)
      return provider === undefined
        ? yield* (world.oidcProviders.length === 0 ? invalid : forbidden)
        : yield* verify(text, provider, now)
    }
    const expiresAt = declared.expiresAt === undefined ? now + 3_600_000 : DateTime.toEpochMillis(declared.expiresAt)
    if (expiresAt <= now) return yield* expired
    if (declared.audience !== "sts.aliyuncs.com") return yield* wrongAudience
    if (declared.providerArn !== providerArn) return yield* forbidden
    return {
      subject: declared.subject,
      issuer: `https://oidc.example.com/${providerArn.slice(providerArn.indexOf("/") + 1)}`,
      audience: declared.audience,
      issuedAt: expiresAt - 3_600_000,
      expiresAt
    }
  })
