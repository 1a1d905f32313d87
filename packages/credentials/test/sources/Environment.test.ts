import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, TestClock } from "effect"
import { assertNoLeak, errorOf, marker } from "../../../../test/kit/leaks.ts"
import { locationOf } from "../../../../test/kit/problems.ts"
import { build, getOf, secretsOf, withEnv } from "../../../../test/kit/world.ts"
import { isAbsent } from "../../src/CredentialsError.ts"
import * as Environment from "../../src/sources/Environment.ts"

const main = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tMain",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: `${marker}-main`
}

const legacy = { ALIYUN_ACCESS_KEY_ID: "LTAI5tLegacy", ALIYUN_ACCESS_KEY_SECRET: `${marker}-legacy` }

const token = { ALIBABA_CLOUD_SECURITY_TOKEN: `${marker}-token` }

/** Reads the variables each time, as that of the process does. */
const readingAnew = (variables: Map<string, string>): ConfigProvider.ConfigProvider => {
  const current = () => ConfigProvider.fromMap(variables)
  return ConfigProvider.make({
    load: (config) => Effect.suspend(() => current().load(config)),
    flattened: current().flattened
  })
}

describe("Environment", () => {
  const found: ReadonlyArray<
    readonly [title: string, env: Readonly<Record<string, string>>, tag: string, secrets: ReadonlyArray<string>]
  > = [
    ["a pair", main, "AccessKey", ["LTAI5tMain", `${marker}-main`]],
    ["a pair and a token as a session", { ...main, ...token }, "Sts", [
      "LTAI5tMain",
      `${marker}-main`,
      `${marker}-token`
    ]],
    ["a pair and an empty token as a pair", { ...main, ALIBABA_CLOUD_SECURITY_TOKEN: "" }, "AccessKey", [
      "LTAI5tMain",
      `${marker}-main`
    ]],
    [
      "values without the white space around them",
      {
        ALIBABA_CLOUD_ACCESS_KEY_ID: " LTAI5tMain\n",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: `\t${marker}-main \r\n`,
        ALIBABA_CLOUD_SECURITY_TOKEN: ` ${marker}-token\n`
      },
      "Sts",
      ["LTAI5tMain", `${marker}-main`, `${marker}-token`]
    ],
    ["the pair of the first SDKs when the main one is not set", legacy, "AccessKey", [
      "LTAI5tLegacy",
      `${marker}-legacy`
    ]],
    ["the main pair when both are set", { ...legacy, ...main }, "AccessKey", ["LTAI5tMain", `${marker}-main`]],
    [
      "the pair of the first SDKs without the token, which belongs to the main pair",
      { ...legacy, ...token },
      "AccessKey",
      [
        "LTAI5tLegacy",
        `${marker}-legacy`
      ]
    ],
    [
      "the pair of the first SDKs when the main one is empty",
      {
        ...legacy,
        ALIBABA_CLOUD_ACCESS_KEY_ID: "",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: " "
      },
      "AccessKey",
      ["LTAI5tLegacy", `${marker}-legacy`]
    ]
  ]
  for (const [title, env, tag, secrets] of found) {
    it.effect(`reads ${title}`, () =>
      Effect.gen(function*() {
        const credentials = yield* getOf(Environment.layer())
        assert.strictEqual(credentials._tag, tag)
        assert.strictEqual(credentials.type, tag === "Sts" ? "sts" : "access_key")
        assert.strictEqual(credentials.providerName, "env")
        assert.deepStrictEqual(secretsOf(credentials), secrets)
        assertNoLeak(credentials)
      }).pipe(withEnv(env)))
  }

  it.effect("is absent, not wrong, when nothing is set", () =>
    Effect.gen(function*() {
      for (const env of [{}, token, { ALIBABA_CLOUD_ACCESS_KEY_ID: "", ALIYUN_ACCESS_KEY_SECRET: "  " }]) {
        const error = yield* errorOf(getOf(Environment.layer()).pipe(withEnv(env)))
        assert.isTrue(isAbsent(error))
        assert.include(error.message, "ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET are not set")
      }
    }))

  const half: ReadonlyArray<readonly [env: Readonly<Record<string, string>>, missing: string]> = [
    [{ ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tMain" }, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    [{ ALIBABA_CLOUD_ACCESS_KEY_SECRET: `${marker}-main` }, "ALIBABA_CLOUD_ACCESS_KEY_ID"],
    [{ ...main, ALIBABA_CLOUD_ACCESS_KEY_SECRET: " " }, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    [{ ...legacy, ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tMain" }, "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    [{ ALIYUN_ACCESS_KEY_ID: "LTAI5tLegacy" }, "ALIYUN_ACCESS_KEY_SECRET"],
    [{ ALIYUN_ACCESS_KEY_SECRET: `${marker}-legacy` }, "ALIYUN_ACCESS_KEY_ID"]
  ]
  for (const [env, missing] of half) {
    it.effect(`${Object.keys(env).join(" and ")} alone: names ${missing}, and mixes no pairs`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(Environment.layer()))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.strictEqual(locationOf(error), missing)
      }).pipe(withEnv(env)))
  }

  it.scoped("reads the environment it was built in, not the reader's, and reads it again at each resolution", () =>
    Effect.gen(function*() {
      const variables = new Map<string, string>()
      const source = yield* Environment.make.pipe(Effect.withConfigProvider(readingAnew(variables)))
      yield* errorOf(source.get.pipe(withEnv(main)))
      variables.set("ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tLater")
      variables.set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", `${marker}-later`)
      assert.deepStrictEqual(secretsOf(yield* source.get.pipe(withEnv(main))), ["LTAI5tLater", `${marker}-later`])
      const provider = yield* build(Environment.layer()).pipe(withEnv(main))
      assert.deepStrictEqual(secretsOf(yield* provider.get.pipe(withEnv({}))), ["LTAI5tMain", `${marker}-main`])
    }))

  for (const [title, variables] of [["a pair", main], ["a session", { ...main, ...token }]] as const) {
    const changing = Effect.gen(function*() {
      const held = new Map(Object.entries(variables))
      const provider = yield* build(Environment.layer()).pipe(
        Effect.withConfigProvider(readingAnew(held))
      )
      const first = yield* provider.get
      for (const [name, value] of Object.entries(variables)) held.set(name, `${value}-new`)
      return { first, held, provider, changed: Object.values(variables).map((value) => `${value}-new`) }
    })

    it.scoped(`a read sees ${title} that has changed a minute after the last reading`, () =>
      Effect.gen(function*() {
        const { changed, first, provider } = yield* changing
        yield* TestClock.adjust("59 seconds")
        assert.strictEqual(yield* provider.get, first)
        yield* TestClock.adjust("1 second")
        assert.deepStrictEqual(secretsOf(yield* provider.get), changed)
      }))

    it.scoped(`a read sees ${title} that has changed a minute ago while nobody read`, () =>
      Effect.gen(function*() {
        const { changed, provider } = yield* changing
        yield* TestClock.adjust("3 hours")
        assert.isUndefined(provider.unsafeCurrent())
        assert.deepStrictEqual(secretsOf(yield* provider.get), changed)
      }))

    it.scoped(`a read sees ${title} that has changed at once after a refusal`, () =>
      Effect.gen(function*() {
        const { changed, first, held, provider } = yield* changing
        yield* provider.invalidate(first)
        const second = yield* provider.get
        assert.deepStrictEqual(secretsOf(second), changed)
        for (const [name, value] of Object.entries(variables)) held.set(name, value)
        yield* provider.invalidate(second)
        assert.deepStrictEqual(yield* provider.get, first)
      }))

    it.scoped(`${title} that is there no more stays in use`, () =>
      Effect.gen(function*() {
        const { first, held, provider } = yield* changing
        held.clear()
        yield* TestClock.adjust("2 minutes")
        assert.strictEqual(yield* provider.get, first)
      }))
  }
})
