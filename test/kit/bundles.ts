/**
 * Programs that tests start as processes, each as one bundle, because a bundle starts several times as fast as TypeScript
 * files. A bundle is made when the first test needs it, and is used until the run ends.
 */
import { Effect } from "effect"
import { build, type BuildOptions } from "esbuild"
import { execFile } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import makeBundleFolder from "./bundleFolder.ts"

/** Outside Vitest a process has a folder of its own. */
const ownFolder = (): string => {
  const remove = makeBundleFolder()
  process.once("exit", remove)
  return process.env["TEST_BUNDLES"]!
}

const made = new Map<string, Promise<string>>()

/** Makes a folder once. Another worker may make the same one at the same time: the first one stays. */
const once = (name: string, make: (at: string) => Promise<unknown>): Promise<string> => {
  const known = made.get(name)
  if (known !== undefined) return known
  const place = join(process.env["TEST_BUNDLES"] ?? ownFolder(), name)
  const part = `${place}.${process.pid}`
  const making = Fs.existsSync(place)
    ? Promise.resolve(place)
    : make(part).then(() => Fs.promises.rename(part, place)).catch((error: unknown) => {
      if (!Fs.existsSync(place)) throw error
    }).then(() => place)
  made.set(name, making)
  return making
}

const bundle = (entry: URL, options: BuildOptions): Effect.Effect<string> =>
  Effect.promise(() => {
    const file = fileURLToPath(entry)
    const name = `${basename(file, ".ts")}.${options.format === "esm" ? "mjs" : "cjs"}`
    return once(file.replace(/\W+/g, "-"), (at) =>
      build({ entryPoints: [file], outfile: join(at, name), bundle: true, platform: "node", ...options })).then((at) =>
        join(at, name)
      )
  })

/** Puts a program into one file. */
export const bundleFile = (entry: URL): Effect.Effect<string> => bundle(entry, { format: "cjs" })

/** The same for a program that is a module: it may await at its top level. Official clients stay outside, as they are. */
export const bundleModule = (entry: URL): Effect.Effect<string> =>
  bundle(entry, {
    format: "esm",
    external: ["@alicloud/*", "ali-oss"],
    // For the packages inside that are CommonJS.
    banner: { js: "import{createRequire as __r}from\"node:module\";const require=__r(import.meta.url);" }
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
