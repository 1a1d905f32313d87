/** HTTP messages of Node.js as requests and outcomes of the fake cloud, for `FakeAlicloudServer`. */
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import type { FakeAlicloud, Outcome, Request } from "../FakeAlicloud.ts"
import { targetOf, text } from "./http.ts"
import { place } from "./place.ts"

const maxBodyBytes = 1024 * 1024

const readBody = (message: Http.IncomingMessage): Effect.Effect<string, "gone" | "tooLarge"> =>
  Effect.async((resume) => {
    const chunks: Array<Buffer> = []
    let bytes = 0
    message.on("data", (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBodyBytes) resume(Effect.fail("tooLarge"))
      else chunks.push(chunk)
    })
    message.on("end", () => resume(Effect.succeed(Buffer.concat(chunks).toString("utf8"))))
    message.on("close", () => resume(Effect.fail("gone")))
  })

/** A client that was given the server as a proxy sends the whole URL. */
const requestOf = (message: Http.IncomingMessage, scheme: string, body: string): Request => {
  const url = message.url ?? "/"
  return {
    method: message.method ?? "GET",
    url: url.startsWith("/") ? `${scheme}://${message.headers.host ?? "localhost"}${url}` : url,
    headers: Object.fromEntries(
      Object.entries(message.headers).map((
        [name, value]
      ) => [name, Array.isArray(value) ? value.join(",") : value ?? ""])
    ),
    body
  }
}

const misdirected = (sentence: string): Outcome => {
  const reply = text(421, `${sentence}\n`)
  return { ...reply, headers: { ...reply.headers, "content-length": `${Buffer.byteLength(reply.body)}` } }
}

/** The sentence about a host that the fake cloud does not have. */
export const unknownHost = (host: string): string => `The fake cloud does not have the host ${host}.`

const respond = (response: Http.ServerResponse, outcome: Outcome): void => {
  switch (outcome._tag) {
    case "Reply":
      response.writeHead(outcome.status, outcome.headers).end(outcome.body)
      return
    case "Truncated":
      response.writeHead(outcome.status, outcome.headers).flushHeaders()
      response.write(outcome.sent, () => {
        if (outcome.ending === "close") response.socket?.destroy()
      })
      return
    case "Hang":
      return
    default:
      response.socket?.destroy()
  }
}

/** Both ports of the server. */
export interface Front {
  readonly fake: Context.Tag.Service<FakeAlicloud>
  /** Whether a host with its port is the plain address of the server. */
  readonly isPlain: (host: string) => boolean
}

const answer = ({ fake, isPlain }: Front, request: Request): Effect.Effect<Outcome> => {
  const { host } = targetOf(request.url)
  if (!isPlain(host)) {
    return Effect.map(
      fake.handle(request),
      (outcome) => outcome._tag === "UnknownHost" ? misdirected(unknownHost(host)) : outcome
    )
  }
  return Effect.flatMap(fake.world, (world) => {
    const placed = place(world, request)
    return typeof placed === "string"
      ? Effect.map(fake.handle(request), (outcome) => outcome._tag === "Refused" ? misdirected(placed) : outcome)
      : fake.handle(placed)
  })
}

/** One exchange; it ends early when the other side leaves. */
export const exchange = (
  front: Front,
  scheme: string,
  message: Http.IncomingMessage,
  response: Http.ServerResponse
): Effect.Effect<void> =>
  readBody(message).pipe(
    Effect.flatMap((body) => answer(front, requestOf(message, scheme, body))),
    Effect.matchEffect({
      onSuccess: (outcome) => Effect.sync(() => respond(response, outcome)),
      onFailure: (reason) =>
        Effect.sync(() => {
          if (reason === "tooLarge") response.writeHead(413, { connection: "close" }).end()
        })
    })
  )
