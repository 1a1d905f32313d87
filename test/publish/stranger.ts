/**
 * Goes the way of someone who has just found the README: the commands and programs of the README, as they are written there,
 * in an empty folder beside the installed packages, against the fake cloud. What other people's tools and clients are needed
 * are borrowed from this repository, in the versions that the README asks for. Used by `main.ts`.
 */
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { read, type Section, sections } from "../bundlers/sections.ts"

/** A step, the row of the README's table that it is, and what its output must show. */
interface Step {
  readonly row: string
  readonly file: string
  readonly command: string
  readonly shows: ReadonlyArray<RegExp>
}

const readme = read("README.md")

const [firstCommand = ""] = readme.find(({ files }) => "first.ts" in files)?.commands ?? []

const steps: ReadonlyArray<Step> = [
  {
    row: "a first credential",
    file: "first.ts",
    command: firstCommand,
    shows: [/accessKeyId: 'LTAI5tExample'/, /accessKeySecret: <redacted>/]
  },
  { row: "a chain of your own", file: "chain.ts", command: "npx tsx chain.ts", shows: [/accessKeyId: 'STS\./] },
  { row: "a call of an official client", file: "client.ts", command: "npx tsx client.ts", shows: [/'cn-hangzhou'/] },
  { row: "a test", file: "session.test.ts", command: "npx vitest run", shows: [/Tests .*1 passed/] }
]

const pair = { accessKeyId: "LTAI5tExample", accessKeySecret: "example" }

const cloud = FakeAlicloudServer.layer({
  users: [{ name: "stranger", ...pair }],
  roles: [{ arn: "acs:ram::1234567890123456:role/deploy" }]
})

const linesOf = (code: string): number => code.split("\n").filter((line) => !/^\s*(?:\/\/|$)/.test(line)).length

const codeOf = (file: string, among: ReadonlyArray<Section>): string =>
  among.find(({ files }) => file in files)?.files[file] ?? ""

/** What the README says: the lines of code of each step. */
const claims: ReadonlyArray<readonly [row: string, lines: number]> = Array.from(
  Fs.readFileSync(new URL("../../README.md", import.meta.url), "utf8").matchAll(
    /^\| \[(?<row>[^\]]+)\]\([^)]+\) \| (?<lines>\d+) \|$/gm
  ),
  ({ groups }) => [groups!["row"]!, Number(groups!["lines"])]
)

const written = [
  ...steps.map(({ file, row }) => [row, linesOf(codeOf(file, readme))] as const),
  ["a bundle", linesOf(codeOf("app.js", sections))] as const
]

/** What a page installs: name and range, as in `effect@^3.22`. */
const installsOf = (page: ReadonlyArray<Section>): ReadonlyArray<readonly [name: string, range: string]> =>
  page.flatMap(({ commands }) =>
    commands.join("").split("\n").filter((line) => line.startsWith("npm install ")).flatMap((line) =>
      line.replace(/ +#.*/, "").split(" ").slice(2).filter((word) => /^@?\w/.test(word)).map((word) => {
        const at = word.indexOf("@", 1)
        return at === -1 ? [word, ""] as const : [word.slice(0, at), word.slice(at + 1)] as const
      })
    )
  )

const installs = installsOf(readme)

const require = createRequire(import.meta.url)

/** The folder of a package that this repository uses; its version must be in a range. */
const locate = (name: string, range: string): string => {
  const folder = require.resolve.paths(name)!.map((place) => Path.join(place, name)).find(Fs.existsSync)
  if (folder === undefined) throw new Error(`a README installs ${name}, which no test uses`)
  const { version } = JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8")) as { version: string }
  if (range !== "" && !version.startsWith(`${range.replace("^", "")}.`)) {
    throw new Error(`a README installs ${name}@${range}; the tests use ${version}`)
  }
  return folder
}

const binsOf = (name: string, folder: string): ReadonlyArray<readonly [program: string, file: string]> => {
  const { bin = {} } = JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8")) as {
    readonly bin?: string | Readonly<Record<string, string>>
  }
  return typeof bin === "string" ? [[name, bin]] : Object.entries(bin)
}

