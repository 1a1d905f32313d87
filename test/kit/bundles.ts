/**
 * Programs that tests start as processes, each as one bundle, because a bundle starts several times as fast as TypeScript
 * files. A bundle is made when the first test needs it, and is used until the run ends.
 */
import { Effect } from "effect"
import { build } from "esbuild"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"

/** Outside Vitest, whose global setup is `bundleFolder.ts`, a process has a folder of its own. */
const makeFolder = (): string => {
  const folder = Fs.mkdtempSync(join(Fs.realpathSync(tmpdir()), "bundles-"))
  process.once("exit", () => Fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

let folder = process.env["TEST_BUNDLES"]

const made = new Map<string, Promise<string>>()

/** Makes a folder once. Another worker may make the same one at the same time: the first one stays. */
const once = (name: string, make: (at: string) => Promise<unknown>): Promise<string> => {
  const known = made.get(name)
  if (known !== undefined) return known
  folder ??= makeFolder()
  const place = join(folder, name)
  const part = `${place}.${process.pid}`
  const making = Fs.existsSync(place)
    ? Promise.resolve(place)
    : make(part).then(() => {
      if (!Fs.existsSync(place)) Fs.renameSync(part, place)
      return place
    })
  made.set(name, making)
  return making
}

/** Puts a program into one file. */
export const bundleFile = (entry: URL): Effect.Effect<string> =>
  Effect.promise(() => {
    const file = fileURLToPath(entry)
    const outfile = `${basename(file, ".ts")}.cjs`
    const name = file.replace(/\W+/g, "-")
    return once(name, (at) =>
      build({ entryPoints: [file], outfile: join(at, outfile), bundle: true, platform: "node", format: "cjs" }))
      .then((at) =>
        join(at, outfile)
      )
  })

/** The folder `bin` of the command line tool as it is published. Runs add their compiled code to it. */
export const bundleTool: Effect.Effect<string> = Effect.promise(() =>
  once("tool", (at) =>
    promisify(execFile)(process.execPath, [
      createRequire(import.meta.url).resolve("tsx/cli"),
      fileURLToPath(new URL("../../packages/cli/scripts/bundle.ts", import.meta.url)),
      at
    ]))
)
