import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { existsSync } from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { makeFolder } from "../../kit/children.ts"
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

/** Node.js of a version, from the package with its binary for this machine. */
const install = (version: string) =>
  Effect.map(makeFolder("bench-node-"), (folder) => {
    const name = `node-${process.platform}-${process.arch}`
    const { status, stderr } = spawnSync("npm", ["install", "--prefix", folder, `${name}@${version}`], {
      encoding: "utf8"
    })
    if (status !== 0) throw new Error(stderr)
    return Path.join(folder, "node_modules", name, "bin", "node")
  })

/** How long a process takes from start to end. */
const run = (node: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv): Effect.Effect<number> =>
  Effect.suspend(() => {
    const start = process.hrtime.bigint()
    const { status, stderr, stdout } = spawnSync(node, args, { cwd: folder, env, encoding: "utf8" })
    const took = Number(process.hrtime.bigint() - start)
    if (status !== 0) return Effect.dieMessage(`node ${args[0]} ended with ${status}: ${stderr}`)
    return args.includes("0") || stdout.includes(key.accessKeyId)
      ? Effect.succeed(took)
      : Effect.dieMessage(`node ${args[0]} did not print the credentials`)
  })

const measure = (node: string, version: string, processRuns: number) =>
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
    // The first run of ours keeps its compiled code.
    for (let i = -1; i < processRuns; i++) {
      for (const [name, args] of Object.entries(programs)) {
        const took = yield* run(node, args, env)
        if (i >= 0) (times[name] ??= []).push(took)
      }
    }
    const bare = spread(times["bare"] ?? [])
    const official = spread(times["official"] ?? [])
    const row: Row = {
      id: version === "" ? "startup" : `startup-node-${version}`,
      what: `print the credentials of the environment${version === "" ? "" : `, Node.js ${version}`}`,
      unit: "ns",
      official,
      ...(isBuilt ? { ours: spread(times["ours"] ?? []) } : { missing: "not built: run pnpm build" }),
      goal: { atMost: 1.25 * official.median, text: "≤ 1.25× the official client" },
      note: "whole processes by turns: alicloud-credentials get --format json, a script of three lines; " +
        `node -e 0 takes ${format(bare.median, "ns")}`,
      details: { bareNode: bare }
    }
    return row
  })

/** What a program costs that prints credentials and ends, with this Node.js or with versions of it that are installed. */
export const startup: Section = ({ nodes = [], processRuns }) =>
  nodes.length === 0
    ? Effect.map(measure(process.execPath, "", processRuns), (row) => [row])
    : Effect.forEach(
      nodes,
      (version) => Effect.flatMap(install(version), (node) => measure(node, version, processRuns))
    )
