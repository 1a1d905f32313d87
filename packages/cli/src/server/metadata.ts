/** The instance metadata service, versions 2 and 1, as far as SDKs ask it for credentials. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { IncomingMessage } from "node:http"
import type { Answer } from "./answer.ts"
import { notAllowed, notFound, page, text } from "./answer.ts"
import * as secret from "./secret.ts"
import type { Session } from "./session.ts"
import type { Face } from "./uri.ts"

const tokenPath = "/latest/api/token"

const rolesPath = "/latest/meta-data/ram/security-credentials/"

/** The role that the instance seems to have. */
const roleName = "alicloud-credentials"

/** SDKs know the service by this address only; what brings them here does not change the header. */
const isServiceName = ({ headers }: IncomingMessage): boolean =>
  headers.host === "100.100.100.200" || headers.host === "100.100.100.200:80"

export const isForIt = (request: IncomingMessage, path: string): boolean =>
  path.startsWith("/latest/") && isServiceName(request)

/** Sent by somebody else on behalf of whoever: a proxy, or a page in a browser. */
const isForwarded = ({ headers }: IncomingMessage): boolean =>
  ["x-forwarded-for", "forwarded", "via", "origin", "referer", "sec-fetch-site"].some((name) =>
    headers[name] !== undefined
  )

export const make = (session: Session): Face => {
  const tokens = secret.makeTokens()

  const putToken = (request: IncomingMessage, now: number): Answer => {
    const ttl = String(request.headers["x-aliyun-ecs-metadata-token-ttl-seconds"] ?? "")
    const seconds = /^\d{1,5}$/.test(ttl) ? Number(ttl) : 0
    return seconds < 1 || seconds > 21600 ? page(400) : text(tokens.issue(now + seconds * 1000))
  }

  const read = (path: string): Effect.Effect<Answer> => {
    if (path === rolesPath || `${path}/` === rolesPath) {
      return Effect.succeed(text(roleName))
    }
    return path === `${rolesPath}${roleName}` ? session.metadata : Effect.succeed(notFound)
  }

  const isBarred = (request: IncomingMessage, now: number): boolean => {
    const token = request.headers["x-aliyun-ecs-metadata-token"]
    return token !== undefined && !tokens.isValid(String(token), now)
  }

  return (request, path) => {
    if (!path.startsWith("/latest/")) {
      return undefined
    }
    if (isForwarded(request)) {
      return Effect.succeed(page(403))
    }
    const isToken = path === tokenPath
    if (isToken !== (request.method === "PUT")) {
      return Effect.succeed(notAllowed(isToken ? "PUT" : "GET, HEAD"))
    }
    return Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (isToken) {
        return Effect.succeed(putToken(request, now))
      }
      return isBarred(request, now) ? Effect.succeed(page(401)) : read(path)
    })
  }
}
