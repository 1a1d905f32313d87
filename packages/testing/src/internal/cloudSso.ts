/** The CloudSSO sign-in service of the fake cloud. */
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ApiError } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import type { Endpoint } from "../Fault.ts"
import type { World } from "../World.ts"
import {
  authorizeDevice,
  confirmDevice,
  listAccounts,
  listConfigurations,
  pollDevice,
  verificationPath
} from "./device.ts"
import type { Target } from "./http.ts"
import { bearerOf, isHost, json, parseJson } from "./http.ts"
import { apiError, missingParameter } from "./rpc.ts"
import type { Exchange } from "./state.ts"
import { issue } from "./state.ts"
import type { CloudSsoSite } from "./worldSchema.ts"

const siteOf = (world: World, target: Target): CloudSsoSite | undefined =>
  world.cloudSsoSites.find(({ host }) => isHost(host, target))

/** Whether a declared CloudSSO site lives on this host. */
export const servesCloudSso = (world: World, target: Target): boolean => siteOf(world, target) !== undefined

const credentialsPath = "/cloud-credentials"

const endpoints: Readonly<Record<string, Endpoint>> = {
  "/device-authorization": "cloudsso.device",
  [verificationPath]: "cloudsso.confirm",
  "/token": "cloudsso.token",
  "/access-assignments/accounts": "cloudsso.accounts",
  "/access-assignments/access-configurations": "cloudsso.configurations",
  [credentialsPath]: "cloudsso.credentials"
}

/** Which part of the portal a path belongs to. */
export const cloudSsoEndpoint = (path: string): Endpoint => endpoints[path] ?? "cloudsso"

/** The login that was made in a browser with this token. */
const signedInWith = ({ state }: Exchange, { host, user }: CloudSsoSite, token: string) => {
  const made = state.cloudSsoTokens.get(token)
  return user === undefined || made?.host !== host
    ? undefined
    : { ...user, accessToken: token, expiresAt: DateTime.unsafeMake(made.expiresAt) }
}

const loginOf = (
  exchange: Exchange,
  site: CloudSsoSite
): Effect.Effect<CloudSsoSite["logins"][number], ApiError> => {
  const { now, request } = exchange
  const given = bearerOf(request)
  const login = site.logins.find(({ accessToken }) => accessToken === given) ??
    signedInWith(exchange, site, given ?? "")
  if (given === undefined) return apiError(401, "MissingAccessToken", "The request carries no bearer token.")
  if (login === undefined) return apiError(401, "InvalidAccessToken", "The access token is not valid.")
  return login.expiresAt !== undefined && DateTime.toEpochMillis(login.expiresAt) <= now
    ? apiError(401, "ExpiredAccessToken", "The access token is expired.")
    : Effect.succeed(login)
}

const fieldsOf = (
  { request }: Exchange
): Effect.Effect<Readonly<Record<"AccountId" | "AccessConfigurationId", string>>, ApiError> => {
  if (request.body === "") return apiError(400, "MissingBody", "The request has no body.")
  if (!(request.headers["content-type"] ?? "").startsWith("application/json")) {
    return apiError(415, "UnsupportedMediaType", "The body must be application/json.")
  }
  const document = Option.getOrUndefined(parseJson(request.body))
  if (typeof document !== "object" || document === null) {
    return apiError(400, "InvalidBody", "The body is not a JSON object.")
  }
  const field = (name: string): string => {
    const value: unknown = Object.entries(document).find(([key]) => key === name)?.[1]
    return typeof value === "string" ? value : ""
  }
  const AccountId = field("AccountId")
  const AccessConfigurationId = field("AccessConfigurationId")
  if (AccountId === "") return missingParameter("AccountId")
  return AccessConfigurationId === ""
    ? missingParameter("AccessConfigurationId")
    : Effect.succeed({ AccountId, AccessConfigurationId })
}

/** The role of an access configuration in an account. */
const roleArnOf = (accountId: string, accessConfigurationId: string): string =>
  `acs:ram::${accountId}:role/AliyunReservedSSO-${accessConfigurationId}`

const credentials: (exchange: Exchange, site: CloudSsoSite) => Effect.Effect<object, ApiError> = Effect.fnUntraced(
  function*(exchange, site) {
    const login = yield* loginOf(exchange, site)
    const { AccessConfigurationId, AccountId } = yield* fieldsOf(exchange)
    const grant = login.grants.find(({ accessConfigurationId, accountId }) =>
      accountId === AccountId && accessConfigurationId === AccessConfigurationId
    )
    if (grant === undefined) {
      return yield* apiError(403, "NoPermission", "This access configuration is not assigned to you in this account.")
    }
    const roleArn = roleArnOf(AccountId, AccessConfigurationId)
    const session = issue(exchange, {
      caller: { _tag: "Role", roleArn, sessionName: login.userName },
      seconds: grant.sessionSeconds,
      token: true
    })
    return {
      CloudCredential: {
        AccessKeyId: session.accessKeyId,
        AccessKeySecret: session.accessKeySecret,
        SecurityToken: session.securityToken,
        Expiration: Rfc3339.format(session.expiresAt)
      },
      RequestId: exchange.requestId
    }
  }
)

/** How CloudSSO says no. */
export const cloudSsoFailure = ({ requestId }: Exchange, { code, message, status }: ApiError): Reply =>
  json(status, { ErrorCode: code, ErrorMessage: message, RequestId: requestId })

/** The declared CloudSSO portals: the sign-in, what there is to choose from, a session for an access configuration. */
export const cloudSso = (exchange: Exchange): Effect.Effect<Reply, ApiError> => {
  const { request, state, target } = exchange
  const site = siteOf(state.world, target)
  const endpoint = cloudSsoEndpoint(target.path)
  if (site === undefined || endpoint === "cloudsso") {
    return apiError(404, "NotFound", "There is nothing at this path.")
  }
  const isRead = endpoint === "cloudsso.confirm" || target.path.startsWith("/access-assignments/")
  const method = isRead ? "GET" : "POST"
  if (request.method !== method) return apiError(405, "MethodNotAllowed", `Use ${method}.`)
  switch (endpoint) {
    case "cloudsso.device":
      return authorizeDevice(exchange, site)
    case "cloudsso.confirm":
      return Effect.sync(() => confirmDevice(exchange, site))
    case "cloudsso.token":
      return pollDevice(exchange, site)
    case "cloudsso.accounts":
      return Effect.flatMap(loginOf(exchange, site), ({ grants }) => listAccounts(exchange, grants))
    case "cloudsso.configurations":
      return Effect.flatMap(loginOf(exchange, site), ({ grants }) => listConfigurations(exchange, grants))
    default:
      return Effect.map(credentials(exchange, site), (document) => json(200, document))
  }
}
