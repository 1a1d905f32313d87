import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { run } from "./run.ts"

const root = fileURLToPath(new URL("../../packages", import.meta.url))

interface Manifest {
  readonly name: string
  readonly publishConfig: { readonly exports?: Readonly<Record<string, unknown>> }
}

export interface Package {
  readonly name: string
  readonly folder: string
  /** What can be imported, `.` and the names of modules, as the published `exports` say. */
  readonly modules: ReadonlyArray<string>
  /** What must not be importable although it is in the package. */
  readonly closed: ReadonlyArray<string>
}

/** Every module below `src`, as a path without an extension. */
const sourcesIn = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(Path.join(folder, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => file.split(Path.sep).join("/").replace(/\.ts$/, ""))

const read = (name: string): Package => {
  const folder = Path.join(root, name)
  const { name: fullName, publishConfig } = JSON.parse(
    Fs.readFileSync(Path.join(folder, "package.json"), "utf8")
  ) as Manifest
  const { exports } = publishConfig
  if (exports === undefined) return { name: fullName, folder, modules: [], closed: [] }
  const sources = sourcesIn(folder)
  const modules = Object.keys(exports).filter((entry) => !entry.endsWith(".json")).flatMap((entry) =>
    entry.endsWith("/*")
      ? sources.filter((source) => `./${source}`.startsWith(entry.slice(0, -1)))
      : [entry.replace("./", "")]
  )
  return { name: fullName, folder, modules, closed: sources.filter((source) => !modules.includes(source)) }
}

/** All packages that are published. */
const packages: ReadonlyArray<Package> = Fs.readdirSync(root).map(read)

/** Packs all packages as they are published, and returns the files: pnpm puts `publishConfig` in place, npm does not. */
export const pack = async (
  destination: string
): Promise<ReadonlyArray<readonly [one: Package, tarball: string]>> => {
  const args = ["-r", "--filter", "./packages/*", "pack", "--pack-destination", destination]
  await run("npx", ["--yes", "pnpm@10", ...args], Path.join(root, ".."))
  const files = Fs.readdirSync(destination)
  return packages.map((one) => {
    const prefix = `${one.name.replace("@", "").replace("/", "-")}-`
    return [one, Path.join(destination, files.find((file) => file.startsWith(prefix))!)]
  })
}
