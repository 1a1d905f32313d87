/** The credentials URI of the fake cloud. */
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import type { Reply } from "../FakeAlicloud.ts"
import type { World } from "../World.ts"
import type { Target } from "./http.ts"
import { isHost, json, notFound, page } from "./http.ts"
import type { Exchange } from "./state.ts"
import { roleDocument } from "./state.ts"
import type { CredentialsUri } from "./worldSchema.ts"

const isHostOf = ({ host }: CredentialsUri, target: Target): boolean =>
  host === undefined ? isLoopback(target.hostname) : isHost(host, target)

/** Whether a declared credentials URI lives on this host. */
export const servesUri = (world: World, target: Target): boolean =>
  world.credentialsUris.some((uri) => isHostOf(uri, target))

/** The servers behind the declared credentials URIs. */
export const credentialsUri = (exchange: Exchange): Reply => {
  const { request, state, target } = exchange
  const uri = state.world.credentialsUris.find((uri) => isHostOf(uri, target) && uri.path === target.pathAndQuery)
  if (uri === undefined) return notFound
  if (request.method !== "GET") return page(405, "Method Not Allowed")
  const caller = { _tag: "Role", roleArn: uri.roleArn, sessionName: "credentials-uri" } as const
  return json(200, roleDocument(exchange, caller, uri.sessionSeconds))
}
