/** AssumeRole calls, for `RamRoleArn` and its keyed form `RamRoleArns`. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Credentials from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import { atOptions, invalidConfig } from "../../CredentialsError.ts"
import type { Service } from "../../SessionStore.ts"
import { SessionStore } from "../../SessionStore.ts"
import type { Caller } from "../../sources/RamRoleArn.ts"
import type * as Sts from "../../Sts.ts"
import type { StsSession } from "../../unstable/SessionDocument.ts"
import { keyOf, type Shares, Sharing } from "../../unstable/Sharing.ts"
import { share, sharing } from "../store/share.ts"

export const name = "RamRoleArn"

export const CallerFromSelf: Schema.Schema<Caller> = Schema.declare(
  (input: unknown): input is Caller =>
    Predicate.hasProperty(input, "get") && Effect.isEffect(input.get) &&
    (!Predicate.hasProperty(input, "invalidate") || input.invalidate === undefined ||
      Predicate.isFunction(input.invalidate)),
  { identifier: "Caller", description: "a credentials provider or source" }
)

/** The role, and what its sessions are to be like. */
export interface Role extends Sts.SessionOptions {
  readonly roleArn: string
  readonly externalId?: string | undefined
  readonly sourceIdentity?: string | undefined
  /** The session name where the role says none. It does not distinguish sessions that are shared. */
  readonly defaultSessionName: string
}

/** The service's codes for a caller whose own credentials are no longer any good. */
const callerRefused = /^Invalid(?:AccessKeyId|SecurityToken)/

const signerOf = (get: Caller["get"]): Effect.Effect<Credentials.Signing, CredentialsError> =>
  Effect.flatMap(
    get,
    (signer) =>
      signer._tag === "Bearer" || signer._tag === "Anonymous"
        ? invalidConfig(
          name,
          atOptions("caller"),
          `${signer.type} credentials cannot sign AssumeRole: use a key pair or a session`
        )
        : Effect.succeed(signer)
  )

/** A caller that is a source keeps no session itself, but its session may be in the store. */
const reject = (caller: Caller & Shares, signer: Credentials.Signing): Effect.Effect<void> =>
  caller.invalidate?.(signer) ?? caller[Sharing]?.invalidate(signer) ?? Effect.void

const fetch = Effect.fnUntraced(function*(sts: Sts.Sts, caller: Caller, role: Role, signer: Credentials.Signing) {
  return yield* Effect.tapError(
    sts.assumeRole(signer, { ...role, roleSessionName: role.roleSessionName ?? role.defaultSessionName }),
    (error) => callerRefused.test(error.code ?? "") ? reject(caller, signer) : Effect.void
  )
})

const credentials = (session: StsSession, signer: { readonly providerName: string }): Credentials.Sts =>
  Credentials.sts({ type: "ram_role_arn", providerName: `ram_role_arn/${signer.providerName}`, ...session })

/** The sessions of one role. */
export interface Assumed extends Shares {
  /** Gets one, from the store of sessions where there is one. */
  readonly get: Effect.Effect<Credentials.Credentials, CredentialsError>
}

const direct = (sts: Sts.Sts, caller: Caller, role: Role): Assumed => ({
  get: Effect.flatMap(
    signerOf(caller.get),
    (signer) => Effect.map(fetch(sts, caller, role, signer), (session) => credentials(session, signer))
  )
})

const throughStore = (store: Service, sts: Sts.Sts, caller: Caller & Shares, role: Role): Assumed => {
  /** Who calls: a session that is stored itself is known by its key, so that it need not be got. */
  const whoCalls = Effect.gen(function*() {
    const stored = yield* caller[Sharing]?.identity ?? Effect.succeed(undefined)
    if (stored !== undefined) {
      return { ...stored, who: ["session", stored.key], signer: signerOf(stored.get) }
    }
    const signer = yield* signerOf(caller.get)
    return { providerName: signer.providerName, who: ["AccessKey", signer.accessKeyId], signer: Effect.succeed(signer) }
  })

  const identity = Effect.gen(function*() {
    const { providerName, signer, who } = yield* whoCalls
    const key = yield* keyOf(
      "AssumeRole",
      sts.url,
      who,
      role.roleArn,
      role.roleSessionName,
      role.roleSessionExpiration,
      role.policy,
      role.externalId,
      role.sourceIdentity
    )
    const session = share(store, {
      key,
      roleArn: role.roleArn,
      roleSessionName: role.roleSessionName ?? role.defaultSessionName,
      fetch: Effect.flatMap(signer, (signer) => fetch(sts, caller, role, signer))
    })
    return {
      key,
      providerName: `ram_role_arn/${providerName}`,
      get: Effect.map(session, (session) => credentials(session, { providerName }))
    }
  })

  return { get: Effect.flatMap(identity, ({ get }) => get), [Sharing]: sharing(store, identity) }
}

/** Assumes roles, through the store of sessions in the context if there is one. */
export const make: Effect.Effect<(sts: Sts.Sts, caller: Caller, role: Role) => Assumed> = Effect.map(
  Effect.serviceOption(SessionStore),
  Option.match({
    onNone: () => direct,
    onSome: (store) => (sts, caller, role) => throughStore(store, sts, caller, role)
  })
)
