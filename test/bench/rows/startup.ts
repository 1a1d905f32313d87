import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import { format } from "../report.ts"
import { key } from "../subject/world.ts"
import type { Section } from "./plan.ts"

/** Where a package finds what it depends on: the official client, for a script without a file. */
const folder = fileURLToPath(new URL("../..", import.meta.url))

const cli = fileURLToPath(new URL("../../../packages/cli/bin/main.js", import.meta.url))

const script = "const { default: Client } = require('@alicloud/credentials')\n" +
  "new Client().getCredential().then(({ type, providerName, accessKeyId, accessKeySecret }) =>\n" +
  "  console.log(JSON.stringify({ type, providerName, accessKeyId, accessKeySecret })))"

/** How long a process takes from start to end. */
const run = (args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Effect.Effect<number> =>
  Effect.suspend(() => {
    const start = process.hrtime.bigint()
    const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" })
    const took = Number(process.hrtime.bigint() - start)
    if (status !== 0) return Effect.dieMessage(`node ${args[0]} ended with ${status}: ${stderr}`)
    return args.includes("0") || stdout.includes(key.accessKeyId)
      ? Effect.succeed(took)
      : Effect.dieMessage(`node ${args[0]} did not print the credentials`)
  })

/** What a program costs that prints credentials and ends. */
export const startup: Section = ({ processRuns }) =>
  Effect.gen(function*() {
    const { home } = yield* Lab
    const env = {
      PATH: process.env["PATH"],
      HOME: home,
      ALIBABA_CLOUD_ACCESS_KEY_ID: key.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: key.accessKeySecret,
      ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
    }
    const isBuilt = existsSync(cli)
    const programs = {
      bare: ["-e", "0"],
      official: ["-e", script],
      ...(isBuilt ? { ours: [cli, "get", "--format", "json"] } : {})
    }
    const times: Record<string, Array<number>> = {}
    for (let i = 0; i < processRuns; i++) {
      for (const [name, args] of Object.entries(programs)) (times[name] ??= []).push(yield* run(args, env))
    }
    const bare = spread(times["bare"] ?? [])
    const rows: ReadonlyArray<Row> = [{
      id: "startup",
      what: "print the credentials of the environment",
      unit: "ns",
      official: spread(times["official"] ?? []),
      ...(isBuilt ? { ours: spread(times["ours"] ?? []) } : { missing: "not built: run pnpm build" }),
      goal: { atMost: 2.5 * bare.median, text: `≤ 2.5× bare node (${format(bare.median, "ns")})` },
      note: "whole processes by turns: alicloud-credentials get --format json, a script of three lines, node -e 0",
      details: { bareNode: bare }
    }]
    return rows
  })
