/**
 * The instance metadata service, versions 2 and 1, as far as SDKs use it for credentials. Nothing in these requests is
 * secret, so that only those of programs on this machine are answered: by a name of this machine or of the service,
 * and not through a proxy or from a web page.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { IncomingMessage } from "node:http"
import { refusals } from "../messages/serve.ts"
import type { Answer } from "./answer.ts"
import { notAllowed, refuse, text } from "./answer.ts"
import * as hosts from "./hosts.ts"
import * as secret from "./secret.ts"
import type { Session } from "./session.ts"
import type { Face } from "./uri.ts"

const tokenPath = "/latest/api/token"

const rolesPath = "/latest/meta-data/ram/security-credentials/"

/** The role that the instance seems to have. Clients that bring the name of a role along get the same session. */
export const roleName = "alicloud-credentials"

/** SDKs use this address only; redirecting them here does not change the header. */
const isServiceName = ({ headers }: IncomingMessage): boolean =>
  headers.host === "100.100.100.200" || headers.host === "100.100.100.200:80"

/** Headers that a proxy adds, or a browser. */
const foreign =
  /^(?:x-forwarded.*|forwarded|via|x-real-ip|x-client-ip|true-client-ip|cf-connecting-ip|x-envoy-.*|origin|referer|sec-fetch-.*)$/

const isForwarded = ({ headers }: IncomingMessage): boolean => Object.keys(headers).some((name) => foreign.test(name))

export const make = (session: Session, host: string): Face => {
  const tokens = secret.makeTokens()

  const putToken = (request: IncomingMessage, now: number): Answer => {
    const ttl = String(request.headers["x-aliyun-ecs-metadata-token-ttl-seconds"] ?? "")
    const seconds = /^\d{1,5}$/.test(ttl) ? Number(ttl) : 0
    return seconds < 1 || seconds > 21600 ? refuse(400, refusals.lifetime) : text(tokens.issue(now + seconds * 1000))
  }

  const read = (path: string): Effect.Effect<Answer> => {
    if (path === rolesPath || `${path}/` === rolesPath) {
      return Effect.succeed(text(roleName))
    }
    const isRole = path.startsWith(rolesPath) && /^[^/?]+$/.test(path.slice(rolesPath.length))
    return isRole ? session.metadata : Effect.succeed(refuse(404, refusals.path))
  }

  const isBarred = (request: IncomingMessage, now: number): boolean => {
    const token = request.headers["x-aliyun-ecs-metadata-token"]
    return token !== undefined && !tokens.isValid(String(token), now)
  }

  return (request, target) => {
    const path = target.toLowerCase()
    if (!path.startsWith("/latest/")) {
      return undefined
    }
    if (isForwarded(request)) {
      return Effect.succeed(refuse(403, refusals.forwarded))
    }
    if (!isServiceName(request) && !hosts.isOwnName(request, host)) {
      return Effect.succeed(refuse(403, refusals.name))
    }
    const isToken = path === tokenPath
    if (isToken !== (request.method === "PUT")) {
      return Effect.succeed(notAllowed(isToken ? "PUT" : "GET, HEAD"))
    }
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (isToken) {
        return Effect.succeed(putToken(request, now))
      }
      return isBarred(request, now) ? Effect.succeed(refuse(401, refusals.metadataToken)) : read(path)
    })
  }
}
