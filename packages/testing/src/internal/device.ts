/** The sign-in of CloudSSO portals of the fake cloud: device codes, and what a user may choose from. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ApiError } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import { json, parseJson, queryOf } from "./http.ts"
import { apiError, missingParameter } from "./rpc.ts"
import { challengeOf, signInPage } from "./signIn.ts"
import type { Exchange } from "./state.ts"
import type { CloudSsoSite } from "./worldSchema.ts"

/** An authorization that waits for its user, or has had an answer. */
export interface DeviceCode {
  readonly host: string
  readonly userCode: string
  readonly clientId: string
  readonly challenge: string
  readonly expiresAt: number
  status: "waiting" | "approved" | "denied" | "used"
}

const codeSeconds = 600

export const verificationPath = "/device/code"

const bodyOf = ({ request }: Exchange): Effect.Effect<(name: string) => string, ApiError> => {
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) {
    return apiError(415, "UnsupportedMediaType", "The body must be application/json.")
  }
  const document = Option.getOrUndefined(parseJson(request.body))
  return typeof document !== "object" || document === null
    ? apiError(400, "InvalidBody", "The body is not a JSON object.")
    : Effect.succeed((name) => {
      const value: unknown = Reflect.get(document, name)
      return typeof value === "string" ? value : ""
    })
}

/** The first step: codes for the program and for the user. */
export const authorizeDevice = (exchange: Exchange, site: CloudSsoSite): Effect.Effect<Reply, ApiError> =>
  Effect.gen(function*() {
    const { now, state, target } = exchange
    const field = yield* bodyOf(exchange)
    const missing = ["PortalUrl", "ClientId", "CodeChallenge", "CodeChallengeMethod"].find((name) => field(name) === "")
    if (missing !== undefined) return yield* missingParameter(missing)
    if (field("CodeChallengeMethod") !== "S256" || !/^[\w-]{43}$/.test(field("CodeChallenge"))) {
      return yield* apiError(400, "InvalidParameter.CodeChallenge", "The code challenge is not a SHA-256 hash.")
    }
    if (!field("PortalUrl").startsWith(`https://${target.host}/`)) {
      return yield* apiError(400, "InvalidParameter.PortalUrl", "The portal is not known here.")
    }
    const serial = String(++state.signInCount).padStart(4, "0")
    const device: DeviceCode = {
      host: site.host,
      userCode: `FAKE-${serial}`,
      clientId: field("ClientId"),
      challenge: field("CodeChallenge"),
      expiresAt: now + codeSeconds * 1000,
      status: "waiting"
    }
    state.deviceCodes.set(`fake-device-code-${serial}`, device)
    const page = `https://${target.host}${verificationPath}`
    return json(200, {
      DeviceCode: `fake-device-code-${serial}`,
      UserCode: device.userCode,
      VerificationUri: page,
      VerificationUriComplete: `${page}?user_code=${device.userCode}`,
      Interval: site.pollSeconds,
      ExpiresIn: codeSeconds,
      RequestId: exchange.requestId
    })
  })

/** The page at which the user of the browser confirms a code: opening it is enough. */
export const confirmDevice = ({ now, state, target }: Exchange, { host, user }: CloudSsoSite): Reply => {
  const code = queryOf(target)["user_code"]
  const device = [...state.deviceCodes.values()].find((known) => known.host === host && known.userCode === code)
  if (device === undefined || device.expiresAt <= now || device.status !== "waiting") {
    return signInPage(400, "Sign-in is not possible", "The code is not known, or has been used.")
  }
  if (user === undefined) return signInPage(200, "Sign in", "No user of this browser is signed in.")
  device.status = user.denies ? "denied" : "approved"
  return signInPage(200, user.denies ? "Denied" : "Confirmed", "You can close this page.")
}

/** The second step, which is repeated until the user has confirmed the code. */
export const pollDevice = (exchange: Exchange, site: CloudSsoSite): Effect.Effect<Reply, ApiError> =>
  Effect.gen(function*() {
    const { lifetimeSeconds, now, requestId, state } = exchange
    const field = yield* bodyOf(exchange)
    if (field("GrantType") !== "urn:ietf:params:oauth:grant-type:device_code") {
      return yield* apiError(400, "UnsupportedGrantType", "This grant type is not supported.")
    }
    const device = state.deviceCodes.get(field("DeviceCode"))
    if (device === undefined || device.host !== site.host || device.expiresAt <= now || device.status === "used") {
      return yield* apiError(400, "InvalidDeviceCodeError", "The device code is not valid.")
    }
    if (device.clientId !== field("ClientId") || (yield* challengeOf(field("CodeVerifier"))) !== device.challenge) {
      return yield* apiError(400, "InvalidGrant", "The client or the verifier is not that of the authorization.")
    }
    if (device.status === "waiting") {
      return yield* apiError(400, "AuthorizationPending", "The user has not confirmed the code.")
    }
    if (device.status === "denied" || site.user === undefined) {
      return yield* apiError(400, "AccessDenied", "The user has denied the code.")
    }
    device.status = "used"
    const accessToken = `fake-cloudsso-access-token-${String(++state.signInCount).padStart(4, "0")}`
    const seconds = lifetimeSeconds ?? site.user.accessTokenSeconds
    state.cloudSsoTokens.set(accessToken, { host: site.host, expiresAt: now + seconds * 1000 })
    return json(200, { AccessToken: accessToken, ExpiresIn: seconds, TokenType: "Bearer", RequestId: requestId })
  })

const maxPage = 100

const pageOf = (
  { requestId, target }: Exchange,
  name: string,
  items: ReadonlyArray<object>
): Effect.Effect<Reply, ApiError> => {
  const query = queryOf(target)
  const size = Number(query["MaxResults"] ?? 10)
  const start = query["NextToken"] === undefined ? 0 : Number(/^fake-page-(\d+)$/.exec(query["NextToken"])?.[1])
  if (!Number.isInteger(size) || size < 1 || size > maxPage) {
    return apiError(400, "InvalidParameter.MaxResults", `MaxResults must be from 1 to ${maxPage}.`)
  }
  if (!Number.isInteger(start)) return apiError(400, "InvalidParameter.NextToken", "The page is not known.")
  const end = start + size
  return Effect.succeed(json(200, {
    [name]: items.slice(start, end),
    IsTruncated: end < items.length,
    ...(end < items.length ? { NextToken: `fake-page-${end}` } : {}),
    RequestId: requestId
  }))
}

type Grants = ReadonlyArray<CloudSsoSite["logins"][number]["grants"][number]>

/** The accounts of a user. */
export const listAccounts = (exchange: Exchange, grants: Grants): Effect.Effect<Reply, ApiError> => {
  const accounts = new Map(grants.map(({ accountId, accountName }) => [accountId, accountName ?? accountId]))
  return pageOf(
    exchange,
    "Accounts",
    [...accounts].map(([AccountId, DisplayName]) => ({ AccountId, DisplayName }))
  )
}

/** The access configurations of a user in an account. */
export const listConfigurations = (exchange: Exchange, grants: Grants): Effect.Effect<Reply, ApiError> => {
  const account = queryOf(exchange.target)["AccountId"] ?? ""
  return account === "" ? missingParameter("AccountId") : pageOf(
    exchange,
    "AccessConfigurationsForAccount",
    grants.filter(({ accountId }) => accountId === account).map((grant) => ({
      AccessConfigurationId: grant.accessConfigurationId,
      AccessConfigurationName: grant.accessConfigurationName ?? grant.accessConfigurationId,
      AccessConfigurationDescription: ""
    }))
  )
}
