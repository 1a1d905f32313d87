/** Programs that share sessions on a real Redis: whatever happens to it, none lacks a session. */
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Redacted } from "effect"
import { credentialsOf, rolesOn } from "../../packages/redis/examples/manyRoles.ts"
import { cloud, count, roleArn, setFaults } from "../kit/cloud.ts"
import { assertNoLeak } from "../kit/leaks.ts"
import * as redisServer from "../kit/redisServer.ts"
import { collectLogs, idOf, warnings } from "../kit/upstream.ts"
import { withEnv } from "../kit/world.ts"
import { ask, key, program, secret, server, start } from "./utils/redis.ts"

const onCloud = Effect.provide(cloud().layer)

const onRedis = `on a real Redis${redisServer.reason}`

describe.skipIf(redisServer.isMissing)(`programs that share sessions ${onRedis}`, { sequential: true }, () => {
  it.scopedLive("and start at once cause one AssumeRole call", () =>
    Effect.gen(function*() {
      const { admin, url } = yield* server()
      yield* setFaults({ endpoint: "sts.AssumeRole", kind: "latency", millis: 200 })
      const programs = yield* Effect.all(Arr.makeBy(10, () => program({ url, secret })))
      const sessions = yield* Effect.forEach(programs, ({ get }) => get, { concurrency: "unbounded" })
      const ids = sessions.map(idOf)
      assert.strictEqual(new Set(ids).size, 1)
      assert.strictEqual(yield* count, 1)
      const keys = yield* Effect.promise(() => admin.keys("*"))
      assert.deepStrictEqual(keys.map((key) => key.replace(/[0-9a-f]{64}/, "HASH")), ["alicloud-credentials:HASH"])
      const left = yield* Effect.promise(() => admin.pttl(keys[0]!))
      assert.closeTo(left, 3_600_000, 10_000)
      const stored = yield* Effect.promise(() => admin.getBuffer(keys[0]!))
      assert.notMatch(stored?.toString("latin1") ?? "", /STS\.|fake-|role\/open/)
    }).pipe(onCloud))

  it.scopedLive("do so through a client of their own, as the example does", () =>
    Effect.gen(function*() {
      const { admin } = yield* server()
      const instance = Effect.provide(
        Effect.forEach([roleArn("open"), roleArn("long")], credentialsOf),
        Layer.fresh(Layer.provide(rolesOn(admin), key))
      )
      const first = yield* instance
      assert.deepStrictEqual((yield* instance).map(idOf), first.map(idOf))
      assert.strictEqual(yield* count, 2)
    }).pipe(withEnv({ SESSION_SECRET: "s3cr3t-0123456789" }), onCloud))

  it.scopedLive("take exactly the rejected session out", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const [first, second] = [yield* program({ url, secret }), yield* program({ url, secret })]
      const rejected = yield* first.get
      yield* second.get
      yield* first.invalidate(rejected)
      const renewed = idOf(yield* first.get)
      assert.notStrictEqual(renewed, idOf(rejected))
      yield* second.invalidate(rejected)
      assert.strictEqual(idOf(yield* second.get), renewed)
      assert.strictEqual(yield* count, 2)
    }).pipe(onCloud))

  it.scopedLive("go on while it is stopped, and share again when it is back, emptied", () =>
    Effect.gen(function*() {
      const { start: restart, stop, url } = yield* server()
      const { logs, withLogs } = collectLogs()
      yield* Effect.gen(function*() {
        const running = yield* program({ url, secret })
        const id = idOf(yield* running.get)
        yield* stop
        assert.strictEqual(idOf(yield* running.get), id)
        yield* running.invalidate(yield* running.get)
        assert.notStrictEqual(idOf(yield* running.get), id)
        yield* start({ url, secret })
        assert.strictEqual(yield* count, 3)
        yield* restart
        assert.strictEqual(yield* start({ url, secret }), yield* start({ url, secret }))
        assert.strictEqual(yield* count, 4)
        yield* Effect.sleep("2 seconds")
        yield* running.invalidate(yield* running.get)
        assert.strictEqual(idOf(yield* running.get), yield* start({ url, secret }))
        assert.strictEqual(yield* count, 4)
      }).pipe(withLogs)
      assert.strictEqual(warnings(logs).length, 2)
      assert.include(JSON.stringify(logs), "cannot be reached (ECONNREFUSED)")
      assertNoLeak(logs)
    }).pipe(onCloud))

  it.scopedLive("go on while it hangs, and share again when it answers", () =>
    Effect.gen(function*() {
      const { pause, resume, url } = yield* server()
      const running = yield* program({ url, secret })
      const first = idOf(yield* running.get)
      yield* pause
      const started = performance.now()
      const { logs, withLogs } = collectLogs()
      const second = idOf(
        yield* withLogs(Effect.zipRight(Effect.flatMap(running.get, running.invalidate), running.get))
      )
      assert.strictEqual(warnings(logs).length, 1)
      assert.notStrictEqual(second, first)
      assert.isBelow(performance.now() - started, 3000)
      yield* resume
      assert.strictEqual(yield* start({ url, secret }), first)
      assert.strictEqual(yield* count, 2)
    }).pipe(onCloud))

  it.scopedLive("go on when it is emptied", () =>
    Effect.gen(function*() {
      const { admin, url } = yield* server()
      const running = yield* program({ url, secret })
      const id = idOf(yield* running.get)
      yield* ask(admin, "flushall")
      assert.strictEqual(idOf(yield* running.get), id)
      assert.strictEqual(yield* start({ url, secret }), yield* start({ url, secret }))
      assert.strictEqual(yield* count, 2)
    }).pipe(onCloud))

  it.scopedLive("go on when it is full", () =>
    Effect.gen(function*() {
      const { admin, url } = yield* server(["--maxmemory", "100kb", "--maxmemory-policy", "noeviction"])
      const { logs, withLogs } = collectLogs()
      const ids = yield* withLogs(Effect.all([start({ url, secret }), start({ url, secret })]))
      assert.strictEqual(new Set(ids).size, 2)
      assert.strictEqual(yield* count, 2)
      assert.deepStrictEqual(
        warnings(logs).map(({ annotations }) => annotations["error"]),
        Arr.makeBy(2, () => "Redis is full")
      )
      yield* ask(admin, "config set maxmemory 0")
      assert.strictEqual(yield* start({ url, secret }), yield* start({ url, secret }))
      assert.strictEqual(yield* count, 3)
    }).pipe(onCloud))

  it.scopedLive("go on when its password changes while they run", () =>
    Effect.gen(function*() {
      const { admin, url } = yield* server()
      const { logs, withLogs } = collectLogs()
      const running = yield* program({ url, secret })
      const id = idOf(yield* running.get)
      yield* ask(admin, "config set requirepass s3cr3t-changed")
      yield* ask(admin, "client kill type normal")
      yield* Effect.sleep("50 millis")
      yield* withLogs(Effect.flatMap(running.get, running.invalidate))
      assert.notStrictEqual(idOf(yield* withLogs(running.get)), id)
      assert.strictEqual(yield* count, 2)
      assert.deepStrictEqual(warnings(logs).map(({ annotations }) => annotations["error"]), [
        `Redis at ${url} requires a password`
      ])
    }).pipe(onCloud))

  it.scopedLive("go on when one of them has another secret, which is told once", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const other = Redacted.make("another-s3cr3t-0123456789")
      const { logs, withLogs } = collectLogs()
      const first = yield* start({ url, secret })
      const second = yield* withLogs(start({ url, secret: other }))
      assert.notStrictEqual(second, first)
      assert.strictEqual(yield* start({ url, secret: other }), second)
      assert.strictEqual(yield* count, 2)
      assert.deepStrictEqual(warnings(logs).map(({ message }) => message), [
        "A stored session cannot be decrypted and is replaced; programs that share sessions need the same secret"
      ])
      assertNoLeak(logs)
    }).pipe(onCloud))

  it.scopedLive("share while the secret is changed", () =>
    Effect.gen(function*() {
      const { url } = yield* server()
      const renewed = Redacted.make("renewed-s3cr3t-0123456789")
      const id = yield* start({ url, secret })
      assert.strictEqual(yield* start({ url, secrets: [secret, renewed] }), id)
      assert.strictEqual(yield* start({ url, secrets: [renewed, secret] }), id)
      assert.strictEqual(yield* count, 1)
      const next = yield* start({ url, secrets: [renewed, secret] }, "long")
      assert.strictEqual(yield* start({ url, secrets: [secret, renewed] }, "long"), next)
      assert.strictEqual(yield* start({ url, secret: renewed }, "long"), next)
      assert.strictEqual(yield* count, 2)
    }).pipe(onCloud))
})
