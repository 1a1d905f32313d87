/** Clients of the user's, and what the store reads and leaves behind on a real Redis. */
import type { Service } from "@effect-alicloud/credentials/SessionStore"
import * as RedisSessionStore from "@effect-alicloud/redis/RedisSessionStore"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Duration, Effect, Option, Schedule } from "effect"
import { Cluster } from "ioredis"
import { Cluster as Cluster6, Redis as Redis6 } from "ioredis6"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { runs } from "../kit/long.ts"
import * as redisServer from "../kit/redisServer.ts"
import { collectLogs } from "../kit/upstream.ts"
import { ask, connect, secret, server } from "./utils/redis.ts"
import { key, session } from "./utils/session.ts"

const idIn = (store: Service, key: string) =>
  Effect.map(store.get(key), (found) => Option.getOrUndefined(Option.map(found, ({ accessKeyId }) => accessKeyId)))

const soon = Schedule.spaced("10 millis")

/** Everything that a store does. */
const exercise = (store: Service) =>
  Effect.gen(function*() {
    const [first, second] = [yield* session("first"), yield* session("second")]
    assert.deepStrictEqual(yield* store.get(key), Option.none())
    yield* store.set(key, first)
    assert.deepStrictEqual(yield* store.get(key), Option.some(first))
    yield* store.set(key, second)
    yield* store.remove(key, first)
    assert.deepStrictEqual(yield* store.get(key), Option.some(second))
    yield* store.remove(key, second)
    assert.deepStrictEqual(yield* store.get(key), Option.none())
    const lease = Option.getOrThrow(yield* store.lease(key))
    assert.deepStrictEqual(yield* store.lease(key), Option.none())
    assert.isTrue(yield* lease.renew)
    yield* lease.release(Duration.zero)
    assert.isFalse(yield* lease.renew)
    const next = Option.getOrThrow(yield* store.lease(key))
    yield* lease.release(Duration.zero)
    assert.isTrue(yield* next.renew)
    yield* next.release(Duration.millis(50))
    yield* Effect.repeat(store.lease(key), { until: Option.isSome, schedule: soon })
  })

const scoped = <A extends { readonly disconnect: () => void }>(make: () => A) =>
  Effect.acquireRelease(Effect.sync(make), (client) => Effect.sync(() => client.disconnect()))

