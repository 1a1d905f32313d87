import { Effect } from "effect"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { makeFolder } from "../../kit/children.ts"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import { key, roleArn } from "../subject/world.ts"
import type { Section } from "./plan.ts"

/** Where a package finds what it depends on: the official client, for a script without a file. */
const folder = fileURLToPath(new URL("../..", import.meta.url))

const cli = fileURLToPath(new URL("../../../packages/cli/bin/main.js", import.meta.url))

/** The profile of the aliyun CLI that both read. */
const config = {
  current: "role",
  profiles: [{
    name: "role",
    mode: "RamRoleArn",
    access_key_id: key.accessKeyId,
    access_key_secret: key.accessKeySecret,
    ram_role_arn: roleArn("bench"),
    ram_session_name: "bench",
    expired_seconds: 3600
  }]
}

const script = "const { default: Client } = require('@alicloud/credentials')\n" +
  "new Client().getCredential().then(({ type, accessKeyId }) => console.log(JSON.stringify({ type, accessKeyId })))"

const programs = { official: ["-e", script], ours: [cli, "get", "--format", "json"] }

type Side = keyof typeof programs

/** How long a process takes from start to end. It must print a session. */
const run = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Effect.Effect<number> =>
  Effect.async((resume) => {
    const start = process.hrtime.bigint()
    let out = ""
    const child = spawn(process.execPath, args, { cwd: folder, env, stdio: ["ignore", "pipe", "inherit"] })
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString()
    })
    child.on("close", (code) => {
      const took = Number(process.hrtime.bigint() - start)
      resume(
        code === 0 && out.includes("STS.")
          ? Effect.succeed(took)
          : Effect.dieMessage(`node ${args[0] ?? ""} ended with ${code ?? "a signal"}`)
      )
    })
  })

/** What many short programs with the same role cost: one after the other, and all at once. */
export const shared: Section = ({ programsAtOnce, programsInARow }) =>
  Effect.gen(function*() {
    const { cloud, env, home } = yield* Lab
    const cache = yield* makeFolder("bench-cache-")
    mkdirSync(Path.join(home, ".aliyun"), { recursive: true })
    const file = Path.join(home, ".aliyun", "config.json")
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 })
    yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(file)))
    const settings = { ...env, XDG_CACHE_HOME: cache, ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }

    const measure = (side: Side, programsToRun: number, concurrency: number) =>
      Effect.gen(function*() {
        rmSync(Path.join(cache, "alicloud-credentials"), { recursive: true, force: true })
        const before = yield* cloud.count("sts")
        const times = yield* Effect.all(
          Array.from({ length: programsToRun }, () => run(programs[side], settings)),
          { concurrency }
        )
        return { calls: (yield* cloud.count("sts")) - before, times }
      })

    const sides = (programsToRun: number, concurrency: number) =>
      Effect.all({
        official: measure("official", programsToRun, concurrency),
        ours: measure("ours", programsToRun, concurrency)
      })

    if (!existsSync(cli)) {
      return [{
        id: "shared",
        what: "programs that share a session",
        unit: "count",
        missing: "not built: run pnpm build",
        note: ""
      }]
    }
    // The first run of ours keeps its compiled code.
    yield* sides(1, 1)
    const row = yield* sides(programsInARow, 1)
    const herd = yield* sides(programsAtOnce, programsAtOnce)
    const rows: ReadonlyArray<Row> = [
      {
        id: "programs-in-a-row",
        what: `requests of ${programsInARow} programs in a row, one role`,
        unit: "count",
        official: spread([row.official.calls]),
        ours: spread([row.ours.calls]),
        goal: { atMost: 1 },
        note:
          "alicloud-credentials get --format json with a RamRoleArn profile and an empty cache; a script of three lines"
      },
      {
        id: "program-with-a-role",
        what: "a program that prints the session of a role",
        unit: "ns",
        official: spread(row.official.times.slice(1)),
        ours: spread(row.ours.times.slice(1)),
        note: `whole processes on loopback, all but the first of ${programsInARow}; ours find the session in a file`
      },
      {
        id: "programs-at-once",
        what: `requests of ${programsAtOnce} programs at once, one role`,
        unit: "count",
        official: spread([herd.official.calls]),
        ours: spread([herd.ours.calls]),
        goal: { atMost: 1 },
        note: "with an empty cache"
      }
    ]
    return rows
  })
