/**
 * Draws `docs/pictures` from runs of the tool: the demo as it is, other commands on a machine that is declared here, at a
 * fixed time; and the trace and the metrics of a service. With `--check` nothing is written, and pictures that differ from the runs are errors.
 */
import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import { Array as Arr, Effect, Order, TestClock, TestContext } from "effect"
import * as Fs from "node:fs"
import { run } from "../../../packages/cli/src/Cli.ts"
import { Screen } from "../../../packages/cli/src/internal/screen.ts"
import { cli, type Given } from "../../kit/cli.ts"
import { story } from "../telemetry/story.ts"
import { drawMetrics, drawTrace } from "./telemetry.ts"
import { draw, linesOf } from "./terminal.ts"

/** The width of most terminals, and one in which a role's ARN fits beside its name. */
const columns = { demo: 80, laptop: 96 }

const folder = new URL("../../../docs/pictures/", import.meta.url)

const now = Date.parse("2026-01-02T03:04:05Z")

const roleArn = "acs:ram::1234567890123456:role/deploy"

const key = { access_key_id: "LTAI5tExample", access_key_secret: "example-secret" }

const sso = {
  mode: "CloudSSO",
  cloud_sso_sign_in_url: "https://signin-cn-shanghai.alibabacloudsso.com/device/login",
  cloud_sso_account_id: "1234567890123456",
  cloud_sso_access_config: "ReadOnly",
  access_token: "example-token",
  cloud_sso_access_token_expire: now / 1000 - 5400
}

const laptop: Given = {
  columns: columns.laptop,
  files: {
    ".aliyun/config.json": JSON.stringify({
      current: "deploy",
      profiles: [
        { name: "default", mode: "AK", ...key, region_id: "cn-hangzhou" },
        { name: "deploy", mode: "RamRoleArn", ...key, ram_role_arn: roleArn, region_id: "cn-shanghai" },
        { name: "audit", ...sso }
      ]
    })
  },
  world: {
    users: [{ name: "laptop", accessKeyId: key.access_key_id, accessKeySecret: key.access_key_secret }],
    roles: [{ arn: roleArn, trustedUsers: ["laptop"] }]
  }
}

/** The demo brings its own cloud, so nothing is put in its place. Its last part is long and is not shown. */
const demo = Effect.gen(function*() {
  let out = ""
  const stream = {
    isTTY: true,
    columns: columns.demo,
    write: (text: string | Uint8Array) => {
      out += String(text)
      return true
    }
  }
  const code = yield* Effect.provideService(run(["demo"], NodePlatform.layer), Screen, { out: stream, err: stream })
  const [story = ""] = out.split(/\n\n(?=.*5\. )/)
  return code === 0 ? { out: story } : yield* Effect.dieMessage(out)
})

const atFixedTime = (args: ReadonlyArray<string>) =>
  Effect.zipRight(TestClock.setTime(now), cli(args, laptop)).pipe(Effect.provide(TestContext.TestContext))

interface Picture {
  readonly columns: number
  readonly title: string
  readonly run: Effect.Effect<{ readonly out: string }>
  /** What two runs have in common. */
  readonly common: (lines: ReadonlyArray<string>) => ReadonlyArray<string>
}

/**
 * The demo takes real time, so that its numbers, and how often it reads, are different each time; `doctor` does much at
 * once.
 */
const kindsOfLines = (lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  Arr.sort(Arr.dedupe(lines.map((line) => line.replace(/\d+/g, "0").replace(/at once|in 0 ms$/, "soon"))), Order.string)

const pictures: Readonly<Record<string, Picture>> = {
  demo: { title: "The demo", columns: columns.demo, run: demo, common: kindsOfLines },
  doctor: {
    title: "What doctor says of a laptop",
    columns: columns.laptop,
    run: atFixedTime(["doctor"]),
    common: kindsOfLines
  },
  profiles: {
    title: "The profiles of a laptop",
    columns: columns.laptop,
    run: atFixedTime(["profiles"]),
    common: (lines) => lines
  }
}

/** They are the same in each run. Metrics count all that a process does, so this goes before the commands. */
const telemetry = Effect.map(story, ({ metrics, scenes }) =>
  Object.entries({
    trace: drawTrace("A trace of a service and its credentials", scenes),
    metrics: drawMetrics("The metrics after it", metrics)
  }).map(([name, svg]) => ({
    file: new URL(`${name}.svg`, folder),
    common: (lines: ReadonlyArray<string>) => lines,
    svg
  })))

const terminals = Effect.forEach(
  Object.entries(pictures),
  ([name, { columns, common, run, title }]) =>
    Effect.map(run, ({ out }) => ({
      file: new URL(`${name}.svg`, folder),
      common,
      svg: draw(title, `alicloud-credentials ${name}`, out, columns)
    })),
  { concurrency: "unbounded" }
)

// One after the other: a fiber keeps the clock of the tests that it was given.
const drawn = [...await Effect.runPromise(telemetry), ...await Effect.runPromise(terminals)]

const check = process.argv.includes("--check")

for (const { common, file, svg } of drawn) {
  if (!check) {
    Fs.writeFileSync(file, svg)
  } else if (
    !Fs.existsSync(file) ||
    common(linesOf(svg)).join("\n") !== common(linesOf(Fs.readFileSync(file, "utf8"))).join("\n")
  ) {
    process.stderr.write(`${file.pathname} does not show what the tool prints: run pnpm pictures\n`)
    process.exitCode = 1
  }
}
