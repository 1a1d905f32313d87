/** The credentials URI. Its path is secret, so that it answers under every name that the server is reached by. */
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { IncomingMessage } from "node:http"
import { refusals } from "../messages/serve.ts"
import type { Answer } from "./answer.ts"
import { notAllowed } from "./answer.ts"
import type { Guard } from "./circle.ts"
import * as secret from "./secret.ts"
import type { Session } from "./session.ts"

/** Answers requests for its own paths. */
export type Face = (request: IncomingMessage, path: string) => Effect.Effect<Answer> | undefined

/** The format of a token chosen by the user. */
export const tokenPattern = /^[\w-]{16,512}$/

export const pathOf = (token: string): string => `/${token}/credentials`

/** The token is in the path, which is all that SDKs can be told, or beside it in the `Authorization` header. */
const tokenIn = (request: IncomingMessage, path: string): string | undefined => {
  const [, inPath] = /^\/([\w-]+)\/credentials$/.exec(path) ?? []
  const [, inHeader] = /^bearer ([\w-]+)$/i.exec(request.headers.authorization ?? "") ?? []
  return inPath ?? (path === "/credentials" ? inHeader : undefined)
}

export const make = (session: Session, token: Redacted.Redacted, circle: Guard): Face => {
  const isRight = secret.matches(token)
  return (request, path) => {
    const given = tokenIn(request, path)
    if (given === undefined || !isRight(given)) {
      return undefined
    }
    return request.method === "PUT"
      ? Effect.succeed(notAllowed("GET, HEAD"))
      : circle.answer(request, session.uri)
  }
}

/** Why a path that no face knows is refused. */
export const whyNot = (path: string, imds: boolean): string =>
  /^\/[^/]+\/credentials$/.test(path)
    ? refusals.token
    : path === "/credentials"
    ? refusals.noToken
    : path.startsWith("/latest/") && !imds
    ? refusals.noMetadata
    : refusals.path
