import { CliProfile, CredentialsError } from "@effect-alicloud/credentials"
import { NodePlatform } from "@effect-alicloud/node"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { FileSystem } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"

const accountId = "1234567890123456"

const ci = { name: "ci", accountId, accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }

const role = `acs:ram::${accountId}:role/deploy`

const pair = { access_key_id: ci.accessKeyId, access_key_secret: ci.accessKeySecret }

/** A command line that runs a script. Scripts use no single quotes. */
const script = (code: string): string => `"${process.execPath}" -e '${code}' -- --token s3cr3t-argument`

const print = (output: object): string => script(`console.log(JSON.stringify(${JSON.stringify(output)}))`)

/** Writes a file beside config.json, to see that it ran. */
const leaveTrace = (folder: string): string => script(`require("fs").writeFileSync("${folder}/trace", "")`)

const services = Layer.merge(NodePlatform.layer, FakeAlicloud.layer({ users: [ci], roles: [{ arn: role }] }))

/** Resolves the profile `top` of a real file, with a real program. */
const resolve = (
  profiles: (folder: string) => ReadonlyArray<object>,
  env: Readonly<Record<string, string>> = {}
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const folder = yield* Effect.orDie(fs.makeTempDirectoryScoped())
    const configFile = `${folder}/config.json`
    yield* Effect.orDie(fs.writeFileString(configFile, JSON.stringify({ current: "top", profiles: profiles(folder) })))
    const source = yield* Effect.provide(CliProfile.make({ configFile }), services)
    return { folder, get: source.get }
  }).pipe(
    Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(env)))),
    Effect.provide(NodePlatform.layer)
  )

describe("an External profile", () => {
  for (
    const [title, output, providerName] of [
      ["a pair", { mode: "AK", ...pair }, "cli_profile/external"],
      ["a session", { mode: "StsToken", ...pair, sts_token: "s3cr3t-token" }, "cli_profile/external"]
    ] as const
  ) {
    it.scopedLive(`returns ${title} that its program prints`, () =>
      Effect.gen(function*() {
        const { get } = yield* resolve(() => [{ name: "top", mode: "External", process_command: print(output) }])
        const credentials = yield* get
        assertNoLeak(credentials)
        assert.strictEqual(credentials.providerName, providerName)
        assert.strictEqual(credentials._tag, output.mode === "AK" ? "AccessKey" : "Sts")
      }))
  }

  it.scopedLive("may be the source profile of a role", () =>
    Effect.gen(function*() {
      const { get } = yield* resolve(() => [
        { name: "ext", mode: "External", process_command: print(pair) },
        { name: "top", mode: "ChainableRamRoleArn", source_profile: "ext", ram_role_arn: role }
      ])
      const credentials = yield* get
      assertNoLeak(credentials)
      assert.strictEqual(credentials.providerName, "cli_profile/ram_role_arn/external")
    }))

  it.scopedLive("whose program fails is named by file and profile, without the command line", () =>
    Effect.gen(function*() {
      const { folder, get } = yield* resolve(() => [{
        name: "top",
        mode: "External",
        process_command: script("console.error(\"s3cr3t\"); process.exit(3)")
      }])
      const error = yield* errorOf(get)
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(error.reason, "Process")
      assert.include(error.message, "\"node\" ended with exit code 3")
      assert.include(error.message, `${folder}/config.json profile "top"`)
    }))

  for (const mode of ["External", "ChainableRamRoleArn"]) {
    it.scopedLive(`in mode ${mode} runs nothing while external programs are switched off`, () =>
      Effect.gen(function*() {
        const profiles = (folder: string): ReadonlyArray<object> => {
          const external = { mode: "External", process_command: leaveTrace(folder) }
          return mode === "External"
            ? [{ name: "top", ...external }]
            : [{ name: "top", mode, ram_role_arn: role, source_profile: "ext" }, { name: "ext", ...external }]
        }
        const fs = yield* FileSystem.FileSystem
        const off = yield* resolve(profiles, { ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: "true" })
        const error = yield* errorOf(off.get)
        assert.instanceOf(error, CredentialsError.SourceUnavailable)
        assert.include(error.message, "ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS")
        assert.isFalse(yield* fs.exists(`${off.folder}/trace`))
        const on = yield* resolve(profiles)
        yield* errorOf(on.get)
        assert.isTrue(yield* fs.exists(`${on.folder}/trace`))
      }).pipe(Effect.provide(NodePlatform.layer)))
  }
})
