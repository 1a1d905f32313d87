import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Option, Redacted, TestClock } from "effect"
import { assertNoLeak, errorOf, marker } from "../../../../test/kit/leaks.ts"
import { locationOf, problemsOf } from "../../../../test/kit/problems.ts"
import { build, buildError, getOf, secretsOf, untyped, withEnv } from "../../../../test/kit/world.ts"
import * as Credentials from "../../src/Credentials.ts"
import * as AccessKey from "../../src/sources/AccessKey.ts"

const secret = Redacted.make(`${marker}-secret`)

const valid = { accessKeyId: "LTAI5tExample", accessKeySecret: secret }

const inEnv = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tOther",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: `${marker}-other`,
  ALIBABA_CLOUD_SECURITY_TOKEN: `${marker}-token`
}

describe("AccessKey", () => {
  it.effect("returns the given pair, and no rendering shows the secret", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(AccessKey.layer(valid))
      assert.strictEqual(credentials._tag, "AccessKey")
      assert.strictEqual(credentials.type, "access_key")
      assert.strictEqual(credentials.providerName, "static_ak")
      assert.deepStrictEqual(secretsOf(credentials), ["LTAI5tExample", `${marker}-secret`])
      assert.isTrue(Option.isNone(Credentials.expirationOf(credentials)))
      assertNoLeak(credentials)
    }))

  it.effect("drops white space around the pair, given in code or as Config values", () =>
    Effect.gen(function*() {
      const spaced = { accessKeyId: "LTAI5tExample\n", accessKeySecret: Redacted.make(` ${marker}-secret\r\n`) }
      const layers = [
        AccessKey.layer(spaced),
        AccessKey.layerConfig({
          accessKeyId: Config.succeed(spaced.accessKeyId),
          accessKeySecret: Config.succeed(spaced.accessKeySecret)
        })
      ]
      for (const layer of layers) {
        assert.deepStrictEqual(secretsOf(yield* getOf(layer)), ["LTAI5tExample", `${marker}-secret`])
      }
      const made = Credentials.sts({
        type: "vault",
        providerName: "vault",
        accessKeyId: " STS.N\n",
        accessKeySecret: `${marker}-secret\n`,
        securityToken: Redacted.make(`${marker}-token \n`)
      })
      assert.deepStrictEqual(secretsOf(made), ["STS.N", `${marker}-secret`, `${marker}-token`])
    }))

  it.scoped("never ends: years later it is the same value", () =>
    Effect.gen(function*() {
      const provider = yield* build(AccessKey.layer(valid))
      const first = yield* provider.get
      yield* TestClock.adjust("3650 days")
      assert.strictEqual(yield* provider.get, first)
      assert.strictEqual(provider.unsafeCurrent(), first)
    }))

  it.effect("takes neither part from the environment", () =>
    Effect.gen(function*() {
      for (
        const [config, missing] of [[{ accessKeyId: "LTAI5tExample" }, "accessKeySecret"], [
          { accessKeySecret: secret },
          "accessKeyId"
        ]]
      ) {
        const error = yield* buildError(AccessKey.layer(untyped(config)))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.deepStrictEqual(problemsOf(error), [`${missing} is missing`])
      }
    }).pipe(withEnv(inEnv)))

  const bad: ReadonlyArray<readonly [title: string, config: unknown, issues: ReadonlyArray<string>]> = [
    ["an empty id", { ...valid, accessKeyId: "" }, ["accessKeyId must be a non-empty string"]],
    ["white space for an id", { ...valid, accessKeyId: " \t" }, ["accessKeyId must be a non-empty string"]],
    ["a number for an id", { ...valid, accessKeyId: 7 }, ["accessKeyId must be a string, not number"]],
    ["an array for an id", { ...valid, accessKeyId: [`${marker}`] }, ["accessKeyId must be a string, not array"]],
    ["null for a secret", { ...valid, accessKeySecret: null }, [
      "accessKeySecret must be a non-empty Redacted string, not null"
    ]],
    ["a string for a secret", { ...valid, accessKeySecret: `${marker}-plain` }, [
      "accessKeySecret must be a non-empty Redacted string, not string"
    ]],
    ["an empty secret", { ...valid, accessKeySecret: Redacted.make("") }, [
      "accessKeySecret must be a non-empty string"
    ]],
    ["a number as secret", { ...valid, accessKeySecret: Redacted.make(7) }, [
      "accessKeySecret must be a string, not number"
    ]],
    ["an object as secret", { ...valid, accessKeySecret: Redacted.make({ marker }) }, [
      "accessKeySecret must be a string, not object"
    ]],
    ["an unknown option", { ...valid, acessKeyId: `${marker}` }, [
      "acessKeyId is not known here: did you mean accessKeyId?"
    ]],
    ["an unknown option with a name that breaks lines", { ...valid, "a\nb": 1 }, ["a\\u{a}b is not known here"]],
    ["several mistakes", { accessKeyId: 1, accessKeySecret: `${marker}` }, [
      "accessKeyId must be a string, not number",
      "accessKeySecret must be a non-empty Redacted string, not string"
    ]],
    ["nothing", undefined, ["they must be an object, not undefined"]],
    ["null", null, ["they must be an object, not null"]],
    ["an array", [`${marker}`], ["they must be an object, not array"]],
    ["a string", `${marker}`, ["they must be an object, not string"]],
    ["a number", 7, ["they must be an object, not number"]]
  ]
  for (const [title, config, issues] of bad) {
    it.effect(`rejects ${title} when it is built`, () =>
      Effect.gen(function*() {
        const error = yield* buildError(AccessKey.layer(untyped(config)))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.strictEqual(error.source, "AccessKey")
        assert.deepStrictEqual(problemsOf(error), issues)
        assert.deepStrictEqual(yield* errorOf(AccessKey.make(untyped(config))), error)
      }))
  }

  it.effect("rejects options that cannot even be read", () =>
    Effect.gen(function*() {
      const wiped = Redacted.make(`${marker}-wiped`)
      Redacted.unsafeWipe(wiped)
      const throwing = {
        get accessKeyId(): string {
          throw new Error(`${marker}`)
        }
      }
      for (const config of [{ ...valid, accessKeySecret: wiped }, throwing]) {
        const error = yield* errorOf(Effect.suspend(() => AccessKey.make(untyped(config))))
        assert.strictEqual(error.message, "AccessKey is misconfigured in its options: they cannot be read.")
      }
    }))
})

