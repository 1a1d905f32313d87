import * as FileSessionStore from "@effect-alicloud/credentials/FileSessionStore"
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Order } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import { makeFolder } from "../../kit/children.ts"
import { cli, type Given } from "../../kit/cli.ts"
import { profiles, world } from "../utils/world.ts"

const given = (cache: string, more: Given = {}): Given => ({
  ...more,
  world: world(),
  files: { ".aliyun/config.json": JSON.stringify({ current: "deploy", profiles }), ...more.files },
  env: { XDG_CACHE_HOME: cache, ...more.env }
})

const getJson = ["get", "--format", "json"]

/** The AccessKey ID that `get` prints, and how many requests it made. */
const get = Effect.fnUntraced(function*(cache: string, args: ReadonlyArray<string> = getJson, more: Given = {}) {
  const { cloud, code, err, out } = yield* cli(args, given(cache, more))
  assert.strictEqual(code, 0, err)
  const { accessKeyId } = JSON.parse(out) as { readonly accessKeyId: string }
  return { accessKeyId, calls: (yield* cloud.journal).length, err }
})

const deploy = "acs:ram::1234567890123456:role/deploy"

/** What the library finds in the files that the commands wrote. */
const contents = (cache: string) =>
  Effect.map(FileSessionStore.contents({ directory: folderIn(cache) }), ({ sessions }) => sessions).pipe(
    Effect.provide(NodePlatform.layer)
  )

const folderIn = (cache: string) => join(cache, "alicloud-credentials")

describe.sequential("sessions that commands share", () => {
  it.scopedLive("the second of two commands gets the session of the first without a request", () =>
    Effect.gen(function*() {
      const cache = yield* makeFolder("cache-")
      const first = yield* get(cache)
      const second = yield* get(cache)
      assert.strictEqual(second.accessKeyId, first.accessKeyId)
      assert.deepStrictEqual([first.calls, second.calls], [1, 0])
      const command = ["exec", "--static", "--", process.execPath, "-p", "process.env.ALIBABA_CLOUD_ACCESS_KEY_ID"]
      const { cloud } = yield* cli(command, given(cache))
      assert.deepStrictEqual(yield* cloud.journal, [])
    }))

  it.scopedLive.each(
    [
      ["--no-cache", [...getJson, "--no-cache"], {}],
      ["the variable", getJson, { ALICLOUD_CREDENTIALS_NO_CACHE: "1" }]
    ] as const
  )("with %s a command neither reads nor stores sessions", ([, args, env]) =>
    Effect.gen(function*() {
      const cache = yield* makeFolder("cache-")
      assert.strictEqual((yield* get(cache, args, { env })).calls, 1)
      assert.isFalse(Fs.existsSync(folderIn(cache)))
      yield* get(cache)
      assert.strictEqual((yield* get(cache, args, { env })).calls, 1)
    }))

  it.scopedLive("a role on top has a session of its own, and its caller's is kept, too", () =>
    Effect.gen(function*() {
      const cache = yield* makeFolder("cache-")
      const other = "acs:ram::1234567890123456:role/other"
      const roles = [...world().roles ?? [], { arn: other, trustedRoles: [deploy] }]
      const args = [...getJson, "--role-arn", other]
      const calls = Effect.gen(function*() {
        const { cloud, code, err } = yield* cli(args, { ...given(cache), world: { ...world(), roles } })
        assert.strictEqual(code, 0, err)
        return (yield* cloud.journal).length
      })
      assert.deepStrictEqual([yield* calls, yield* calls, (yield* get(cache)).calls], [2, 0, 0])
      const { out } = yield* cli(["cache", "list"], given(cache))
      assert.deepStrictEqual(Arr.sort(out.match(/role\/\w+/g) ?? [], Order.string), ["role/deploy", "role/other"])
    }))

  it.scopedLive("keys, and sessions that are no roles', are not kept", () =>
    Effect.gen(function*() {
      const cache = yield* makeFolder("cache-")
      yield* get(cache, [...getJson, "--profile", "plain"])
      assert.isFalse(Fs.existsSync(folderIn(cache)))
    }))

  it.scopedLive("a folder that must not be used is one warning, and the command goes on without it", () =>
    Effect.gen(function*() {
      const cache = yield* makeFolder("cache-")
      Fs.mkdirSync(folderIn(cache))
      Fs.chmodSync(folderIn(cache), 0o777)
      const { calls, err } = yield* get(cache)
      assert.strictEqual(calls, 1)
      assert.match(err, /session store cannot be used/)
      assert.match(err, /can be written by other users/)
      assert.deepStrictEqual(Fs.readdirSync(folderIn(cache)), [])
    }))

  it.scopedLive("doctor shows the folder, and neither uses nor changes what it holds", () =>
    Effect.gen(function*() {
      const cache = yield* makeFolder("cache-")
      const folder = folderIn(cache)
      const doctor = (env: Given["env"] = {}) => cli(["doctor"], given(cache, { env }))
      assert.notInclude((yield* doctor()).out, "cache")
      assert.isFalse(Fs.existsSync(folder))
      yield* get(cache)
      const files = Fs.readdirSync(folder)
      const { cloud, out } = yield* doctor()
      assert.match(out, new RegExp(`ok +cache +${folder}: 1 session, mode 0700$`, "m"))
      assert.include((yield* cloud.journal).map(({ endpoint }) => endpoint), "sts.AssumeRole")
      assert.deepStrictEqual(Fs.readdirSync(folder), files)
      const off = yield* doctor({ ALICLOUD_CREDENTIALS_NO_CACHE: "1" })
      assert.match(
        off.out,
        /info +cache .*1 session, mode 0700, not used, because ALICLOUD_CREDENTIALS_NO_CACHE is set$/m
      )
      Fs.chmodSync(folder, 0o777)
      const open = yield* doctor()
      assert.include(open.out, "can be written by other users of this machine, so sessions are not kept")
      assert.include(open.out, `Run: chmod 700 ${folder}`)
      Fs.rmSync(folder, { recursive: true })
      Fs.symlinkSync(cache, folder)
      assert.include((yield* doctor()).out, `Remove ${folder}. The next command makes a folder in its place.`)
    }))
})

