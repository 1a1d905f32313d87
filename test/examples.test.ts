import { AccessKey, CredentialsProvider, DefaultChain } from "@effect-alicloud/credentials"
import { NodePlatform } from "@effect-alicloud/node"
import { FakeAlicloud } from "@effect-alicloud/testing"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Logger, Option, Redacted } from "effect"
import * as customChain from "../packages/credentials/examples/customChain.ts"
import * as functionCompute from "../packages/credentials/examples/functionCompute.ts"
import * as manyAccounts from "../packages/credentials/examples/manyAccounts.ts"
import * as defaultChain from "../packages/node/examples/defaultChain.ts"

const variables = (entries: Readonly<Record<string, string>>) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(entries))))

const quiet = Logger.remove(Logger.defaultLogger)

const users: FakeAlicloud.WorldInput["users"] = [{
  name: "ci",
  accessKeyId: "LTAI5tExample",
  accessKeySecret: "secret"
}]

const account = (id: string) => ({ arn: `acs:ram::${id}:role/audit`, trustedUsers: ["ci"] })

const deploy = { arn: "acs:ram::1234567890123456:role/deploy", trustedUsers: ["ci"], trustedRoles: [] }

const get = CredentialsProvider.get

const vault = (entry: Option.Option<{ readonly id: string; readonly secret: Redacted.Redacted }>) =>
  Layer.succeed(customChain.Vault, { read: () => Effect.succeed(entry) })

describe("the examples", () => {
  it.effect("an application with the default chain", () =>
    Effect.gen(function*() {
      const credentials = yield* defaultChain.program
      assert.strictEqual(credentials.providerName, "default/env")
    }).pipe(Effect.provide(Layer.merge(
      quiet,
      DefaultChain.layer.pipe(Layer.provide([
        NodePlatform.layer,
        variables({
          ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tExample",
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret",
          ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
        })
      ]))
    ))))

  it.effect("a custom chain whose first source has credentials", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* get).providerName, "ram_role_arn/vault")
    }).pipe(Effect.provide(customChain.layer.pipe(
      Layer.provide(FakeAlicloud.layer({ users, roles: [deploy] })),
      Layer.provide([vault(Option.some({ id: "LTAI5tExample", secret: Redacted.make("secret") })), variables({})])
    ))))

  it.effect("a custom chain whose first source has none", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* get).providerName, "ram_role_arn/env")
    }).pipe(Effect.provide(customChain.layer.pipe(
      Layer.provide(FakeAlicloud.layer({ users, roles: [deploy] })),
      Layer.provide([
        vault(Option.none()),
        variables({ ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tExample", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "secret" })
      ])
    ))))

  it("a function that uses the credentials of each call", async () => {
    const call = (accessKeyId: string) =>
      functionCompute.handler({}, { credentials: { accessKeyId, accessKeySecret: "secret", securityToken: "token" } })
    assert.strictEqual(await call("STS.First"), "STS.First")
    assert.strictEqual(await call("STS.Second"), "STS.Second")
    assert.strictEqual(await call("STS.Second"), "STS.Second")
  })

  it.effect("many accounts from one keyed cache", () =>
    Effect.gen(function*() {
      const cloud = yield* FakeAlicloud.FakeAlicloud
      const first = yield* manyAccounts.program
      const second = yield* manyAccounts.program
      assert.deepStrictEqual(first.map(({ account }) => account), second.map(({ account }) => account))
      assert.strictEqual(first[0]?.providerName, "ram_role_arn/static_ak")
      assert.strictEqual(yield* cloud.count("sts.AssumeRole"), 3)
    }).pipe(Effect.provide(manyAccounts.layer.pipe(
      Layer.provide(AccessKey.layer({ accessKeyId: "LTAI5tExample", accessKeySecret: Redacted.make("secret") })),
      Layer.provideMerge(FakeAlicloud.layer({
        users,
        roles: ["1111111111111111", "2222222222222222", "3333333333333333"].map(account)
      }))
    ))))
})
