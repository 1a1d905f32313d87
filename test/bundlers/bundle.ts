/**
 * Does what `docs/bundlers.md` says, with the packed packages, section by section: what comes out must get credentials from
 * the fake cloud. The tools are installed by `.ci/run` only. Used by `test/publish/main.ts`.
 */
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { type Section, sections } from "./sections.ts"

const tools = fileURLToPath(new URL("node_modules", import.meta.url))

const run = (title: string, command: string, cwd: string, uri: string): Promise<void> => {
  const env = {
    PATH: process.env["PATH"],
    HOME: cwd,
    ALIBABA_CLOUD_CREDENTIALS_URI: uri,
    ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true",
    npm_config_update_notifier: "false"
  }
  return new Promise((resolve, reject) => {
    execFile("sh", ["-e", "-c", command], { cwd, env, encoding: "utf8" }, (error, stdout, stderr) => {
      if (error === null && stdout.includes("STS.Fake")) resolve()
      else reject(new Error(`docs/bundlers.md, ${title}\n${command}\n${stdout}${stderr}`))
    })
  })
}

/** In a folder below the one into which the packages are installed; the tools are found in its own `node_modules`. */
const prepare = (at: string, { files }: Section): void => {
  Fs.mkdirSync(at, { recursive: true })
  Fs.symlinkSync(tools, Path.join(at, "node_modules"))
  Fs.writeFileSync(Path.join(at, "package.json"), `{ "private": true, "type": "module" }\n`)
  for (const [file, text] of Object.entries(files)) Fs.writeFileSync(Path.join(at, file), text)
}

/** Why the page cannot be tried here, if so. */
export const missing = Fs.existsSync(tools)
  ? undefined
  : "the bundlers are not installed: `pnpm install --dir test/bundlers --ignore-workspace`"

/** Returns the titles of the sections. */
export const bundleAll = (consumer: string): Promise<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
    const follow = async (section: Section, index: number): Promise<void> => {
      const at = Path.join(consumer, `bundlers-${index}`)
      prepare(at, section)
      for (const command of section.commands) await run(section.title, command, at, `${httpUrl}/session`)
    }
    yield* Effect.forEach(sections, (section, index) => Effect.promise(() => follow(section, index)), {
      concurrency: 2,
      discard: true
    })
    return sections.map(({ title }) => title)
  }).pipe(
    Effect.provide(FakeAlicloudServer.layer({ credentialsUris: [{ path: "/session" }] })),
    Effect.scoped,
    Effect.runPromise
  )
