/** Keeps a private server from waiting for an answer of its own, which it would get through others. */
import type * as Source from "@effect-alicloud/credentials/Source"
import * as Circle from "@effect-alicloud/credentials/unstable/Circle"
import * as Effect from "effect/Effect"
import { randomUUID } from "node:crypto"
import type { IncomingMessage } from "node:http"
import { mapSources } from "../internal/selection.ts"
import * as messages from "../messages/serve.ts"
import type { Answer } from "./answer.ts"
import { json } from "./answer.ts"

export interface Guard {
  /** The same source, whose requests name this server and those that wait for it. */
  readonly mark: (source: Source.Source) => Source.Source
  /** The address, from the moment that there is one. */
  readonly listening: (address: string) => void
  /** Answers a request, unless this server made it, by way of others or not. */
  readonly answer: (request: IncomingMessage, answer: Effect.Effect<Answer>) => Effect.Effect<Answer>
}

/** The answer of what leads in a circle. */
export const refusal = (names: ReadonlyArray<string>): Answer =>
  json(508, JSON.stringify({ Code: Circle.code, Message: messages.failed, Circle: names }))

export const make = (): Guard => {
  const server = randomUUID()
  let own: Circle.Server | undefined
  /** What leads to the requests that are being answered, in the order in which they came. */
  const waiting = new Set<ReadonlyArray<Circle.Server>>()
  return {
    mark: (source) =>
      mapSources(source, (leaf) => ({
        ...leaf,
        get: Effect.suspend(() =>
          own === undefined
            ? leaf.get
            : Effect.provideService(leaf.get, Circle.CurrentServers, [...Array.from(waiting).at(-1) ?? [], own])
        )
      })),
    listening: (address) => {
      own = { server, address }
    },
    answer: (request, answer) => {
      const chain = Circle.serversOf(Circle.decode(String(request.headers[Circle.header])))
      const start = chain.findIndex((link) => link.server === server)
      if (start !== -1) {
        const names = [...chain.slice(start), chain[start]].flatMap((link) => link === undefined ? [] : [link.address])
        return Effect.succeed({ ...refusal(names), reason: messages.refusals.circle })
      }
      return Effect.acquireUseRelease(
        Effect.sync(() => waiting.add(chain)),
        () => answer,
        () => Effect.sync(() => waiting.delete(chain))
      )
    }
  }
}
