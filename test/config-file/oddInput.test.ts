import type { CliProfile } from "@effect-alicloud/credentials"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import * as NodeFs from "node:fs"
import { assertNoLeak } from "../kit/leaks.ts"
import { collectLogs, warnings } from "../kit/upstream.ts"
import type { Content } from "./utils/realFile.ts"
import { dev, fail, json, nested, nestedObjects, resolve, secret, withField } from "./utils/realFile.ts"

describe("a config.json that looks odd and can be used", () => {
  const rows: ReadonlyArray<readonly [title: string, content: Content, config?: CliProfile.Config]> = [
    ["a byte order mark", `\uFEFF${json(dev)}`],
    ["line ends of Windows", JSON.stringify(JSON.parse(json(dev)), null, "\t").replaceAll("\n", "\r\n")],
    ["a link to a file", ({ file, folder }) => {
      NodeFs.writeFileSync(`${folder}/real.json`, json(dev))
      NodeFs.symlinkSync(`${folder}/real.json`, file)
    }],
    ["a broken neighbour", json({ name: "broken", mode: [secret] }, dev)],
    [
      "neighbours that are no profiles",
      `{"current":"dev","profiles":[null,5,"dev",["dev"],{},{"name":5},${JSON.stringify(dev)}]}`
    ],
    ["100,000 lists in a field that nobody knows", withField("extra", nested(100_000))],
    ["100,000 objects in a field that nobody knows", withField("extra", nestedObjects(100_000))],
    [
      "as many profiles as there is room for",
      json(...Array.from({ length: 20_000 }, (_, n) => ({ name: `p${n}` })), dev)
    ],
    ["a key twice, whose last value counts", withField("access_key_id", "\"LTAI5tDev\"")],
    ["fields that every object has", withField("__proto__", "{\"mode\":\"EcsRamRole\"}")],
    ...["__proto__", "constructor", "hasOwnProperty", "a\u001B[2Jb", "line\nfeed", "日本語", "q\"q", "a b"].map((
      name
    ) => [`a profile named ${JSON.stringify(name)}`, json({ ...dev, name }), { profileName: name }] as const)
  ]
  for (const [title, content, config] of rows) {
    it.scopedLive(`works: ${title}`, () =>
      Effect.gen(function*() {
        const [, exit] = yield* resolve(content, config)
        assert.isTrue(Exit.isSuccess(exit), String(exit))
        assertNoLeak(exit)
      }))
  }

  it.scopedLive("uses the first profile of a name, and says so", () =>
    Effect.gen(function*() {
      const { logs, withLogs } = collectLogs()
      const second = { ...dev, access_key_id: "LTAI5tSecond" }
      const [{ file }, exit] = yield* withLogs(resolve(json(dev, second)))
      assert.isTrue(Exit.isSuccess(exit) && "accessKeyId" in exit.value && exit.value.accessKeyId === "LTAI5tDev")
      assert.deepStrictEqual(warnings(logs).map(({ annotations, message }) => [message, annotations]), [[
        "Several profiles of config.json have the same name, the first one is used",
        { source: "CliProfile", place: `${file} profile "dev"` }
      ]])
      const [, error] = yield* fail(json({ ...dev, mode: 5 }, second))
      assert.include(error.message, "mode must be a string")
    }))

  it.scopedLive("tells profiles apart whose names differ in white space, also when code names them", () =>
    Effect.gen(function*() {
      const spaced = { ...dev, name: " dev ", access_key_id: "LTAI5tSpaced" }
      for (const [profileName, id] of [["dev", "LTAI5tDev"], [" dev ", "LTAI5tSpaced"]] as const) {
        const [, exit] = yield* resolve(json(spaced, dev), { profileName })
        assert.isTrue(
          Exit.isSuccess(exit) && "accessKeyId" in exit.value && exit.value.accessKeyId === id,
          String(exit)
        )
      }
    }))

  it.scopedLive("says nothing about profiles whose names differ", () =>
    Effect.gen(function*() {
      const { logs, withLogs } = collectLogs()
      yield* withLogs(resolve(json({ ...dev, name: "DEV" }, dev)))
      assert.isEmpty(warnings(logs))
    }))
})
