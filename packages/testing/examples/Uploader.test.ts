import { CredentialsError, DefaultChain } from "@effect-alicloud/credentials"
import { FakeAlicloud, TestCredentials } from "@effect-alicloud/testing"
import { CommandExecutor, FileSystem, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option, TestClock } from "effect"
import * as Uploader from "./Uploader.ts"

/** No variables, no files, no programs. */
const emptyMachine = Layer.mergeAll(
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map())),
  FileSystem.layerNoop({}),
  Path.layer,
  Layer.succeed(CommandExecutor.CommandExecutor, CommandExecutor.makeExecutor(() => Effect.never))
)

describe("Uploader", () => {
  it.effect("signs with the current credentials", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      assert.include(yield* uploader.authorize("report.csv"), `EXAMPLE ${TestCredentials.accessKey.accessKeyId}:`)
      assert.deepStrictEqual(yield* uploader.secondsLeft, Option.none())
    }).pipe(Effect.provide(Layer.provide(Uploader.layer, TestCredentials.layer()))))

  it.effect("goes on with a new session when the old one ends", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      assert.include(yield* uploader.authorize("a"), "STS.Test1:")
      yield* TestClock.adjust("30 minutes")
      assert.deepStrictEqual(yield* uploader.secondsLeft, Option.some(1800))
      yield* TestClock.adjust("40 minutes")
      assert.include(yield* uploader.authorize("b"), "STS.Test2:")
    }).pipe(Effect.provide(Layer.provide(Uploader.layer, TestCredentials.expiringIn("1 hour")))))

  it.effect("rides out an outage, then reports it in its own words", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const error = yield* Effect.flip(uploader.authorize("a"))
      assert.instanceOf(error, Uploader.NoKey)
      assert.include(error.reason, "no answer from https://sts.aliyuncs.com")
      yield* TestClock.adjust("1 second")
      assert.include(yield* uploader.authorize("a"), TestCredentials.accessKey.accessKeyId)
    }).pipe(Effect.provide(Layer.provide(
      Uploader.layer,
      TestCredentials.sequence([
        new CredentialsError.SourceFailed({
          source: "RamRoleArn",
          reason: "Timeout",
          detail: "no answer from https://sts.aliyuncs.com",
          retryable: true
        }),
        TestCredentials.accessKey
      ])
    ))))

  it.effect("runs on an ECS instance's role, with the real default chain on a fake cloud", () =>
    Effect.gen(function*() {
      const uploader = yield* Uploader.Uploader
      const cloud = yield* FakeAlicloud.FakeAlicloud
      assert.include(yield* uploader.authorize("report.csv"), "STS.Fake0001:")
      assert.strictEqual(yield* cloud.count("imds.token"), 1)
    }).pipe(Effect.provide(
      Uploader.layer.pipe(
        Layer.provide(DefaultChain.layer),
        Layer.provideMerge(FakeAlicloud.layer({ instance: { roleName: "uploader" } })),
        Layer.provide(emptyMachine)
      )
    )))
})