describe("AccessKey.layerConfig", () => {
  const layer = AccessKey.layerConfig({
    accessKeyId: Config.string("BACKUP_ID"),
    accessKeySecret: Config.redacted("BACKUP_SECRET")
  })

  it.effect("reads its options from the variables it is given", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(layer)
      assert.deepStrictEqual(secretsOf(credentials), ["LTAI5tBackup", `${marker}-backup`])
    }).pipe(withEnv({ ...inEnv, BACKUP_ID: "LTAI5tBackup", BACKUP_SECRET: `${marker}-backup` })))

  it.effect("names the variables that are not set, not the others' values", () =>
    Effect.gen(function*() {
      const one = yield* buildError(layer).pipe(withEnv({ ...inEnv, BACKUP_SECRET: `${marker}-backup` }))
      assert.strictEqual(one.message, "AccessKey is misconfigured in BACKUP_ID: BACKUP_ID is not set.")
      const both = yield* buildError(layer).pipe(withEnv(inEnv))
      assert.strictEqual(locationOf(both), "BACKUP_ID, BACKUP_SECRET")
      assert.deepStrictEqual(problemsOf(both), ["BACKUP_ID is not set", "BACKUP_SECRET is not set"])
    }))

  it.effect("names a variable that cannot be used, not its value", () =>
    Effect.gen(function*() {
      const strict = AccessKey.layerConfig(Config.all({
        accessKeyId: Config.string("BACKUP_ID").pipe(
          Config.validate({ message: `${marker} is wrong`, validation: () => false })
        ),
        accessKeySecret: Config.redacted("BACKUP_SECRET")
      }))
      const error = yield* buildError(strict)
      assert.strictEqual(error.message, "AccessKey is misconfigured in BACKUP_ID: BACKUP_ID cannot be used.")
    }).pipe(withEnv({ BACKUP_ID: `${marker}-id`, BACKUP_SECRET: `${marker}-backup` })))

  it.effect("rejects an empty variable", () =>
    Effect.gen(function*() {
      const error = yield* buildError(layer)
      assert.deepStrictEqual(problemsOf(error), ["accessKeySecret must be a non-empty string"])
    }).pipe(withEnv({ BACKUP_ID: "LTAI5tBackup", BACKUP_SECRET: "" })))

  it.effect("rejects values that are not configs", () =>
    Effect.gen(function*() {
      for (const config of [null, undefined, 7, `${marker}`, { accessKeyId: `${marker}` }, { accessKeyId: null }]) {
        const error = yield* buildError(AccessKey.layerConfig(untyped(config)))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.strictEqual(error.source, "AccessKey")
      }
    }))

  it.effect("a config without a name is still an error with a place", () =>
    Effect.gen(function*() {
      const error = yield* buildError(AccessKey.layerConfig(Config.fail(`${marker}`)))
      assert.strictEqual(locationOf(error), "an unnamed setting")
    }))
})
