/**
 * Finds the service of a request that came to the plain address of `FakeAlicloudServer`, whose host names none: by its
 * action, its version or its path.
 */
import type { Request } from "../FakeAlicloud.ts"
import type { World } from "../World.ts"
import type { Api } from "./authenticate.ts"
import { versionOf } from "./authenticate.ts"
import { cloudSsoEndpoint } from "./cloudSso.ts"
import { csApi } from "./cs.ts"
import { ecsApi } from "./ecs.ts"
import type { Target } from "./http.ts"
import { parametersOf, targetOf } from "./http.ts"
import { imdsHost } from "./imds.ts"
import { oauthHost } from "./oauth.ts"
import { signatureOf } from "./ossSignature.ts"
import { partsOf } from "./ownActions.ts"
import { actionOf } from "./rpc.ts"
import { stsApi } from "./sts.ts"
import { tokenHost } from "./tokenPlatforms.ts"

interface Looked {
  readonly world: World
  readonly request: Request
  readonly target: Target
  readonly action: string | undefined
  readonly version: string | undefined
}

const look = (world: World, request: Request): Looked => {
  const target = targetOf(request.url)
  const exchange = { request, parameters: parametersOf(request, target) }
  return { world, request, target, action: actionOf(exchange), version: versionOf(exchange) }
}

const apis: ReadonlyArray<readonly [host: string, api: Api]> = [
  ["sts.aliyuncs.com", stsApi],
  ["ecs.aliyuncs.com", ecsApi],
  ["cs.aliyuncs.com", csApi]
]

const byAction = ({ action = "", version, world }: Looked): string | undefined => {
  const own = Object.keys(world.actions).map(partsOf).find(([, name]) => name === action)
  return apis.find(([, api]) => api.version === version)?.[0] ??
    (own === undefined ? undefined : `${own[0].toLowerCase()}.aliyuncs.com`) ??
    apis.find(([, { actions }]) => actions.includes(action))?.[0]
}

const byPath = ({ request, target, world }: Looked): string | undefined => {
  const { path, pathAndQuery } = target
  const uri = world.credentialsUris.find((uri) => uri.path === pathAndQuery)
  if (uri !== undefined) return uri.host ?? target.host
  if (world.instance !== undefined && path.startsWith("/latest/")) return imdsHost
  const [site] = world.cloudSsoSites
  if (site !== undefined && cloudSsoEndpoint(path) !== "cloudsso") return site.host
  return oauthHost(world, path) ?? tokenHost(world, path) ??
    (signatureOf({ request, target, resource: path }) === undefined ? undefined : "oss-cn-hangzhou.aliyuncs.com")
}

/** The request as its service would get it, or one sentence about why there is none. */
export const place = (world: World, request: Request): Request | string => {
  const looked = look(world, request)
  const { action, target, version } = looked
  const host = action === undefined ? byPath(looked) : byAction(looked)
  if (host !== undefined) return { ...request, url: `http://${host}${target.pathAndQuery}` }
  return action === undefined
    ? `The fake cloud has no service for this request, which has no action and the path ${target.path}.`
    : `The fake cloud has no service for this request, which has the action ${action} and ${
      version === undefined ? "no version" : `the version ${version}`
    }.`
}
