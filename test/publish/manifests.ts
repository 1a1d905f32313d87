/**
 * The entry points of a package, derived from its `src/index.ts`: `pnpm manifests` writes them into `package.json`, and
 * `manifests.test.ts` compares. A new public module is one line in `src/index.ts`.
 */
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../../packages", import.meta.url))

export const libraries = ["credentials", "node", "openapi", "redis", "sdk", "testing"] as const

type Json = Readonly<Record<string, unknown>>

const withoutExtension = (file: string): string => file.replace(/\.ts$/, "")

/** The public modules of a package, as paths below `src` without an extension: `sources/AccessKey`. */
export const modulesOf = (folder: string): ReadonlyArray<string> =>
  Array.from(
    Fs.readFileSync(Path.join(root, folder, "src/index.ts"), "utf8").matchAll(/ from "\.\/(?<file>[^"]+)"/g),
    ({ groups }) => withoutExtension(groups!["file"]!)
  )

/** The modules at the root of `src`, which are public. */
export const rootModulesOf = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(Path.join(root, folder, "src")).filter((file) => file.endsWith(".ts") && file !== "index.ts")
    .map(withoutExtension)

export const read = (folder: string): Json =>
  JSON.parse(Fs.readFileSync(Path.join(root, folder, "package.json"), "utf8")) as Json

/** A manifest with the entry points that its package has, for this repository and as it is published. */
export const complete = (folder: string, manifest: Json): Json => {
  const modules = modulesOf(folder)
  const open = Fs.existsSync(Path.join(root, folder, "src/unstable")) ? [...modules, "unstable/*"] : modules
  const subpath = (module: string): string => module.startsWith("unstable/") ? module : Path.basename(module)
  const data = Object.fromEntries(
    Object.entries(manifest["exports"] as Json).filter(([, target]) => String(target).endsWith(".json"))
  )
  const entries = (target: (module: string) => unknown): Json =>
    Object.fromEntries(open.map((module) => [`./${subpath(module)}`, target(module)]))
  const published = (module: string): Json => ({ types: `./dist/${module}.d.ts`, default: `./dist/${module}.js` })
  return {
    ...manifest,
    exports: { ...data, ".": "./src/index.ts", ...entries((module) => `./src/${module}.ts`) },
    publishConfig: {
      access: "public",
      provenance: true,
      main: "./dist/index.js",
      types: "./dist/index.d.ts",
      exports: { ...data, ".": published("index"), ...entries(published) },
      typesVersions: {
        "*": Object.fromEntries(open.map((module) => [subpath(module), [`./dist/${module}.d.ts`]]))
      }
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const folder of libraries) {
    const text = JSON.stringify(complete(folder, read(folder)), undefined, 2)
    Fs.writeFileSync(Path.join(root, folder, "package.json"), `${text}\n`)
  }
}
