/** The examples of the package run. */
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { CommandExecutor, FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Chunk, ConfigProvider, Effect, Layer, Stream } from "effect"
import * as Regions from "../../packages/openapi/examples/regions.ts"
import * as Vpc from "../../packages/openapi/examples/vpc.ts"
import { ci, cloud } from "../kit/cloud.ts"
import { json, network } from "../kit/world.ts"
import { drive } from "./utils/drive.ts"
import { world } from "./utils/identities.ts"

const machine = (variables: Readonly<Record<string, string>>) =>
  Layer.mergeAll(
    Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables)))),
    FileSystem.layerNoop({}),
    Path.layer,
    Layer.succeed(CommandExecutor.CommandExecutor, CommandExecutor.makeExecutor(() => Effect.never))
  )

const regions = (variables: Readonly<Record<string, string>>, declared = world) =>
  Regions.regionIds.pipe(
    drive,
    Effect.provide(Regions.layer.pipe(Layer.provide(cloud(declared).layer), Layer.provide(machine(variables))))
  )

const key = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: ci.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: ci.accessKeySecret
}

describe("the example of regions", () => {
  it.effect("lists them", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* regions(key)).split("\n"), [
        "ap-southeast-1",
        "cn-beijing",
        "cn-hangzhou",
        "eu-central-1"
      ])
    }))

  it.effect("says what to do when it may not", () =>
    Effect.gen(function*() {
      const fault = { endpoint: "ecs", kind: "error", status: 403, code: "Forbidden.RAM" } as const
      const said = yield* regions(key, { ...world, faults: [fault] })
      assert.strictEqual(said, "Ask for the permission ecs:DescribeRegions.")
    }))

  it.effect("says what was looked for when there are no credentials", () =>
    Effect.gen(function*() {
      const said = yield* regions({}, { ...world, instance: undefined })
      assert.match(said, /^No credentials\. Asked, in this order:/)
    }))
})

describe("the example of a product without a module", () => {
  it.effect("reads all pages and creates", () => {
    const { layer, requests } = network(() =>
      requests.length === 3 ? json({ VpcId: "vpc-new" }) : json({
        TotalCount: 2,
        Vpcs: { Vpc: [{ VpcId: `vpc-${requests.length}`, CidrBlock: "10.0.0.0/8" }] }
      })
    )
    return Effect.gen(function*() {
      const found = yield* Stream.runCollect(Vpc.vpcs("cn-hangzhou", { Key: "team", Value: "a b" }))
      assert.deepStrictEqual(Chunk.toReadonlyArray(found).map(({ VpcId }) => VpcId), ["vpc-1", "vpc-2"])
      assert.strictEqual((yield* Vpc.createVpc("cn-hangzhou", "token-1")).VpcId, "vpc-new")
    }).pipe(Effect.provide(Layer.provide(Vpc.layer("cn-hangzhou"), Layer.merge(layer, TestCredentials.layer()))))
  })
})