describe("cache", () => {
  it.scopedLive("lists roles, names and ends, no secrets, and clears", () =>
    Effect.gen(function*() {
      const cache = yield* makeFolder("cache-")
      const none = yield* cli(["cache", "list"], given(cache))
      assert.deepStrictEqual([none.code, none.out], [0, ""])
      assert.strictEqual(none.err, `There are no sessions in ${folderIn(cache)}.\n`)
      const { accessKeyId } = yield* get(cache)
      const list = yield* cli(["cache", "list"], given(cache))
      assert.match(list.out, /^ {2}role +session name +AccessKey ID +expires$/m)
      assert.match(list.out, /acs:ram::1234567890123456:role\/deploy +test +STS\.\S+ +\S+Z, in 1[45] min$/m)
      const json = yield* cli(["cache", "list", "--format", "json"], given(cache))
      const { sessions } = JSON.parse(json.out) as { readonly sessions: ReadonlyArray<Record<string, string>> }
      assert.deepStrictEqual(sessions.map((session) => Object.keys(session)), [
        ["roleArn", "roleSessionName", "accessKeyId", "expiration"]
      ])
      assert.strictEqual(sessions[0]?.["accessKeyId"], accessKeyId)
      const files = Fs.readdirSync(folderIn(cache)).map((name) => Fs.readFileSync(join(folderIn(cache), name), "utf8"))
      const secret = /"accessKeySecret":"([^"]+)"/.exec(files[0] ?? "")?.[1] ?? "none"
      assert.isAbove(secret.length, 8)
      for (const { out } of [list, json]) assert.notInclude(out, secret)
      assert.deepStrictEqual((yield* contents(cache)).length, 1)
      const clear = yield* cli(["cache", "clear"], given(cache))
      assert.deepStrictEqual([clear.code, clear.out], [0, "Removed 1 session.\n"])
      assert.deepStrictEqual(Fs.readdirSync(folderIn(cache)), [])
      assert.strictEqual((yield* get(cache)).calls, 1)
    }))

  it.scopedLive("refuses what it does not know", () =>
    Effect.gen(function*() {
      const results = yield* Effect.forEach(
        [["cache"], ["cache", "lst"], ["cache", "clear", "--format", "json"], ["cache", "list", "extra"]],
        (args) => cli(args)
      )
      assert.deepStrictEqual(
        results.map(({ code, err }) => [code, err]),
        [
          "The action is missing.",
          "The action must be list or clear. Did you mean list?",
          "--format goes with cache list.",
          "Unexpected argument \"extra\"."
        ].map((text) => [2, `alicloud-credentials: ${text} See alicloud-credentials cache --help.\n`])
      )
    }))
})
