import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Redacted } from "effect"
import { assertNoLeak, marker } from "../../../../test/kit/leaks.ts"
import { problemsOf } from "../../../../test/kit/problems.ts"
import { build, buildError, getOf, secretsOf, untyped, withEnv } from "../../../../test/kit/world.ts"
import * as StsToken from "../../src/sources/StsToken.ts"

const valid = {
  accessKeyId: "STS.NExample",
  accessKeySecret: Redacted.make(`${marker}-secret`),
  securityToken: Redacted.make(`${marker}-token`)
}

const inEnv = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tOther",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: `${marker}-other`,
  ALIBABA_CLOUD_SECURITY_TOKEN: `${marker}-other-token`
}

describe("StsToken", () => {
  it.effect("returns the given session, and no rendering shows a secret", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(StsToken.layer(valid))
      assert.strictEqual(credentials._tag, "Sts")
      assert.strictEqual(credentials.type, "sts")
      assert.strictEqual(credentials.providerName, "static_sts")
      assert.deepStrictEqual(secretsOf(credentials), ["STS.NExample", `${marker}-secret`, `${marker}-token`])
      assertNoLeak(credentials)
    }))

  for (const field of ["accessKeyId", "accessKeySecret", "securityToken"] as const) {
    it.effect(`requires ${field}, and does not take it from the environment`, () =>
      Effect.gen(function*() {
        const { [field]: _, ...rest } = valid
        const error = yield* buildError(StsToken.layer(untyped(rest)))
        assert.strictEqual(error.source, "StsToken")
        assert.deepStrictEqual(problemsOf(error), [`${field} is missing`])
      }).pipe(withEnv(inEnv)))
  }

  const bad: ReadonlyArray<readonly [title: string, config: unknown, issue: string]> = [
    [
      "a string for a token",
      { ...valid, securityToken: `${marker}` },
      "securityToken must be a non-empty Redacted string, not string"
    ],
    ["an empty token", { ...valid, securityToken: Redacted.make("") }, "securityToken must be a non-empty string"],
    [
      "null for a token",
      { ...valid, securityToken: null },
      "securityToken must be a non-empty Redacted string, not null"
    ],
    [
      "an array as secret",
      { ...valid, accessKeySecret: Redacted.make([marker]) },
      "accessKeySecret must be a string, not array"
    ],
    ["a number for an id", { ...valid, accessKeyId: 1 }, "accessKeyId must be a string, not number"],
    ["an unknown option", { ...valid, roleArn: "x" }, "roleArn is not known here"]
  ]
  for (const [title, config, issue] of bad) {
    it.effect(`rejects ${title} when it is built`, () =>
      Effect.gen(function*() {
        const error = yield* buildError(StsToken.layer(untyped(config)))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.deepStrictEqual(problemsOf(error), [issue])
      }))
  }

  it.scoped("layerConfig reads its variables when it is built, not at each read", () =>
    Effect.gen(function*() {
      const provider = yield* build(StsToken.layerConfig({
        accessKeyId: Config.string("ID"),
        accessKeySecret: Config.redacted("SECRET"),
        securityToken: Config.redacted("TOKEN")
      })).pipe(withEnv({ ID: "STS.N1", SECRET: `${marker}-1`, TOKEN: `${marker}-t1` }))
      const credentials = yield* provider.get.pipe(
        withEnv({ ID: "STS.N2", SECRET: `${marker}-2`, TOKEN: `${marker}-t2` })
      )
      assert.deepStrictEqual(secretsOf(credentials), ["STS.N1", `${marker}-1`, `${marker}-t1`])
    }))

  it.effect("layerConfig names the variable that is not set", () =>
    Effect.gen(function*() {
      const error = yield* buildError(StsToken.layerConfig({
        accessKeyId: Config.string("ID"),
        accessKeySecret: Config.redacted("SECRET"),
        securityToken: Config.redacted("TOKEN")
      }))
      assert.strictEqual(error.message, "StsToken is misconfigured in TOKEN: TOKEN is not set.")
    }).pipe(withEnv({ ID: "STS.N1", SECRET: `${marker}-1` })))
})
