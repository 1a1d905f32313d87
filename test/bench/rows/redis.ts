import * as RedisSessionStore from "@effect-alicloud/redis/RedisSessionStore"
import { Clock, DateTime, Effect, Redacted } from "effect"
import { Redis } from "ioredis"
import * as redisServer from "../../kit/redisServer.ts"
import { Lab } from "../lab.ts"
import { nanos, spread } from "../measure.ts"
import type { Row } from "../report.ts"
import { secret } from "../subject/heap.ts"
import type { Plan, Section } from "./plan.ts"

const readsPerRound = 1000

const key = "a".repeat(64)

const session = Effect.map(Clock.currentTimeMillis, (now) => ({
  accessKeyId: "STS.NUgYrLnoC37mZZCNnAbez4ETq",
  accessKeySecret: Redacted.make("x".repeat(44)),
  // As long as those of the service.
  securityToken: Redacted.make("x".repeat(800)),
  expiration: DateTime.unsafeMake(now + 3_600_000),
  receivedAt: DateTime.unsafeMake(now),
  roleArn: "acs:ram::1234567890123456:role/bench",
  roleSessionName: "bench"
}))

/** Redis and a client to look at it. */
const server = Effect.gen(function*() {
  const running = yield* redisServer.make()
  const client = yield* Effect.acquireRelease(
    Effect.sync(() => new Redis(running.url)),
    (client) => Effect.sync(() => client.disconnect())
  )
  return { ...running, client }
})

const repeated = async (read: () => Promise<unknown>): Promise<number> =>
  await nanos(async () => {
    for (let i = 0; i < readsPerRound; i++) await read()
  }) / readsPerRound

/** A session that is read from Redis, beside a bare GET of the same value. */
const hit = ({ readRounds }: Plan) =>
  Effect.gen(function*() {
    const { client, url } = yield* server
    const store = yield* RedisSessionStore.make({ url, secret })
    yield* store.set(key, yield* session)
    const gets: Array<number> = []
    const hits: Array<number> = []
    for (let round = 0; round <= readRounds; round++) {
      gets.push(yield* Effect.promise(() => repeated(() => client.getBuffer(`alicloud-credentials:${key}`))))
      hits.push(yield* Effect.promise(() => repeated(() => Effect.runPromise(store.get(key)))))
    }
    return { get: spread(gets.slice(1)), hit: spread(hits.slice(1)) }
  }).pipe(Effect.scoped, Effect.orDie)

const usedMemory = (client: Redis) =>
  Effect.promise(async () => Number(/used_memory:(\d+)/.exec(await client.info("memory"))?.[1]))

/** What many sessions take in Redis, and in the process that shares them there. */
const memory = ({ roles }: Plan) =>
  Effect.gen(function*() {
    const { client, url } = yield* server
    const { subject } = yield* Lab
    const before = yield* usedMemory(client)
    const { ask } = yield* subject({ flags: ["--expose-gc"] })
    const { bytesPerSession } = yield* ask("heap", { side: "ours", roles, redis: url })
    const after = yield* usedMemory(client)
    const stored = yield* Effect.promise(() => client.dbsize())
    if (stored !== roles) return yield* Effect.dieMessage(`${stored} sessions instead of ${roles}`)
    const valueBytes = yield* Effect.promise(async () => client.strlen(await client.randomkey() ?? ""))
    return { there: (after - before) / roles, here: bytesPerSession, valueBytes }
  }).pipe(Effect.scoped)

/** What a store of sessions on Redis costs. */
export const redis: Section = (plan) =>
  Effect.gen(function*() {
    if (redisServer.isMissing) {
      const missing = "no redis-server"
      const rows: ReadonlyArray<Row> = [{
        id: "store-hit",
        what: "a session from Redis",
        unit: "ns",
        missing,
        note: missing
      }]
      return rows
    }
    const { get, hit: read } = yield* hit(plan)
    const { here, there, valueBytes } = yield* memory(plan)
    const count = plan.roles.toLocaleString("en-US")
    const rows: ReadonlyArray<Row> = [
      {
        id: "store-hit",
        what: "a session from Redis",
        unit: "ns",
        ours: read,
        goal: { atMost: 1e6, text: `≤ 1 ms; it is ${(read.median / get.median).toFixed(1)}× a GET` },
        note: "one after the other over loopback: the reply, decrypted and decoded; the GET returns the same bytes",
        details: { get }
      },
      {
        id: "store-memory",
        what: `memory of Redis per session, ${count} roles`,
        unit: "B",
        ours: spread([there]),
        goal: { atMost: 2000 },
        note: "used_memory with all sessions of one RamRoleArns less without them, keys and time of expiry included",
        details: { valueBytes }
      },
      {
        id: "store-heap",
        what: `heap per session with Redis, ${count} roles`,
        unit: "B",
        ours: spread([here]),
        goal: { atMost: 4000 },
        note: "as in the row without a store: V8's used heap with all sessions less without them"
      }
    ]
    return rows
  })