describe.skipIf(redisServer.isMissing)(
  `a client of the user's, on a real Redis${redisServer.reason}`,
  { sequential: true },
  () => {
    it.scopedLive("may be of version 5 or 6, have a key prefix, connect later, and pipeline by itself", () =>
      Effect.gen(function*() {
        const { admin, url } = yield* server()
        const clients = [
          yield* connect(url, { keyPrefix: "app:" }),
          yield* connect(url, { lazyConnect: true, enableAutoPipelining: true }),
          yield* scoped(() => new Redis6(url)),
          yield* scoped(() => new Redis6(url, { protocol: 2 }))
        ]
        for (const client of clients) {
          yield* Effect.scoped(
            Effect.flatMap(RedisSessionStore.make({ client, secret, prefix: "sessions:" }), exercise)
          )
          assert.strictEqual(client.status, "ready")
          yield* ask(admin, "flushall")
        }
      }))

    it.scopedLive("may be of a Cluster", () =>
      Effect.gen(function*() {
        const nodes = yield* Effect.all(
          Arr.makeBy(3, () => server(["--cluster-enabled", "yes"])),
          { concurrency: 3 }
        )
        const [first] = nodes
        yield* Effect.forEach(nodes, ({ admin, port }, index) =>
          Effect.gen(function*() {
            const last = index === 2 ? 16_383 : (index + 1) * 5461 - 1
            yield* ask(admin, `cluster addslotsrange ${index * 5461} ${last}`)
            if (index > 0) yield* ask(first!.admin, `cluster meet 127.0.0.1 ${port}`)
          }))
        yield* Effect.repeat(
          Effect.forEach(nodes, ({ admin }) => ask(admin, "cluster info")),
          { until: Arr.every((info) => String(info).includes("cluster_state:ok")), schedule: soon }
        )
        const at = [{ host: "127.0.0.1", port: first!.port }]
        for (const client of [yield* scoped(() => new Cluster(at)), yield* scoped(() => new Cluster6(at))]) {
          const store = yield* RedisSessionStore.make({ client, secret })
          yield* exercise(store)
          const keys = Arr.makeBy(16, (index) => index.toString(16).repeat(64))
          yield* Effect.forEach(keys, (key) => Effect.flatMap(session(key), (one) => store.set(key, one)))
          for (const key of keys) assert.strictEqual(yield* idIn(store, key), `STS.${key}`)
          const sizes = yield* Effect.forEach(nodes, ({ admin }) => ask(admin, "dbsize"))
          assert.isTrue(sizes.every((size) => Number(size) > 0))
          yield* Effect.forEach(nodes, ({ admin }) => ask(admin, "flushall"))
        }
      }))

    it.scopedLive("that has lost its server is not used, and nothing is queued in it", () =>
      Effect.gen(function*() {
        const { pause, resume, start, stop, url } = yield* server()
        const client = yield* connect(url, { maxRetriesPerRequest: null })
        const queues = client as unknown as Record<"offlineQueue" | "commandQueue", { readonly length: number }>
        const store = yield* RedisSessionStore.make({ client, secret })
        yield* store.set(key, yield* session("first"))
        yield* pause
        assert.deepStrictEqual(yield* Effect.timeoutOption(store.get(key), "600 millis"), Option.none())
        for (let round = 0; round < 100; round++) {
          assert.strictEqual((yield* Effect.flip(store.get(key))).message, "Redis does not answer")
        }
        assert.strictEqual(queues.commandQueue.length, 1)
        yield* resume
        yield* Effect.retry(store.get(key), soon)
        yield* stop
        yield* Effect.repeat(Effect.sync(() => client.status), {
          until: (status) => status !== "ready",
          schedule: soon
        })
        const started = performance.now()
        for (let round = 0; round < 100; round++) yield* Effect.flip(store.get(key))
        assert.isBelow(performance.now() - started, 500)
        assert.strictEqual(queues.offlineQueue.length, 0)
        yield* start
        yield* Effect.retry(store.get(key), soon)
        client.disconnect()
        yield* Effect.repeat(Effect.sync(() => client.status), { until: (status) => status === "end", schedule: soon })
        assert.strictEqual((yield* errorOf(store.get(key))).message, "the client is not connected to Redis")
      }), 20_000)

    it.scopedLive("reads nothing that is damaged, huge, of another key, or of another program, and replaces it", () =>
      Effect.gen(function*() {
        const { admin, url } = yield* server()
        const store = yield* RedisSessionStore.make({ url, secret })
        const at = `alicloud-credentials:${key}`
        const [one, other] = [yield* session("one"), "b".repeat(64)]
        const put = (value: string | Buffer) => Effect.promise(() => admin.set(at, value))
        yield* store.set(other, yield* session("other"))
        const copied = yield* Effect.promise(() => admin.getBuffer(`alicloud-credentials:${other}`))
        yield* store.set(key, one)
        const own = yield* Effect.promise(() => admin.getBuffer(at))
        const foreign: ReadonlyArray<Effect.Effect<unknown>> = [
          put("another program's"),
          put(Buffer.alloc(10_000_000, 1)),
          put(copied!),
          put(own!.subarray(0, -1)),
          put(Buffer.concat([Buffer.of(2), own!.subarray(1)])),
          put(""),
          Effect.zipRight(ask(admin, `del ${at}`), ask(admin, `hset ${at} field value`))
        ]
        for (const make of foreign) {
          yield* make
          assert.isUndefined(yield* idIn(store, key))
          yield* store.remove(key, one)
          yield* store.set(key, one)
          assert.strictEqual(yield* idIn(store, key), "STS.one")
        }
        for (const make of [`set ${at}:lease x`, `set ${at}:lease x px 99999999`, `sadd ${at}:lease x`]) {
          yield* ask(admin, make)
          yield* Option.getOrThrow(yield* store.lease(key)).release(Duration.zero)
        }
        yield* store.set(key, yield* session("ended", -1))
        assert.strictEqual(yield* idIn(store, key), "STS.one")
        assertNoLeak(store)
      }).pipe(collectLogs().withLogs))

    it.scopedLive(`keeps the sessions of ${runs(500, 2000)} roles, all at once`, () =>
      Effect.gen(function*() {
        const { admin, url } = yield* server()
        const store = yield* RedisSessionStore.make({ url, secret })
        const one = yield* session("one")
        const keys = Arr.makeBy(runs(500, 2000), (index) => index.toString(16).padStart(64, "0"))
        yield* Effect.forEach(keys, (key) => store.set(key, { ...one, accessKeyId: `STS.${key}` }), {
          concurrency: "unbounded",
          discard: true
        })
        const found = yield* Effect.forEach(keys, (key) => idIn(store, key), { concurrency: "unbounded" })
        assert.isTrue(found.every((id, index) => id === `STS.${keys[index]}`))
        assert.strictEqual(yield* ask(admin, "dbsize"), keys.length)
      }))
  }
)
