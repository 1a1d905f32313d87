import type Official from "@alicloud/credentials"
import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as NodeBackgroundClock from "@effect-alicloud/node/NodeBackgroundClock"
import * as RedisSessionStore from "@effect-alicloud/redis/RedisSessionStore"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Scope from "effect/Scope"
import { setTimeout } from "node:timers/promises"
import type { Side } from "./clients.ts"
import { longSession, officialRoleThrough } from "./clients.ts"
import { inMemory } from "./inMemory.ts"
import { key, roleArn, world } from "./world.ts"

const atOnce = 100

/** What sessions are encrypted with in Redis. */
export const secret = Redacted.make("secret of the benchmark")

type Cloud = Context.Tag.Service<FakeAlicloud.FakeAlicloud>

/** Somebody who holds sessions until it is told to let them go. */
interface Holder {
  readonly fetch: (arn: string) => Promise<unknown>
  readonly letGo: () => Promise<void>
}

const official = (cloud: Cloud): Holder => {
  const clients: Array<Official.default> = []
  return {
    fetch: (arn) => {
      const client = officialRoleThrough(() => inMemory(cloud), longSession, arn)
      clients.push(client)
      return client.getCredential()
    },
    letGo: async () => {
      clients.length = 0
    }
  }
}

const ours = async (cloud: Cloud, capacity: number, redis: string | undefined): Promise<Holder> => {
  const scope = await Effect.runPromise(Scope.make())
  const caller = AccessKey.layer({ ...key, accessKeySecret: Redacted.make(key.accessKeySecret) })
  const layer = RamRoleArn.layerMany({ capacity }).pipe(
    Layer.provide(caller),
    Layer.provide(FakeAlicloud.layerClient),
    Layer.provide(Layer.succeed(FakeAlicloud.FakeAlicloud, cloud)),
    Layer.provide(NodeBackgroundClock.layer),
    Layer.provide(redis === undefined ? Layer.empty : RedisSessionStore.layer({ url: redis, secret }))
  )
  const roles = Context.get(await Effect.runPromise(Scope.extend(Layer.build(layer), scope)), RamRoleArn.RamRoleArns)
  return {
    fetch: (arn) => Effect.runPromise(Effect.repeatN(Effect.suspend(() => roles.provider({ roleArn: arn }).get), 1)),
    letGo: () => Effect.runPromise(Scope.close(scope, Exit.void))
  }
}

const heapUsed = async (): Promise<number> => {
  for (let i = 0; i < 4; i++) {
    await setTimeout(50)
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}

/**
 * What so many roles' sessions take on the heap: how much less there is once they have been let go, so that what the
 * fake cloud remembers does not count. There is no socket.
 */
export const heap = async (params: {
  readonly side: Side
  readonly roles: number
  /** The Redis where our sessions are shared, if they are. */
  readonly redis?: string
}): Promise<{
  readonly bytesPerSession: number
  /** What is still there when nobody holds a session, as compared with the beginning: the fake cloud's notes. */
  readonly bytesLeftPerSession: number
}> => {
  const arns = Array.from({ length: params.roles }, (_, index) => roleArn(`role-${index}`))
  const cloud = await Effect.runPromise(FakeAlicloud.make({ ...world, roles: arns.map((arn) => ({ arn })) }))
  let holder: Holder | undefined = params.side === "official"
    ? official(cloud)
    : await ours(cloud, params.roles, params.redis)
  const before = await heapUsed()
  for (let i = 0; i < arns.length; i += atOnce) await Promise.all(arns.slice(i, i + atOnce).map(holder.fetch))
  const held = await heapUsed()
  await holder.letGo()
  holder = undefined
  const after = await heapUsed()
  // The cloud has to be there to the end.
  const issued = await Effect.runPromise(cloud.issued)
  if (issued !== params.roles) throw new Error(`${issued} sessions instead of ${params.roles}`)
  return {
    bytesPerSession: (held - after) / params.roles,
    bytesLeftPerSession: (after - before) / params.roles
  }
}
