/** The OAuth service of the fake cloud. */
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { capitalize } from "effect/String"
import type { ApiError } from "../Action.ts"
import type { OAuthLoginState, Reply } from "../FakeAlicloud.ts"
import type { Endpoint } from "../Fault.ts"
import type { World } from "../World.ts"
import type { Target } from "./http.ts"
import { bearerOf, formOf, json } from "./http.ts"
import { apiError } from "./rpc.ts"
import { authorize, redeemCode } from "./signIn.ts"
import type { Caller, Exchange, OAuthFamily, State } from "./state.ts"
import { issue } from "./state.ts"
import type { OAuthLogin } from "./worldSchema.ts"

interface Site {
  readonly id: OAuthLogin["site"]
  readonly hostname: string
  /** The host of the sign-in page. */
  readonly signIn: string
  readonly clientId: string
}

const sites: ReadonlyArray<Site> = [
  { id: "CN", hostname: "oauth.aliyun.com", signIn: "signin.aliyun.com", clientId: "4038181954557748008" },
  {
    id: "INTL",
    hostname: "oauth.alibabacloud.com",
    signIn: "signin.alibabacloud.com",
    clientId: "4103531455503354461"
  }
]

const siteOf = ({ hostname }: Target): Site | undefined =>
  sites.find((site) => site.hostname === hostname || site.signIn === hostname)

export const servesOAuth = (target: Target): boolean => siteOf(target) !== undefined

/** The host that has a path, on the site on which the world has its logins. */
export const oauthHost = ({ oauthLogins, oauthUsers }: World, path: string): string | undefined => {
  const endpoint = oauthEndpoint(path)
  const site = sites.find(({ id }) => [...oauthLogins, ...oauthUsers].some((login) => login.site === id))
  return endpoint === "oauth" ? undefined : endpoint === "oauth.authorize" ? site?.signIn : site?.hostname
}

/** Which step of the protocol a path belongs to. */
export const oauthEndpoint = (path: string): Endpoint =>
  path === "/v1/token"
    ? "oauth.token"
    : path === "/v1/exchange"
    ? "oauth.exchange"
    : path === "/oauth2/v1/auth"
    ? "oauth.authorize"
    : "oauth"

interface Login {
  readonly declared: OAuthLogin
  readonly family: OAuthFamily
}

const endOf = (time: DateTime.Utc | undefined): number =>
  time === undefined ? Number.POSITIVE_INFINITY : DateTime.toEpochMillis(time)

const familyOf = (state: State, login: OAuthLogin): OAuthFamily => {
  const known = state.oauthFamilies.get(login.refreshToken)
  if (known !== undefined) return known
  const family: OAuthFamily = {
    currentRefreshToken: login.refreshToken,
    currentAccessToken: login.accessToken,
    revoked: false,
    refreshes: 0,
    exchanges: 0,
    refreshTokens: new Map([[login.refreshToken, undefined]]),
    accessTokens: new Map(
      login.accessToken === undefined ? [] : [[login.accessToken, endOf(login.accessTokenExpiresAt)]]
    )
  }
  state.oauthFamilies.set(login.refreshToken, family)
  return family
}

const loginsOf = (state: State): ReadonlyArray<Login> =>
  [...state.world.oauthLogins, ...state.signedIn].map((declared) => ({ declared, family: familyOf(state, declared) }))

const loginsAt = ({ state }: Exchange, site: Site): ReadonlyArray<Login> =>
  loginsOf(state).filter(({ declared }) => declared.site === site.id)

/** The state of the login with this refresh token, whether current, used or declared, or else of this user. */
export const oauthLogin = (state: State, refreshTokenOrUser: string): OAuthLoginState | undefined => {
  const logins = loginsOf(state)
  const login = logins.find(({ family }) => family.refreshTokens.has(refreshTokenOrUser)) ??
    logins.find(({ declared }) => declared.userName === refreshTokenOrUser)
  if (login === undefined) return undefined
  const { currentAccessToken, currentRefreshToken, exchanges, refreshes, revoked } = login.family
  return { currentRefreshToken, currentAccessToken, revoked, refreshes, exchanges }
}

const newTokens = (state: State): { readonly access: string; readonly refresh: string } => {
  const serial = String(++state.oauthTokenCount).padStart(4, "0")
  const access = `fake-oauth-access-token-${serial}`
  const refresh = `fake-oauth-refresh-token-${serial}`
  const isTaken = loginsOf(state).some(({ family }) =>
    family.accessTokens.has(access) || family.refreshTokens.has(refresh)
  )
  return isTaken ? newTokens(state) : { access, refresh }
}

const invalidRequest = (text: string): ApiError => apiError(400, "invalid_request", text)

const invalidGrant = (text: string): ApiError => apiError(400, "invalid_grant", text)

const invalidToken = (text: string): ApiError => apiError(401, "invalid_token", text)

const checkForm = (form: Readonly<Record<string, string>>, site: Site): ApiError | undefined => {
  const type = form["grant_type"] ?? ""
  if (type !== "" && type !== "refresh_token" && type !== "authorization_code") {
    return apiError(400, "unsupported_grant_type", "This grant type is not supported.")
  }
  const needed = type === "authorization_code" ? ["client_id"] : ["grant_type", "client_id", "refresh_token"]
  const missing = needed.find((name) => (form[name] ?? "") === "")
  if (missing !== undefined) return invalidRequest(`The form lacks ${missing}.`)
  return form["client_id"] === site.clientId
    ? undefined
    : apiError(401, "invalid_client", "The client is not known at this site.")
}

