import * as CliProfile from "@effect-alicloud/credentials/CliProfile"
import { FakeAlicloud } from "@effect-alicloud/testing"
import { Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Layer } from "effect"
import { buildError, files, getOf, noProcesses, withEnv } from "../kit/world.ts"

const machine = Layer.mergeAll(
  files({
    "/etc/aliyun.json": JSON.stringify({
      current: "other",
      profiles: [
        { name: "other", mode: "AK", access_key_id: "LTAI5tOther", access_key_secret: "s3cr3t" },
        { name: "ci", mode: "AK", access_key_id: "LTAI5tCi", access_key_secret: "s3cr3t" }
      ]
    })
  }),
  Layer.orDie(FakeAlicloud.layer()),
  noProcesses,
  Path.layer
)

const idOf = (layer: ReturnType<typeof CliProfile.layer>) =>
  Effect.map(
    getOf(Layer.provide(layer, machine)),
    (credentials) => "accessKeyId" in credentials ? credentials.accessKeyId : undefined
  )

describe("the layers of CliProfile", () => {
  it.effect("take file and profile as options", () =>
    Effect.gen(function*() {
      const layer = CliProfile.layer({ configFile: "/etc/aliyun.json", profileName: "ci" })
      assert.strictEqual(yield* idOf(layer), "LTAI5tCi")
    }).pipe(withEnv({})))

  it.effect("take file and profile from a configuration", () =>
    Effect.gen(function*() {
      const layer = CliProfile.layerConfig({
        configFile: Config.string("FILE"),
        profileName: Config.string("NAME")
      })
      assert.strictEqual(yield* idOf(layer), "LTAI5tCi")
    }).pipe(withEnv({ FILE: "/etc/aliyun.json", NAME: "ci" })))

  it.effect("fail when they are built with options of wrong types", () =>
    Effect.gen(function*() {
      const error = yield* buildError(Layer.provide(CliProfile.layer({ profileName: "" }), machine))
      assert.strictEqual(error._tag, "InvalidConfig")
      assert.include(error.message, "profileName")
    }).pipe(withEnv({})))
})
