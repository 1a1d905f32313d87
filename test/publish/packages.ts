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

const modulesIn = (folder: string): ReadonlyArray<string> =>
  Fs.existsSync(folder)
    ? Fs.readdirSync(folder).filter((file) => file.endsWith(".ts")).map((file) => Path.basename(file, ".ts"))
    : []

const read = (name: string): Package => {
  const folder = Path.join(root, name)
  const { name: fullName, publishConfig } = JSON.parse(
    Fs.readFileSync(Path.join(folder, "package.json"), "utf8")
  ) as Manifest
  const { exports = {} } = publishConfig
  const open = Object.keys(exports).filter((entry) => exports[entry] !== null)
  const shut = Object.keys(exports).filter((entry) => exports[entry] === null)
  const named = open.filter((entry) => !entry.includes("*") && !entry.endsWith(".json"))
    .map((entry) => entry.replace("./", ""))
  const others = open.includes("./*")
    ? modulesIn(Path.join(folder, "src")).filter((module) => !shut.includes(`./${module}`))
    : []
  return {
    name: fullName,
    folder,
    modules: [...new Set([...named, ...others])],
    closed: shut.map((entry) => entry.replace("./", "")).flatMap((entry) =>
      entry.endsWith("/*")
        ? modulesIn(Path.join(folder, "src", entry.slice(0, -2))).map((module) => entry.replace("*", module))
        : [entry]
    )
  }
}

/** All packages that are published. */
export const packages: ReadonlyArray<Package> = Fs.readdirSync(root).map(read)

/** Packs a package as it is published, and answers the file: pnpm puts `publishConfig.exports` in place, npm does not. */
export const pack = async ({ folder, name }: Package, destination: string): Promise<string> => {
  await run("npx", ["--yes", "pnpm@10", "pack", "--pack-destination", destination], folder)
  const prefix = `${name.replace("@", "").replace("/", "-")}-`
  return Path.join(destination, Fs.readdirSync(destination).find((file) => file.startsWith(prefix))!)
}
