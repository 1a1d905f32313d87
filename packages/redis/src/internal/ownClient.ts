/**
 * The connection of a layer that has a URL. It is opened when a command needs it: between commands no timer of it runs, and
 * its socket does not keep the process alive, so that a program ends when its own work is done. Used by `RedisSessionStore`.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Redis } from "ioredis"
import type { Address } from "./address.ts"
import * as Connection from "./connection.ts"
import { failed, failureOf, RedisFailed, unanswered } from "./failure.ts"

const connectTimeout = 2000

/** How long the replies to the first commands may take. */
const replyTimeout = 1000

/** After a connection has failed, no other is tried for so long. */
const holdOff = 2000

/** Without it version 6 logs in with `HELLO`, which servers before Redis 6 lack. */
const ofVersion6 = { protocol: 2 }

const close = (client: Redis | undefined): void => {
  client?.disconnect()
  // A server that hangs would not close its side.
  client?.stream?.destroy()
}

/** Opens the connection of a client. It rejects with whatever ioredis says of it. */
const open = async (client: Redis, prefix: string): Promise<Redis> => {
  let problem: unknown
  client.on("error", (error) => {
    problem ??= error
  })
  const timer = setTimeout(() => {
    problem ??= unanswered
    close(client)
  }, connectTimeout + replyTimeout)
  try {
    await client.connect()
    // A client whose password or database was rejected is ready nevertheless; this reply comes after theirs.
    await client.getrange(`${prefix}check`, 0, 0)
  } catch (error) {
    problem ??= error
  } finally {
    clearTimeout(timer)
  }
  if (problem !== undefined) {
    close(client)
    throw problem
  }
  client.stream.unref()
  return client
}

/** Connects at the first command, and again after the connection was lost; closed with the scope. */
export const make = Effect.fnUntraced(function*(
  address: Address,
  ca: string | undefined,
  prefix: string
): Effect.fn.Return<Connection.Connection, never, Scope.Scope> {
  const { Redis } = yield* Effect.promise(() => import("ioredis"))
  let latest: Redis | undefined
  let opening: Promise<Redis | RedisFailed> | undefined
  let failure: { readonly at: number; readonly error: RedisFailed } | undefined
  let isClosed = false

  yield* Effect.addFinalizer(() =>
    Effect.sync(() => {
      isClosed = true
      close(latest)
    })
  )

  const clock = yield* Effect.clock

  const fail = ({ detail, reason }: RedisFailed): RedisFailed => {
    const named = detail.replace(/\bRedis\b/, `Redis at ${address.shown}`)
    const error = new RedisFailed({ reason, detail: named })
    failure = { at: clock.unsafeCurrentTimeMillis(), error }
    return error
  }

  const connect = async (): Promise<Redis | RedisFailed> => {
    latest = new Redis({
      host: address.host,
      port: address.port,
      ...(address.username === undefined ? {} : { username: address.username }),
      ...(address.password === undefined ? {} : { password: address.password }),
      db: address.db,
      ...(address.tls ? { tls: ca === undefined ? {} : { ca } } : {}),
      ...ofVersion6,
      connectTimeout,
      lazyConnect: true,
      enableOfflineQueue: false,
      // `INFO` and `CLIENT`, which a user with few permissions lacks.
      enableReadyCheck: false,
      disableClientInfo: true,
      retryStrategy: () => null
    })
    try {
      return await open(latest, prefix)
    } catch (error) {
      return fail(failureOf(error))
    } finally {
      opening = undefined
    }
  }

  return yield* Connection.make(
    Effect.suspend(() => {
      if (isClosed) return failed("the connection to Redis is closed")
      if (opening === undefined) {
        if (latest?.status === "ready") return Effect.succeed(latest)
        if (failure !== undefined && Math.abs(clock.unsafeCurrentTimeMillis() - failure.at) < holdOff) {
          return failure.error
        }
        opening = connect()
      }
      const result = opening
      return Effect.flatMap(
        Effect.promise(() => result),
        (client) => client instanceof RedisFailed ? client : Effect.succeed(client)
      )
    }),
    () => {
      fail(unanswered)
      close(latest)
    }
  )
})
