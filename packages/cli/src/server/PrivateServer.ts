/** Serves the session of a provider to programs on this machine that have the secret. Used by `exec` and `serve`. */
import type { Sts } from "@effect-alicloud/credentials/Credentials"
import type * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import type { IncomingMessage } from "node:http"
import type { Refused } from "../internal/failure.ts"
import { refusals } from "../messages/serve.ts"
import type { Answer } from "./answer.ts"
import { notAllowed, refuse } from "./answer.ts"
import type { Guard } from "./circle.ts"
import * as hosts from "./hosts.ts"
import { listen } from "./listen.ts"
import * as metadata from "./metadata.ts"
import * as refusalLog from "./refusalLog.ts"
import * as session from "./session.ts"
import * as uri from "./uri.ts"

export interface Options {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly token: Redacted.Redacted
  /** Whether it also acts as the metadata service, which has no secret. */
  readonly imds: boolean
  /** That of the provider's source. */
  readonly circle: Guard
}

export interface PrivateServer {
  /** Where programs of this machine reach it. Holds the token. */
  readonly uri: Redacted.Redacted
  /** Where other machines reach it, if it listens on every address. */
  readonly others: ReadonlyArray<Redacted.Redacted>
  /** Where the paths of the metadata service begin. */
  readonly imds: string
  /** The address that it listens on. */
  readonly address: string
  readonly port: number
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/** Serves until the scope closes. `first` is the session that the provider has now. */
export const serve = (
  provider: CredentialsProvider.Service,
  first: Sts,
  options: Options
): Effect.Effect<PrivateServer, Refused, Scope.Scope> => {
  const current = session.make(provider, first)
  const faces = [
    uri.make(current, options.token, options.circle),
    ...(options.imds ? [metadata.make(current, options.host)] : [])
  ]
  const methods = options.imds ? ["GET", "HEAD", "PUT"] : ["GET", "HEAD"]

  /** The error of a request that is independent of its path. */
  const refusal = (request: IncomingMessage, path: string): Answer | undefined => {
    if ((request.headersDistinct["host"] ?? []).length !== 1) {
      return refuse(400, refusals.host)
    }
    if (!path.startsWith("/")) {
      return refuse(400, refusals.target)
    }
    if (hasBody(request)) {
      return refuse(413, refusals.body)
    }
    return methods.includes(request.method ?? "") ? undefined : notAllowed(methods.join(", "))
  }

  /** Some clients end the path with the `?` of an empty query. Any other query is a path that does not exist. */
  const answer = (request: IncomingMessage, target: string): Effect.Effect<Answer> => {
    const path = target.replace(/\?$/, "")
    for (const face of faces) {
      const found = face(request, path)
      if (found !== undefined) {
        return found
      }
    }
    return Effect.succeed(refuse(404, uri.whyNot(path, options.imds)))
  }

  return Effect.map(
    listen({ ...options, refused: refusalLog.make(options.token) }, (request) => {
      const target = request.url ?? ""
      const refused = refusal(request, target)
      return {
        answer: refused === undefined ? answer(request, target) : Effect.succeed(refused),
        reusable: refused === undefined
      }
    }),
    ({ address, port }) => {
      const originOf = (address: string): string => `http://${hosts.inUrl(address)}:${port}`
      const uriOf = (address: string): Redacted.Redacted =>
        Redacted.make(`${originOf(address)}${uri.pathOf(Redacted.value(options.token))}`)
      const here = hosts.hereOf(address)
      options.circle.listening(originOf(here))
      return { uri: uriOf(here), others: hosts.othersOf(address).map(uriOf), imds: originOf(here), address, port }
    }
  )
}
