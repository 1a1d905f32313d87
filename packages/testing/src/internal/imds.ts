/** The instance metadata service of the fake cloud. */
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import type { Reply } from "../FakeAlicloud.ts"
import type { Endpoint } from "../Fault.ts"
import { defaultAccountId } from "./declared.ts"
import { parseRoleArn } from "./declared.ts"
import { json, notFound, page, text } from "./http.ts"
import type { Exchange } from "./state.ts"
import { roleDocument } from "./state.ts"
import type { Instance } from "./worldSchema.ts"

export const imdsHost = "100.100.100.200"

const tokenPath = "/latest/api/token"

const rolesPath = "/latest/meta-data/ram/security-credentials/"

/** Which step of the protocol a path belongs to. */
export const imdsEndpoint = (path: string): Endpoint =>
  path === tokenPath
    ? "imds.token"
    : path === rolesPath || `${path}/` === rolesPath
    ? "imds.list"
    : path.startsWith(rolesPath)
    ? "imds.credentials"
    : "imds"

const putToken = ({ now, request, state }: Exchange, instance: Instance): Reply => {
  if (!instance.imdsV2) return notFound
  if (request.method !== "PUT") return page(405, "Method Not Allowed")
  const ttl = request.headers["x-aliyun-ecs-metadata-token-ttl-seconds"] ?? ""
  const seconds = /^\d{1,5}$/.test(ttl) ? Number(ttl) : 0
  if (seconds < 1 || seconds > 21600) return page(400, "Bad Request")
  for (const [token, end] of state.metadataTokens) {
    if (end <= now) state.metadataTokens.delete(token)
  }
  const token = `fake-imds-token-${String(++state.metadataTokenCount).padStart(4, "0")}`
  state.metadataTokens.set(token, now + seconds * 1000)
  return text(200, token)
}

const isAllowed = ({ now, request, state }: Exchange, instance: Instance): boolean => {
  const token = request.headers["x-aliyun-ecs-metadata-token"]
  return instance.imdsV2 && token !== undefined
    ? (state.metadataTokens.get(token) ?? 0) > now
    : instance.imdsV1
}

const roleArnOf = ({ state }: Exchange, roleName: string): string =>
  state.world.roles.find(({ arn, ecs }) => ecs && parseRoleArn(arn)?.name === roleName)?.arn ??
    `acs:ram::${defaultAccountId}:role/${roleName}`

/** The instance metadata service. */
export const imds = (exchange: Exchange, instance: Instance): Reply => {
  const { now, request, target } = exchange
  const endpoint = imdsEndpoint(target.path)
  if (endpoint === "imds.token") return putToken(exchange, instance)
  if (request.method !== "GET") return page(405, "Method Not Allowed")
  if (!isAllowed(exchange, instance)) return page(403, "Forbidden")
  const { roleName } = instance
  if (roleName === undefined || endpoint === "imds") return notFound
  if (endpoint === "imds.list") return text(200, instance.trailingNewline ? `${roleName}\n` : roleName)
  if (target.path.slice(rolesPath.length) !== roleName) return notFound
  const caller = {
    _tag: "Role",
    roleArn: roleArnOf(exchange, roleName),
    sessionName: "i-fake0000000000000001"
  } as const
  return json(200, {
    ...roleDocument(exchange, caller, instance.sessionSeconds),
    LastUpdated: Rfc3339.format(now)
  })
}