/** Puts what is not installed beside the programs. */
const borrow = (folder: string): void => {
  const modules = Path.join(folder, "node_modules")
  Fs.mkdirSync(Path.join(modules, ".bin"), { recursive: true })
  for (const [name, range] of [...installs, ["tsx", ""] as const]) {
    if (name.startsWith("@effect-alicloud/")) continue
    const from = Fs.realpathSync(locate(name, range))
    const to = Path.join(modules, name)
    if (Fs.existsSync(Path.join(folder, "..", "node_modules", name))) continue
    Fs.mkdirSync(Path.dirname(to), { recursive: true })
    // A link leads to the modules of this repository, but the tests must find the Effect that is installed.
    if (name === "@effect/vitest") Fs.cpSync(from, to, { recursive: true })
    else Fs.symlinkSync(from, to)
    for (const [program, file] of binsOf(name, from)) {
      Fs.symlinkSync(Path.join(to, file), Path.join(modules, ".bin", program))
    }
  }
}

/** Of the last line that `times` of the shell prints: what its children have used, user and system. */
const processorSeconds = (output: string): number =>
  Array.from(output.trimEnd().split("\n").at(-1)!.matchAll(/(?<minutes>\d+)m(?<seconds>[\d.]+)s/g))
    .reduce((sum, { groups }) => sum + Number(groups!["minutes"]) * 60 + Number(groups!["seconds"]), 0)

/** Returns what each step took. */
export const follow = (consumer: string): Promise<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    if (JSON.stringify(claims) !== JSON.stringify(written)) {
      return yield* Effect.dieMessage(`README.md says ${JSON.stringify(claims)}; it is ${JSON.stringify(written)}`)
    }
    const { nodeEnvironment } = yield* FakeAlicloudServer.FakeAlicloudServer
    for (const name of Fs.readdirSync(new URL("../../packages", import.meta.url))) {
      for (const [installed, range] of installsOf(read(`packages/${name}/README.md`))) locate(installed, range)
    }
    const folder = Path.join(consumer, "stranger")
    borrow(folder)
    for (const { file } of steps) Fs.writeFileSync(Path.join(folder, file), codeOf(file, readme))
    const env = {
      PATH: process.env["PATH"],
      HOME: folder,
      ...nodeEnvironment,
      ALIBABA_CLOUD_ACCESS_KEY_ID: pair.accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: pair.accessKeySecret,
      NO_COLOR: "1",
      npm_config_update_notifier: "false"
    }
    const run = (command: string): Promise<string> =>
      new Promise((resolve, reject) => {
        execFile("sh", ["-e", "-c", command], { cwd: folder, env, encoding: "utf8" }, (error, stdout, stderr) => {
          if (error === null) resolve(stdout)
          else reject(new Error(`README.md: ${command}\n${stdout}${stderr}`))
        })
      })
    const take = async ({ command, file, row, shows }: Step): Promise<string> => {
      const start = performance.now()
      const output = await run(`${command}\ntimes`)
      const missing = shows.find((text) => !text.test(output))
      if (missing !== undefined) throw new Error(`README.md: ${command} does not show ${String(missing)}\n${output}`)
      // The clock also counts what other processes of a busy machine take.
      const busy = processorSeconds(output)
      if (busy > 60) throw new Error(`README.md says less than a minute; ${command} took ${busy} s of the processor`)
      const seconds = (performance.now() - start) / 1000
      return `${row} ${linesOf(codeOf(file, readme))} lines, ${seconds.toFixed(1)} s (processor ${busy.toFixed(1)} s)`
    }
    yield* Effect.promise(() => run("npm init -y && npm pkg set type=module"))
    return yield* Effect.forEach(steps, (step) => Effect.promise(() => take(step)), { concurrency: 2 })
  }).pipe(Effect.provide(cloud), Effect.scoped, Effect.runPromise)
