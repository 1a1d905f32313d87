/**
 * Sends commands through a client of ioredis, and only while it is connected: what is queued for later would arrive when
 * its sender has long given up. Used by `store.ts`.
 */
import * as Effect from "effect/Effect"
import type { Client } from "../RedisSessionStore.ts"
import { failed, failureOf, type RedisFailed, unanswered } from "./failure.ts"

export interface Connection {
  readonly send: <A>(command: (client: Client) => Promise<A>) => Effect.Effect<A, RedisFailed>
}

/** When commands wait and no reply has come for so long, no other is sent: it would wait behind them. */
const patience = 500

const over = (
  connected: Effect.Effect<Client, RedisFailed>,
  hangs: () => void,
  now: () => number
): Connection => {
  let unreplied = 0
  let repliedAt = 0

  const isStuck = (): boolean => unreplied > 0 && Math.abs(now() - repliedAt) > patience

  let looking: Promise<boolean> | undefined

  /**
   * A process that was busy reads the replies that have come meanwhile before it finds that there are none: sockets are read
   * between the two.
   */
  const look = (): Promise<boolean> =>
    looking ??= new Promise((resolve) => {
      setImmediate(() => {
        setImmediate(() => {
          looking = undefined
          const stuck = isStuck()
          if (stuck) hangs()
          resolve(stuck)
        })
      })
    })

  const unstuck = Effect.suspend(() =>
    isStuck() ? Effect.flatMap(Effect.promise(look), (stuck) => stuck ? unanswered : Effect.void) : Effect.void
  )

  const replied = (): void => {
    unreplied--
    repliedAt = now()
  }

  return {
    send: (command) =>
      Effect.flatMap(Effect.zipLeft(connected, unstuck), (client) =>
        Effect.tryPromise({
          try: () => {
            if (unreplied === 0) repliedAt = now()
            unreplied++
            return command(client).finally(replied)
          },
          catch: failureOf
        }))
  }
}

/** A connection over the client that `connected` has made ready for a command; `hangs` is called when it does not reply. */
export const make = (
  connected: Effect.Effect<Client, RedisFailed>,
  hangs: () => void = () => undefined
): Effect.Effect<Connection> =>
  Effect.map(Effect.clock, (clock) => over(connected, hangs, () => clock.unsafeCurrentTimeMillis()))

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
export const ofUser = (client: Client): Effect.Effect<Connection> => {
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
