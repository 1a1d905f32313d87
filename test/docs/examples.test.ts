/** Every `@example`, and every block of TypeScript in Markdown, compiles and runs, and prints what it says it does. */
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { runOnFake } from "../kit/runOnFake.ts"
import { folder, languages, write } from "./examples.ts"

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

const withoutTypes = ["", "diff", "json", "mermaid", "sh", "text", "yaml"]

/** The other blocks of code, which other tests compile or run; of clients without types, these make the same calls. */
const elsewhere: Readonly<Record<string, string>> = {
  "README.md typescript": "test/sdk/resolutions.test.ts",
  "README-CN.md typescript": "test/sdk/resolutions.test.ts",
  "packages/sdk/README.md typescript": "test/sdk/resolutions.test.ts",
  "packages/sdk/README.md js": "test/sdk/otherClients.test.ts",
  "docs/own-source.md typescript": "test/docs/ownSource.test.ts",
  "docs/bundlers.md js": "test/bundlers/sections.ts"
}

describe("the examples of docstrings and Markdown", () => {
  it("compile", async () => {
    assert.isAbove(examples.length, 40)
    assert.strictEqual(await compiled(), "")
  }, 60_000)

  it("are all of the code in the pages that no other test compiles or runs", () => {
    const others = languages.filter(([, language]) => language !== "ts" && !withoutTypes.includes(language))
      .map((block) => block.join(" "))
    assert.deepStrictEqual(new Set(others), new Set(Object.keys(elsewhere)))
    for (const test of Object.values(elsewhere)) {
      assert.isTrue(Fs.existsSync(new URL(`../../${test}`, import.meta.url)), test)
    }
  })

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
