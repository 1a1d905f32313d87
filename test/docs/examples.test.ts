/** Every `@example`, and every block of TypeScript in Markdown, compiles and runs, and prints what it says it does. */
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { runOnFake } from "../kit/runOnFake.ts"
import { folder, write } from "./examples.ts"

interface Ran {
  readonly file: string
  readonly printed: ReadonlyArray<string>
  readonly problem?: string
}

const ci = { accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }

const cloud = FakeAlicloudServer.layer({
  users: [{ name: "ci", ...ci }],
  roles: [{ arn: "acs:ram::1234567890123456:role/audit" }, { arn: "acs:ram::1234567890123456:role/deploy" }],
  credentialsUris: [{ host: "app.example.com", path: "/credentials" }]
})

const variables = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: ci.accessKeyId,
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: ci.accessKeySecret,
  BACKUP_ACCESS_KEY_ID: ci.accessKeyId,
  BACKUP_ACCESS_KEY_SECRET: ci.accessKeySecret,
  BACKUP_SECURITY_TOKEN: "token",
  CALL_CENTRE_TOKEN: "token",
  // Nothing listens there: sources go on without their store.
  REDIS_URL: "redis://127.0.0.1:1",
  SESSION_SECRET: "s3cr3t-of-the-store"
}

/** The compiler of the repository, not the one of this package. */
const tsc = Path.join(
  Path.dirname(createRequire(new URL("../../package.json", import.meta.url)).resolve("typescript/package.json")),
  "bin",
  "tsc"
)

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href

const runner = fileURLToPath(new URL("fixtures/runner.ts", import.meta.url))

const compiled = (): Promise<string> =>
  promisify(execFile)(process.execPath, [tsc, "-p", folder]).then(
    () => "",
    ({ stdout }: { readonly stdout: string }) => stdout
  )

const examples = write()

describe("the examples of docstrings and Markdown", () => {
  it("compile", async () => {
    assert.isAbove(examples.length, 40)
    assert.strictEqual(await compiled(), "")
  }, 60_000)

  it.scopedLive("run, and print what their comments say", () =>
    Effect.gen(function*() {
      const command = ["--import", tsx, runner, ...examples.map(({ file }) => file)]
      const { code, stderr, stdout } = yield* runOnFake(command, variables)
      const ran = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as Ran)
      const failed = examples.flatMap(({ file, place, prints }) => {
        const { printed, problem } = ran.find((one) => one.file === file) ?? { printed: [], problem: "it did not end" }
        const lines = printed.join("\n").split("\n")
        return problem !== undefined
          ? [`${place}: ${problem}`]
          : prints.length > 0 && lines.join("\n") !== prints.join("\n")
          ? [`${place}: printed ${JSON.stringify(lines)}`]
          : []
      })
      assert.deepStrictEqual(failed, [])
      assert.deepStrictEqual({ code, stderr }, { code: 0, stderr: "" })
    }).pipe(Effect.provide(cloud)), 120_000)
})
