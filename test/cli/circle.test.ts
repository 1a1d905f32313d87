import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { isWindows, lacking } from "../kit/windows.ts"
import { Cli, profiles, withCli, world } from "./utils/world.ts"

/** The home also has a credentials file: a circle must not end in its identity. */
describe.skipIf(isWindows)(`a process_command that leads back to its own profile${lacking("shell named sh")}`, () => {
  withCli(world(), (test) => {
    /** Profiles of mode External, each with the command line that it runs; the process of every start is kept. */
    const circle = (commands: Readonly<Record<string, string>>) =>
      Effect.gen(function*() {
        const { client, home: makeHome, run, start, tool } = yield* Cli
        const home = makeHome({})
        const starts = `${home}/starts`
        const external = Object.entries(commands).map(([name, command]) => ({
          name,
          mode: "External",
          process_command: `sh -c 'echo $$ >> ${starts}; ${command.replaceAll("TOOL", tool.join(" "))}'`
        }))
        Fs.writeFileSync(
          `${home}/.aliyun/config.json`,
          JSON.stringify({ current: external[0]?.name, profiles: [...external, ...profiles] })
        )
        Fs.mkdirSync(`${home}/.alibabacloud`)
        Fs.writeFileSync(
          `${home}/.alibabacloud/credentials`,
          "[default]\ntype = access_key\naccess_key_id = LTAI5tOther\naccess_key_secret = s3cr3t-of-another\n",
          { mode: 0o600 }
        )
        const settings = { home, env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" } }
        const get = [...tool, "get", "--format", "external"]
        const pids = () => Fs.existsSync(starts) ? Fs.readFileSync(starts, "utf8").trim().split("\n").map(Number) : []
        return {
          get: run(get, settings),
          running: start(get, settings),
          read: run([...client, "ours"], settings),
          pids,
          starts: () => pids().length
        }
      })

    test("fails at once, and the first process says how it goes round", () =>
      Effect.gen(function*() {
        const { get, starts } = yield* circle({ default: "exec TOOL get --format external" })
        const { code, err, out } = yield* get
        assert.deepStrictEqual([code, out], [1, ""])
        assert.include(err, `process_command leads back to itself: "default" -> "default"`)
        assert.strictEqual(starts(), 1)
      }))

    test("by way of another profile fails, too", () =>
      Effect.gen(function*() {
        const { get, starts } = yield* circle({
          a: "exec TOOL get --profile b --format external",
          b: "exec TOOL get --profile a --format external"
        })
        const { code, err } = yield* get
        assert.strictEqual(code, 1)
        assert.include(err, `process_command leads back to itself: "a" -> "b" -> "a"`)
        assert.strictEqual(starts(), 2)
      }))

    test("by way of two others fails, too", () =>
      Effect.gen(function*() {
        const { get, starts } = yield* circle({
          a: "exec TOOL get --profile b --format external",
          b: "exec TOOL get --profile c --format external",
          c: "exec TOOL get --profile a --format external"
        })
        const { code, err } = yield* get
        assert.strictEqual(code, 1)
        assert.include(err, `process_command leads back to itself: "a" -> "b" -> "c" -> "a"`)
        assert.strictEqual(starts(), 3)
      }))

    test("fails, too, when its errors are dropped, and nothing else is used instead", () =>
      Effect.gen(function*() {
        const { get, starts } = yield* circle({
          a: "TOOL get --profile b --format external 2> /dev/null",
          b: "TOOL get --profile a --format external 2> /dev/null"
        })
        const { code, err, out } = yield* get
        assert.deepStrictEqual([code, out], [1, ""])
        assert.include(err, `process_command leads back to itself, or through too many others: "a" -> …`)
        assert.strictEqual(starts(), 2)
      }))

    test("leaves no process behind when the first one is ended", () =>
      Effect.gen(function*() {
        const { pids, running } = yield* circle({
          a: "exec TOOL get --profile b --format external",
          b: "TOOL get --profile c --format external; exit",
          c: `trap "" TERM; while :; do sleep 1; done`
        })
        const first = yield* running
        yield* Effect.repeat(Effect.delay(Effect.sync(pids), "20 millis"), { until: ({ length }) => length === 3 })
        first.process.kill("SIGTERM")
        assert.strictEqual((yield* first.ended).code, 143)
        const left = pids().filter((pid) => Fs.existsSync(`/proc/${pid}`))
        assert.deepStrictEqual(left, [])
      }))

    test("of many profiles starts three programs at most", () =>
      Effect.gen(function*() {
        const next = (name: string) => `exec TOOL get --profile ${name} --format external`
        const { get, starts } = yield* circle({ a: next("b"), b: next("c"), c: next("d"), d: next("e"), e: next("a") })
        const { code, err } = yield* get
        assert.strictEqual(code, 1)
        assert.include(err, `leads through too many others: "a" -> "b" -> "c" -> "d"`)
        assert.strictEqual(starts(), 3)
      }))

    test("by way of exec fails, too", () =>
      Effect.gen(function*() {
        const { get, starts } = yield* circle({ a: "exec TOOL exec --static -- TOOL get" })
        const { code, err } = yield* get
        assert.strictEqual(code, 1)
        assert.include(err, `process_command leads back to itself: "a" -> "a"`)
        assert.strictEqual(starts(), 1)
      }))

    test("fails in a program with the library", () =>
      Effect.gen(function*() {
        const { read, starts } = yield* circle({ a: "exec TOOL get --profile a --format external" })
        assert.include((yield* read).out, String.raw`process_command leads back to itself: \"a\" -> \"a\"`)
        assert.strictEqual(starts(), 1)
      }))

    test("does not keep one profile from using the program of another", () =>
      Effect.gen(function*() {
        const { get } = yield* circle({
          a: "exec TOOL get --profile b --format external",
          b: "exec TOOL get --profile deploy --format external"
        })
        const { code, err, out } = yield* get
        assert.deepStrictEqual([code, err], [0, ""])
        assert.match(JSON.parse(out).access_key_id, /^STS\./)
      }))
  })
})
