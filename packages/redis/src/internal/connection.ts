/**
 * Sends commands through a client of ioredis, and only while it is connected: what is queued for later would arrive when
 * its sender has long given up. Used by `store.ts`.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { Client } from "../RedisSessionStore.ts"
import { failed, failureOf, type RedisFailed, unanswered } from "./failure.ts"

type Argument = string | number | Buffer

export interface Connection {
  readonly send: (command: string, ...args: Array<Argument>) => Effect.Effect<unknown, RedisFailed>
  /** The reply as bytes. */
  readonly sendForBytes: (command: string, ...args: Array<Argument>) => Effect.Effect<Buffer, RedisFailed>
}

/** While a command has no reply for so long, no other is sent: it would wait behind it. */
const patience = 500

/** A connection over the client that `connected` has made ready for a command. */
export const make = (connected: Effect.Effect<Client, RedisFailed>): Connection => {
  const unreplied = new Set<{ readonly since: number }>()

  const isStuck = (now: number): boolean => {
    for (const { since } of unreplied) return Math.abs(now - since) > patience
    return false
  }

  const sending = <A>(command: (client: Client) => Promise<A>): Effect.Effect<A, RedisFailed> =>
    Effect.flatMap(Effect.zip(connected, Clock.currentTimeMillis), ([client, now]) => {
      if (isStuck(now)) return unanswered
      const entry = { since: now }
      return Effect.tryPromise({
        try: () => {
          unreplied.add(entry)
          return command(client).finally(() => unreplied.delete(entry))
        },
        catch: failureOf
      })
    })

  return {
    send: (command, ...args) => sending((client) => client.call(command, ...args)),
    sendForBytes: (command, ...args) => sending((client) => client.callBuffer(command, ...args) as Promise<Buffer>)
  }
}

/** Waits until a client that connects is ready or has failed. One listener serves all who wait. */
const settling = (client: Client): () => Promise<void> => {
  let waiting: Promise<void> | undefined
  return () =>
    waiting ??= new Promise((resolve) => {
      const events = ["ready", "close", "end"] as const
      const settled = (): void => {
        for (const event of events) client.off(event, settled)
        waiting = undefined
        resolve()
      }
      for (const event of events) client.once(event, settled)
    })
}

/** Over a client of the user's, who decides when it connects again, and closes it. */
export const ofUser = (client: Client): Connection => {
  const settled = settling(client)
  return make(
    Effect.suspend(() => {
      if (client.status === "ready") return Effect.succeed(client)
      const isStarting = ["wait", "connecting", "connect"].includes(client.status)
      if (!isStarting) return failed("the client is not connected to Redis")
      return Effect.flatMap(
        Effect.promise(() => {
          const ready = settled()
          if (client.status === "wait") client.connect().catch(() => undefined)
          return ready
        }),
        () => client.status === "ready" ? Effect.succeed(client) : failed("the client cannot connect to Redis")
      )
    })
  )
}
