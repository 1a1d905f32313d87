/** A Redis with a client to look at it, and programs that share sessions there. */
import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as RedisSessionStore from "@effect-alicloud/redis/RedisSessionStore"
import { Context, Effect, Layer, Redacted, type Scope } from "effect"
import { Redis, type RedisOptions } from "ioredis"
import { ci, roleArn } from "../../kit/cloud.ts"
import * as redisServer from "../../kit/redisServer.ts"
import { idOf } from "../../kit/upstream.ts"

export const secret = Redacted.make("s3cr3t-0123456789")

export const connect = (url: string, options: RedisOptions = {}): Effect.Effect<Redis, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => new Redis(url, options).on("error", () => undefined)),
    (client) => Effect.sync(() => client.disconnect())
  )

export const ask = (client: Pick<Redis, "call">, command: string): Effect.Effect<unknown> => {
  const [name, ...args] = command.split(" ") as [string, ...Array<string>]
  return Effect.promise(() => client.call(name, ...args))
}

/** A server, and a client of the test's. */
export const server = (args: ReadonlyArray<string> = []) =>
  Effect.gen(function*() {
    const running = yield* redisServer.make(args)
    return { ...running, admin: yield* connect(running.url) }
  })

export const key = AccessKey.layer({ accessKeyId: ci.accessKeyId, accessKeySecret: Redacted.make(ci.accessKeySecret) })

/** A program of its own, with its own connection. */
export const program = (options: RedisSessionStore.Config, role = "open") =>
  Effect.map(
    Layer.build(Layer.fresh(
      RamRoleArn.layer({ roleArn: roleArn(role) }).pipe(
        Layer.provide([key, RedisSessionStore.layer(options)])
      )
    )),
    Context.get(CredentialsProvider.CredentialsProvider)
  )

/** The session that a program which starts now gets. */
export const start = (options: RedisSessionStore.Config, role?: string) =>
  Effect.map(Effect.flatMap(program(options, role), ({ get }) => get), idOf)
