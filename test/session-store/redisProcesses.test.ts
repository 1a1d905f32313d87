import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect } from "effect"
import { bundleFile } from "../kit/bundles.ts"
import { type Child, start } from "../kit/children.ts"
import { ci, roleArn, world } from "../kit/cloud.ts"
import { runs } from "../kit/long.ts"
import * as redisServer from "../kit/redisServer.ts"
import { ask, server } from "./utils/redis.ts"

/** Starts programs whose network is the fake cloud and one Redis. */
const machine = Effect.gen(function*() {
  const cloud = yield* FakeAlicloudServer.FakeAlicloudServer
  const redis = yield* server()
  const script = yield* bundleFile(new URL("./fixtures/redisProgram.ts", import.meta.url))
  const program = Effect.tap(
    start([script, redis.url, roleArn("open"), ci.accessKeyId, ci.accessKeySecret], {
      PATH: process.env["PATH"],
      ...cloud.nodeEnvironment
    }),
    (child) => child.next
  )
  const programs = (count: number) => Effect.all(Arr.makeBy(count, () => program), { concurrency: 8 })
  return { redis, program, programs }
})

const get = (child: Child) => Effect.zipRight(child.say("get"), child.next)

const fake = FakeAlicloud.FakeAlicloud

const calls = Effect.flatMap(fake, (fake) => Effect.map(fake.journal, Arr.length))

const setFault = (fault: FakeAlicloud.Fault) => Effect.flatMap(fake, (fake) => fake.setFaults([fault]))

const onFake = Effect.provide(FakeAlicloudServer.layer(world))

describe.skipIf(redisServer.isMissing)(
  `processes that share sessions on a real Redis${redisServer.reason}`,
  { sequential: true },
  () => {
    it.scopedLive(
      `${runs(5, 8)} that start at once cause one AssumeRole call, and end by themselves`,
      () =>
        Effect.gen(function*() {
          const { programs } = yield* machine
          const children = yield* programs(runs(5, 8))
          yield* setFault({ endpoint: "sts.AssumeRole", kind: "latency", millis: 300 })
          const ids = yield* Effect.forEach(children, get, { concurrency: "unbounded" })
          assert.strictEqual(new Set(ids).size, 1)
          assert.match(ids[0] ?? "", /^STS\./)
          assert.strictEqual(yield* calls, 1)
          yield* Effect.forEach(children, (child) => child.say("end"))
          for (const child of children) assert.deepStrictEqual(yield* child.rest, [])
        }).pipe(onFake),
      120_000
    )

    it.scopedLive(
      "go on when the one that fetches the session is killed, as soon as its lease has ended",
      () =>
        Effect.gen(function*() {
          const { program, programs, redis } = yield* machine
          const leader = yield* program
          const children = yield* programs(3)
          yield* setFault({ endpoint: "sts.AssumeRole", kind: "hang", times: 1 })
          yield* leader.say("get")
          yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), calls), { until: (count) => count === 1 })
          const waiting = yield* Effect.fork(Effect.forEach(children, get, { concurrency: "unbounded" }))
          yield* leader.kill
          const [lease = ""] = yield* Effect.promise(() => redis.admin.keys("*:lease"))
          const left = Number(yield* ask(redis.admin, `pttl ${lease}`))
          assert.isTrue(left > 0 && left <= 15_000)
          yield* ask(redis.admin, `pexpire ${lease} 300`)
          const ids = yield* waiting
          assert.strictEqual(new Set(ids).size, 1)
          assert.match(ids[0] ?? "", /^STS\./)
          assert.strictEqual(yield* calls, 2)
          assert.strictEqual(yield* ask(redis.admin, `exists ${lease}`), 0)
        }).pipe(onFake),
      60_000
    )

    it.scopedLive("lose nothing, wherever one of them is killed", () =>
      Effect.gen(function*() {
        const { program, redis } = yield* machine
        for (let round = 0; round < runs(1, 2); round++) {
          yield* ask(redis.admin, "flushall")
          const [killed, other] = yield* Effect.all([program, program], { concurrency: 2 })
          yield* killed.say("get")
          yield* Effect.sleep(`${round * 4} millis`)
          yield* killed.kill
          yield* ask(redis.admin, "flushall")
          assert.match(yield* get(other), /^STS\./)
          yield* other.kill
        }
      }).pipe(onFake), 240_000)
  }
)
