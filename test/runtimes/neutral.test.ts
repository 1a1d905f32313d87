import { assert, describe, it } from "@effect/vitest"
import { build } from "esbuild"
import * as Fs from "node:fs"
import { builtinModules } from "node:module"
import { fileURLToPath } from "node:url"

const packages = new URL("../../packages/", import.meta.url)

/** Every address that a package's `exports` give to a module, with the module. */
const entryPoints = (name: string): Readonly<Record<string, string>> => {
  const folder = new URL(`${name}/`, packages)
  const { exports } = JSON.parse(Fs.readFileSync(new URL("package.json", folder), "utf8")) as {
    readonly exports: Readonly<Record<string, string | null>>
  }
  const byName = (address: string): string => address.replaceAll(/^\.\/?|\//g, "_")
  return Object.fromEntries(
    Object.entries(exports).flatMap(([address, target]) => {
      if (target === null || !target.endsWith(".ts")) return []
      if (!target.includes("*")) return [[byName(address), fileURLToPath(new URL(target, folder))]]
      const [before = "", after = ""] = target.split("*")
      return Fs.readdirSync(new URL(before, folder))
        .filter((file) => file.endsWith(after) && exports[`./${file.slice(0, -after.length)}`] !== null)
        .map((
          file
        ) => [
          byName(address.replace("*", file.slice(0, -after.length))),
          fileURLToPath(new URL(before + file, folder))
        ])
    })
  )
}

/** Puts modules together for no runtime in particular, and says which modules of a runtime they import, and where. */
const runtimeImports = async (modules: Readonly<Record<string, string>>): Promise<ReadonlyArray<string>> => {
  const { metafile } = await build({
    entryPoints: modules,
    outdir: "out",
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: "neutral",
    format: "esm",
    mainFields: ["module", "main"],
    external: ["node:*", "bun:*", ...builtinModules],
    logLevel: "silent"
  })
  return Object.entries(metafile.inputs).flatMap(([file, { imports }]) =>
    imports
      .filter(({ external, path }) => external === true || /@effect[+/]platform-(?:node|bun|browser)/.test(path))
      .map(({ path }) => `${path} in ${file}`)
  )
}

describe("no module of a runtime is imported", () => {
  it("by any entry point of credentials", async () => {
    const modules = entryPoints("credentials")
    assert.include(Object.keys(modules), "_DefaultChain")
    assert.deepStrictEqual(await runtimeImports(modules), [])
  })

  it("by any entry point of openapi", async () => {
    assert.deepStrictEqual(await runtimeImports(entryPoints("openapi")), [])
  })

  it("by the fake cloud in memory and the scripted providers of testing", async () => {
    const { _FakeAlicloud = "", _TestCredentials = "" } = entryPoints("testing")
    assert.deepStrictEqual(await runtimeImports({ _FakeAlicloud, _TestCredentials }), [])
  })

  it("or else this would say so", async () => {
    const found = await runtimeImports(entryPoints("node"))
    assert.isTrue(
      found.some((line) => line.startsWith("node:os in packages/node/src/NodePlatform.ts")),
      found.join("\n")
    )
    assert.isTrue(found.some((line) => line.includes("platform-node/")))
  })
})
