/** The state of a fake cloud: sessions, nonces, logins and the journal. */
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import type { JournalEntry, OAuthLoginState, Request } from "../FakeAlicloud.ts"
import type { World } from "../World.ts"
import { parseRoleArn } from "./declared.ts"
import type { DeviceCode } from "./device.ts"
import type { Armed } from "./faults.ts"
import { arm } from "./faults.ts"
import type { Target } from "./http.ts"
import type { SignInCode } from "./signIn.ts"
import type { BearerToken, OAuthLogin, PublicKey, Role, User } from "./worldSchema.ts"

/** A user, whether or not with an AccessKey. */
export type Principal =
  & Pick<User, "name" | "accountId" | "root" | "canAssumeRole">
  & Partial<Pick<User, "accessKeyId">>

/** Who a request is from. */
export type Caller =
  | { readonly _tag: "User"; readonly user: Principal }
  | { readonly _tag: "PublicKey"; readonly publicKey: PublicKey }
  | { readonly _tag: "Bearer"; readonly bearer: BearerToken }
  | {
    readonly _tag: "Role"
    readonly roleArn: string
    readonly sessionName: string
    readonly sourceIdentity?: string | undefined
  }

/** A session that was handed out. */
export interface Session {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** RSA sessions have none. */
  readonly securityToken: string | undefined
  readonly expiresAt: number
  readonly caller: Caller
}

/** The tokens that descend from one login. */
export interface OAuthFamily extends OAuthLoginState {
  currentRefreshToken: string
  currentAccessToken: string | undefined
  revoked: boolean
  refreshes: number
  exchanges: number
  /** Refresh tokens: when they were first used. */
  readonly refreshTokens: Map<string, number | undefined>
  /** Access tokens: when they end. */
  readonly accessTokens: Map<string, number>
}

/** Everything that changes. */
export interface State {
  world: World
  faults: Array<Armed>
  issued: number
  requests: number
  metadataTokenCount: number
  oauthTokenCount: number
  oidcTokenCount: number
  readonly sessions: Map<string, Session>
  /** By AccessKey ID and nonce: when it was used. */
  readonly nonces: Map<string, number>
  /** Metadata tokens: when they end. */
  readonly metadataTokens: Map<string, number>
  /** By the declared refresh token. */
  readonly oauthFamilies: Map<string, OAuthFamily>
  /** The logins that were made in a browser, beside the declared ones. */
  readonly signedIn: Array<OAuthLogin>
  /** How many codes the sign-in pages have handed out. */
  signInCount: number
  readonly signInCodes: Map<string, SignInCode>
  readonly deviceCodes: Map<string, DeviceCode>
  /** The access tokens of CloudSSO that were made in a browser. */
  readonly cloudSsoTokens: Map<string, { readonly host: string; readonly expiresAt: number }>
  readonly journal: Array<OpenEntry>
}

export const makeState = (world: World): State => ({
  world,
  faults: world.faults.map(arm),
  issued: 0,
  requests: 0,
  metadataTokenCount: 0,
  oauthTokenCount: 0,
  oidcTokenCount: 0,
  sessions: new Map(),
  nonces: new Map(),
  metadataTokens: new Map(),
  oauthFamilies: new Map(),
  signedIn: [],
  signInCount: 0,
  signInCodes: new Map(),
  deviceCodes: new Map(),
  cloudSsoTokens: new Map(),
  journal: []
})

/** A journal entry while its request is being answered. */
export type OpenEntry = { -readonly [K in keyof JournalEntry]: JournalEntry[K] }

/** One request on its way through a service. */
export interface Exchange {
  readonly entry: OpenEntry
  readonly state: State
  readonly request: Request
  readonly target: Target
  /** All parameters of query and form. */
  readonly parameters: Readonly<Record<string, string>>
  /** Epoch milliseconds of the cloud's clock. */
  readonly now: number
  readonly requestId: string
  /** Replaces the lifetime of the sessions that are handed out. */
  readonly lifetimeSeconds: number | undefined
}

export const nextRequestId = (state: State): string =>
  `FA4E0000-0000-4000-8000-${(++state.requests).toString(16).toUpperCase().padStart(12, "0")}`

/** Makes and remembers a session. Both sides agree on the whole second in which it ends. */
export const issue = (
  exchange: Exchange,
  options: { readonly caller: Caller; readonly seconds: number; readonly token: boolean }
): Session => {
  const { lifetimeSeconds, now, state } = exchange
  const serial = String(++state.issued).padStart(4, "0")
  const seconds = lifetimeSeconds ?? options.seconds * state.world.sessionSecondsScale
  const session: Session = {
    accessKeyId: `${options.token ? "STS" : "TMP"}.Fake${serial}`,
    accessKeySecret: `fake-secret-${serial}`,
    securityToken: options.token ? `fake-token-${serial}` : undefined,
    expiresAt: Math.ceil((now + seconds * 1000) / 1000) * 1000,
    caller: options.caller
  }
  state.sessions.set(session.accessKeyId, session)
  return session
}

/** The session of a role in the five-field form of the metadata service and of credentials URIs. */
export const roleDocument = (exchange: Exchange, caller: Caller, seconds: number): Readonly<Record<string, string>> => {
  const session = issue(exchange, { caller, seconds, token: true })
  return {
    Code: "Success",
    AccessKeyId: session.accessKeyId,
    AccessKeySecret: session.accessKeySecret,
    SecurityToken: session.securityToken ?? "",
    Expiration: Rfc3339.format(session.expiresAt)
  }
}

export const findRole = (state: State, arn: string): Role | undefined =>
  state.world.roles.find((role) => role.arn === arn)

/** The identity of a caller, as GetCallerIdentity returns it. */
export interface Identity {
  readonly type: "Account" | "RAMUser" | "AssumedRoleUser"
  readonly accountId: string
  readonly arn: string
  readonly userId: string
}

/** A stable number for a name, as ids of users and roles are. */
export const idOf = (text: string): string => {
  let hash = 7
  for (const char of text) hash = (hash * 31 + char.codePointAt(0)!) % 999_999_937
  return `3${String(hash).padStart(17, "0")}`
}

const ramUser = (accountId: string, name: string): Identity => {
  const arn = `acs:ram::${accountId}:user/${name}`
  return { type: "RAMUser", accountId, arn, userId: idOf(arn) }
}

export const identityOf = (caller: Caller): Identity => {
  switch (caller._tag) {
    case "User": {
      const { accountId, name, root } = caller.user
      return root
        ? { type: "Account", accountId, arn: `acs:ram::${accountId}:root`, userId: accountId }
        : ramUser(accountId, name)
    }
    case "PublicKey":
      return ramUser(caller.publicKey.accountId, caller.publicKey.publicKeyId)
    case "Bearer":
      return ramUser(caller.bearer.accountId, caller.bearer.name)
    case "Role": {
      const { accountId, name } = parseRoleArn(caller.roleArn) ?? { accountId: "", name: "" }
      return {
        type: "AssumedRoleUser",
        accountId,
        arn: `acs:ram::${accountId}:assumed-role/${name}/${caller.sessionName}`,
        userId: idOf(caller.roleArn)
      }
    }
  }
}
