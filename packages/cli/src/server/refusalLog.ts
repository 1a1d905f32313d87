/**
 * The log of refused requests, for `PrivateServer.ts`. It tells a mistake in a client's settings from an attack, and holds
 * no secret: of a path only words that everyone knows, of a `Host` nothing that resembles the token.
 */
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import { printable } from "@effect-alicloud/credentials/unstable/Text"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { IncomingMessage } from "node:http"
import * as messages from "../messages/serve.ts"
import { unmapped } from "./hosts.ts"

export interface Refusal {
  readonly reason: string
  /** The address of the client, as far as the connection still has one. */
  readonly client: string | undefined
  /** The request, if it could be read. */
  readonly request?: Pick<IncomingMessage, "headers" | "method" | "url"> | undefined
}

/** For so long a reason is logged once for each client. */
const pauseMillis = 600_000

/** How many lines there are in that time, so that a scanner does not fill the log. */
const maxLines = 50

/** Words of paths that clients are told by their documentation. */
const known = ["credentials", "latest", "api", "token", "meta-data", "ram", "security-credentials"]

const maxSegments = 8

const maxHost = 64

/** How many characters of the token in a row are too many. */
const tooMany = 6

const resembles = (text: string, token: string): boolean =>
  Array.from({ length: token.length - tooMany + 1 }, (_, at) => token.slice(at, at + tooMany))
    .some((part) => text.includes(part))

export const make = (secret: Redacted.Redacted): (refusal: Refusal) => Effect.Effect<void> => {
  const token = Redacted.value(secret).toLowerCase()
  const harmless = new Set(known.filter((word) => !token.includes(word)))
  let seen = new Set<string>()
  let until = 0

  const show = (target: string): string => {
    const [path = "", ...query] = target.split("?")
    const segments = path.split("/").map((segment) => segment === "" || harmless.has(segment) ? segment : "…")
    const shown = segments.length > maxSegments ? [...segments.slice(0, maxSegments), "…"] : segments
    return `${shown.join("/")}${query.length === 0 ? "" : "?…"}`
  }

  const hostIn = ({ headers }: Pick<IncomingMessage, "headers">): string | undefined =>
    headers.host === undefined
      ? undefined
      : resembles(headers.host.toLowerCase(), token)
      ? "…"
      : printable(headers.host.slice(0, maxHost))

  const textOf = ({ client, reason, request }: Refusal): string =>
    messages.refused({
      what: request === undefined ? "a connection" : `${request.method} ${show(request.url ?? "")}`,
      client: client === undefined ? "an unknown address" : unmapped(client),
      host: request === undefined ? undefined : hostIn(request),
      reason
    })

  return (refusal) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      if (now >= until || now < until - pauseMillis) {
        seen = new Set()
        until = now + pauseMillis
      }
      const kind = `${refusal.reason} ${refusal.client}`
      if (seen.has(kind) || seen.size > maxLines) {
        return Effect.void
      }
      seen.add(kind)
      return Effect.logWarning(
        seen.size > maxLines ? messages.moreRefused(Rfc3339.format(until)) : textOf(refusal)
      )
    })
}