const rotate = ({ lifetimeSeconds, now, state }: Exchange, { declared, family }: Login): object => {
  const { access, refresh } = newTokens(state)
  const seconds = Math.ceil(lifetimeSeconds ?? declared.accessTokenSeconds)
  family.refreshTokens.set(refresh, undefined)
  family.accessTokens.set(access, now + seconds * 1000)
  family.currentRefreshToken = refresh
  family.currentAccessToken = access
  family.refreshes++
  return {
    access_token: access,
    refresh_token: refresh,
    token_type: "Bearer",
    ...(declared.omitExpiresIn ? {} : { expires_in: seconds }),
    ...(declared.refreshTokenExpiresAt === undefined
      ? {}
      : { refresh_expires_in: Math.floor((endOf(declared.refreshTokenExpiresAt) - now) / 1000) })
  }
}

/** The tokens of a login that was made in a browser. */
const signIn = (exchange: Exchange, site: Site): Effect.Effect<object, ApiError> => {
  const { now, request, state } = exchange
  const form = formOf(request)
  const revoke = (login: OAuthLogin): void => {
    familyOf(state, login).revoked = true
  }
  return Effect.gen(function*() {
    const wrong = checkForm(form, site)
    if (wrong !== undefined) return yield* wrong
    const code = yield* redeemCode(state, form, now, revoke)
    const { access, refresh } = newTokens(state)
    const { denies: _, ...user } = code.user
    const seconds = Math.ceil(exchange.lifetimeSeconds ?? user.accessTokenSeconds)
    code.login = {
      ...user,
      refreshToken: refresh,
      accessToken: access,
      accessTokenExpiresAt: DateTime.unsafeMake(now + seconds * 1000),
      omitExpiresIn: false
    }
    state.signedIn.push(code.login)
    return { access_token: access, refresh_token: refresh, token_type: "Bearer", expires_in: seconds }
  })
}

/** Not to be interrupted between looking at a refresh token and marking it as used. */
const refresh = (exchange: Exchange, site: Site): Effect.Effect<object, ApiError> =>
  Effect.suspend(() => {
    const { now, request, state } = exchange
    const form = formOf(request)
    const wrong = checkForm(form, site)
    if (wrong !== undefined) return wrong
    const given = form["refresh_token"] ?? ""
    const login = loginsAt(exchange, site).find(({ family }) => family.refreshTokens.has(given))
    if (login === undefined) return invalidGrant("The refresh token is not known.")
    const { declared, family } = login
    if (family.revoked) return invalidGrant("The login is revoked.")
    const usedAt = family.refreshTokens.get(given)
    if (usedAt !== undefined && Math.abs(now - usedAt) >= state.world.oauthReuseGraceSeconds * 1000) {
      family.revoked = true
      return invalidGrant("The refresh token was used before; the login is revoked.")
    }
    if (endOf(declared.refreshTokenExpiresAt) <= now) return invalidGrant("The refresh token is expired.")
    family.refreshTokens.set(given, usedAt ?? now)
    return Effect.succeed(rotate(exchange, login))
  })

const callerOf = ({ world }: State, { accountId, userName }: OAuthLogin): Caller => ({
  _tag: "User",
  user: world.users.find((user) => user.name === userName && user.accountId === accountId) ??
    { name: userName, accountId, root: false, canAssumeRole: true }
})

const redeem = (exchange: Exchange, site: Site): Effect.Effect<object, ApiError> =>
  Effect.suspend(() => {
    const { now, request, requestId, state } = exchange
    const given = bearerOf(request)
    if (given === undefined) return invalidToken("The request carries no bearer token.")
    const login = loginsAt(exchange, site).find(({ family }) => family.accessTokens.has(given))
    if (login === undefined || login.family.revoked) return invalidToken("The access token is not valid.")
    const { declared, family } = login
    if ((family.accessTokens.get(given) ?? 0) <= now) {
      return apiError(401, "expired_token", "The access token is expired.")
    }
    family.exchanges++
    const caller = callerOf(state, declared)
    const session = issue(exchange, { caller, seconds: declared.sessionSeconds, token: true })
    const fields = {
      requestId,
      accessKeyId: session.accessKeyId,
      accessKeySecret: session.accessKeySecret,
      securityToken: session.securityToken,
      expiration: Rfc3339.format(session.expiresAt)
    }
    return Effect.succeed(
      state.world.oauthCasing === "camel"
        ? fields
        : Object.fromEntries(Object.entries(fields).map(([name, value]) => [capitalize(name), value]))
    )
  })

/** How the OAuth service says no. */
export const oauthFailure = ({ requestId, target }: Exchange, { code, message, status }: ApiError): Reply =>
  json(status, {
    error: code,
    error_description: message,
    [oauthEndpoint(target.path) === "oauth.exchange" ? "requestId" : "request_id"]: requestId
  })

/** The OAuth service behind logins with a browser: new tokens for a refresh token, a session for an access token. */
export const oauth = (exchange: Exchange): Effect.Effect<Reply, ApiError> => {
  const { request, target } = exchange
  const site = siteOf(target)
  const endpoint = oauthEndpoint(target.path)
  const isPage = endpoint === "oauth.authorize"
  if (site === undefined || endpoint === "oauth" || isPage !== (site.signIn === target.hostname)) {
    return apiError(404, "not_found", "There is nothing at this path.")
  }
  if (isPage) {
    return request.method === "GET"
      ? Effect.sync(() => authorize(exchange, site))
      : apiError(405, "invalid_request", "Use GET.")
  }
  if (request.method !== "POST") return apiError(405, "invalid_request", "Use POST.")
  const run = endpoint === "oauth.exchange"
    ? redeem
    : formOf(request)["grant_type"] === "authorization_code"
    ? signIn
    : refresh
  return Effect.map(run(exchange, site), (document) => json(200, document))
}
