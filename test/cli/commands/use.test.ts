import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { cli } from "../../kit/cli.ts"
import { profiles } from "./utils/laptop.ts"

const file = ".aliyun/config.json"

interface Setting {
  readonly config?: string
  readonly env?: Readonly<Record<string, string>>
  readonly mode?: number
}

/** Runs `use` on a file outside of the home directory, which is there to look at afterwards. */
const use = (profile: string, { config = profiles("plain"), env = {}, mode = 0o600 }: Setting = {}) =>
  Effect.acquireUseRelease(
    Effect.sync(() => Fs.mkdtempSync(Path.join(Fs.realpathSync("/tmp"), "use-"))),
    (folder) =>
      Effect.gen(function*() {
        const target = Path.join(folder, "real.json")
        const link = Path.join(folder, "config.json")
        Fs.writeFileSync(target, config)
        Fs.chmodSync(target, mode)
        Fs.symlinkSync(target, link)
        const finished = yield* cli(["use", profile], { env: { ALIBABA_CLOUD_CONFIG_FILE: link, ...env } })
        assert.isTrue(Fs.lstatSync(link).isSymbolicLink())
        assert.sameMembers(Fs.readdirSync(folder), ["config.json", "real.json"])
        assert.notInclude(finished.out + finished.err, "s3cr3t")
        return { ...finished, after: Fs.readFileSync(target, "utf8") }
      }),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
  )

describe("use", () => {
  it.live("changes the current profile and no other byte, through a symbolic link", () =>
    Effect.gen(function*() {
      const config =
        "\uFEFF{\r\n\t\"profiles\" : [ {\"name\":\"a\",\"mode\":\"AK\", \"x\": 1.0}, {\"name\":\"b \"} ],\r\n" +
        "\t\"current\" : \"a\",  \"meta\": {\"current\": \"a\"}\r\n}\r\n"
      const { after, code, out } = yield* use("b", { config })
      assert.deepStrictEqual({ code, out }, { code: 0, out: "The current profile is now \"b \".\n" })
      assert.strictEqual(after, config.replace("\"current\" : \"a\"", "\"current\" : \"b \""))
    }))

  it.live("adds the field where it is missing", () =>
    Effect.gen(function*() {
      const { after, code } = yield* use("b", { config: "{\n  \"profiles\": [{ \"name\": \"b\" }]\n}\n" })
      assert.strictEqual(code, 0)
      assert.strictEqual(after, "{\n  \"profiles\": [{ \"name\": \"b\" }],\n  \"current\": \"b\"\n}\n")
    }))

  it.live("refuses a profile that does not exist, with suggestions, and writes nothing", () =>
    Effect.gen(function*() {
      const { after, code, err, out } = yield* use("deply")
      assert.deepStrictEqual({ after, code, out }, { after: profiles("plain"), code: 1, out: "" })
      assert.match(
        err,
        /There is no profile "deply" in .*\. Did you mean "deploy"\? Profiles: plain, deploy, token, nobody\./
      )
    }))

  it.live("leaves a read-only file, a broken one and the profile that is current already as they are", () =>
    Effect.gen(function*() {
      const readOnly = yield* use("deploy", { mode: 0o400 })
      assert.deepStrictEqual([readOnly.code, readOnly.after], [1, profiles("plain")])
      assert.include(readOnly.err, "was not changed: it is read-only.")
      const commented = `// mine\n${profiles("plain")}`
      const broken = yield* use("deploy", { config: commented })
      assert.deepStrictEqual([broken.code, broken.after], [1, commented])
      assert.include(broken.err, "line 1")
      const same = yield* use("plain", { mode: 0o400 })
      assert.deepStrictEqual([same.code, same.out], [0, "The current profile is \"plain\" already.\n"])
    }))

  it.live("warns of a variable that takes precedence, and of a profile that cannot be used", () =>
    Effect.gen(function*() {
      const { code, err } = yield* use("half", {
        config: JSON.stringify({ current: "x", profiles: [{ name: "half", mode: "AK", access_key_id: "LTAI5tHalf" }] }),
        env: { ALIBABA_CLOUD_PROFILE: "other" }
      })
      assert.strictEqual(code, 0)
      assert.include(err, "warning: the profile \"half\" cannot be used: access_key_secret is missing.")
      assert.include(err, "warning: ALIBABA_CLOUD_PROFILE selects the profile \"other\"")
    }))

  it.effect("says how to get a file where there is none", () =>
    Effect.gen(function*() {
      const { code, err } = yield* cli(["use", "deploy"])
      assert.strictEqual(code, 1)
      assert.include(err, "aliyun configure")
      assert.strictEqual((yield* cli(["use"])).code, 2)
      assert.strictEqual((yield* cli(["use", ""], { files: { [file]: profiles("plain") } })).code, 2)
    }))
})
