/** AssumeRoleWithOIDC calls, for `OidcRoleArn`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Credentials from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import type * as OidcToken from "../../OidcToken.ts"
import { SessionStore } from "../../SessionStore.ts"
import type * as Sts from "../../Sts.ts"
import type { StsSession } from "../../unstable/SessionDocument.ts"
import { keyOf, Sharing } from "../../unstable/Sharing.ts"
import { share, sharing } from "../store/share.ts"
import type { Assumed } from "./assumeRole.ts"
import type { Claims } from "./claims.ts"
import * as oidcToken from "./oidcToken.ts"

/** All that decides the session, but for the service's address and the token. */
export interface Role extends Sts.SessionOptions {
  readonly roleArn: string
  readonly oidcProviderArn: string
  /** The session name where the role says none. It does not distinguish sessions that are shared. */
  readonly defaultSessionName: string
}

const providerName = "oidc_role_arn"

const credentials = Effect.map((session: StsSession): Credentials.Credentials =>
  Credentials.sts({ type: "oidc_role_arn", providerName, ...session })
)

/** Assumes a role, through the store of sessions in the context if there is one. */
export const make = (sts: Sts.Sts, obtain: OidcToken.OidcToken, role: Role): Effect.Effect<Assumed> =>
  Effect.map(Effect.serviceOption(SessionStore), (store) => {
    const fresh = Effect.flatMap(obtain, oidcToken.check)
    const roleSessionName = role.roleSessionName ?? role.defaultSessionName

    /** The first attempt may send a token that is there already, unless it has ended meanwhile. */
    const fetch = (first?: Effect.Effect.Success<typeof fresh>): Effect.Effect<StsSession, CredentialsError> =>
      Effect.suspend(() => {
        let given = first
        let sent: Claims | undefined
        const token = Effect.suspend(() => {
          const known = given
          given = undefined
          return known === undefined ? fresh : Effect.orElse(oidcToken.check(known.token), () => fresh)
        }).pipe(Effect.map(({ claims, token }) => {
          sent = claims
          return token
        }))
        return sts.assumeRoleWithOidc({ ...role, roleSessionName, oidcToken: token }).pipe(
          Effect.catchAll((error) => Effect.flip(oidcToken.explain(error, sent)))
        )
      })

    if (Option.isNone(store)) return { get: credentials(fetch()) }

    const identity = Effect.gen(function*() {
      const first = yield* fresh
      const { audience, issuer, subject } = first.claims
      const key = yield* keyOf(
        "AssumeRoleWithOIDC",
        sts.url,
        role.oidcProviderArn,
        subject === undefined ? Redacted.value(first.token) : [issuer, subject, ...audience],
        role.roleArn,
        role.roleSessionName,
        role.roleSessionExpiration,
        role.policy
      )
      const shared = { key, fetch: fetch(first), roleArn: role.roleArn, roleSessionName }
      return { key, providerName, get: credentials(share(store.value, shared)) }
    })
    return { get: Effect.flatMap(identity, ({ get }) => get), [Sharing]: sharing(store.value, identity) }
  })
