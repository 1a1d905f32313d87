import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import { bundleFile } from "../kit/bundles.ts"
import { type Child, makeFolder, start } from "../kit/children.ts"
import { ci, roleArn, world } from "../kit/cloud.ts"
import { runs } from "../kit/long.ts"

/** Starts programs whose network is the fake cloud and whose sessions are in one folder. */
const machine = Effect.gen(function*() {
  const server = yield* FakeAlicloudServer.FakeAlicloudServer
  const script = yield* bundleFile(new URL("./fixtures/program.ts", import.meta.url))
  const directory = join(yield* makeFolder("sessions-"), "alicloud-credentials")
  const program = Effect.tap(
    start([script, directory, roleArn("open"), ci.accessKeyId, ci.accessKeySecret], {
      PATH: process.env["PATH"],
      ...server.nodeEnvironment
    }),
    (child) => child.next
  )
  const programs = (count: number) => Effect.all(Arr.makeBy(count, () => program), { concurrency: 8 })
  return { directory, program, programs }
})

const say = (child: Child, command: string) => Effect.zipRight(child.say(command), child.next)

const all = (children: ReadonlyArray<Child>, command: string) =>
  Effect.forEach(children, (child) => say(child, command), { concurrency: "unbounded" })

const fake = FakeAlicloud.FakeAlicloud

const calls = Effect.flatMap(fake, (fake) => Effect.map(fake.journal, Arr.length))

const onFake = Effect.provide(FakeAlicloudServer.layer(world))

describe.sequential("processes that share a folder of sessions", () => {
  it.scopedLive(
    "many that start at once cause one AssumeRole call, and one more when the session is rejected",
    () =>
      Effect.gen(function*() {
        const { directory, programs } = yield* machine
        const children = yield* programs(runs(5, 8))
        yield* Effect.flatMap(
          fake,
          (fake) => fake.setFaults([{ endpoint: "sts.AssumeRole", kind: "latency", millis: 300 }])
        )
        const ids = yield* all(children, "get")
        assert.strictEqual(new Set(ids).size, 1)
        assert.match(ids[0] ?? "", /^STS\./)
        assert.strictEqual(yield* calls, 1)
        assert.strictEqual(yield* say(children[0]!, "invalidate"), "invalidated")
        const renewed = yield* say(children[0]!, "get")
        assert.notStrictEqual(renewed, ids[0])
        yield* all(children.slice(1), "invalidate")
        assert.deepStrictEqual(new Set(yield* all(children, "get")), new Set([renewed]))
        assert.strictEqual(yield* calls, 2)
        assert.deepStrictEqual(Fs.readdirSync(directory).map((name) => name.replace(/^.*\./, "")), ["json"])
      }).pipe(onFake),
    120_000
  )

  it.scopedLive("go on at once when the one that fetches the session is killed", () =>
    Effect.gen(function*() {
      const { directory, program, programs } = yield* machine
      const leader = yield* program
      const children = yield* programs(4)
      yield* Effect.flatMap(fake, (fake) => fake.setFaults([{ endpoint: "sts.AssumeRole", kind: "hang", times: 1 }]))
      yield* leader.say("get")
      yield* Effect.repeat(Effect.zipRight(Effect.sleep("20 millis"), calls), { until: (count) => count === 1 })
      const started = Date.now()
      yield* Effect.forEach(children, (child) => child.say("get"))
      yield* Effect.sleep("100 millis")
      yield* leader.kill
      const ids = yield* Effect.forEach(children, (child) => child.next)
      assert.isBelow(Date.now() - started, 10_000)
      assert.strictEqual(new Set(ids).size, 1)
      assert.strictEqual(yield* calls, 2)
      assert.deepStrictEqual(Fs.readdirSync(directory).map((name) => name.replace(/^.*\./, "")), ["json"])
    }).pipe(onFake), 60_000)

  it.scopedLive("lose nothing, wherever one of them is killed", () =>
    Effect.gen(function*() {
      const { directory, program } = yield* machine
      for (let round = 0; round < runs(2, 3); round++) {
        Fs.rmSync(directory, { recursive: true, force: true })
        const [killed, other] = [yield* program, yield* program]
        yield* killed.say("get")
        yield* Effect.sleep(`${round * 4} millis`)
        yield* killed.kill
        assert.match(yield* say(other, "get"), /^STS\./)
        assert.match(yield* say(other, "get"), /^STS\./)
        yield* other.kill
      }
    }).pipe(onFake), 60_000)
})
