/**
 * Puts the tool and all it needs into a folder, `bin/` unless another one is named:
 *
 * - `main.js`: the entry, made of `entry.ts`, which loads the chunks
 * - `chunks/`: functions of `exports`, `require` and `module`; what only some commands need is loaded when they do
 * - `THIRD-PARTY-LICENSES`: the licences of what is inside
 */
import * as Arr from "effect/Array"
import * as Order from "effect/Order"
import { build, type Plugin, transform } from "esbuild"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"

const root = Path.dirname(Path.dirname(fileURLToPath(import.meta.url)))
const bin = Path.resolve(process.argv[2] ?? Path.join(root, "bin"))

const require = createRequire(import.meta.url)
const { name, version } = require("../package.json") as { readonly name: string; readonly version: string }

const target = "node20.19"

/** `Cli.ts` asks package.json for the version. The bundle knows it. */
const knownVersion: Plugin = {
  name: "known-version",
  setup: ({ onLoad, onResolve }) => {
    onResolve(
      { filter: /^node:module$/ },
      ({ importer }) =>
        importer === Path.join(root, "src", "Cli.ts") ? { path: name, namespace: "known-version" } : undefined
    )
    onLoad({ filter: /./, namespace: "known-version" }, () => ({
      contents: `export const createRequire = () => () => (${JSON.stringify({ version })})`
    }))
  }
}

/** Modules of Node.js that take a while to load and that most runs have no use for are loaded by their first use. */
const lateModules: Plugin = {
  name: "late-modules",
  setup: ({ onLoad, onResolve }) => {
    onResolve(
      { filter: /^(node:)?(child_process|crypto|readline)$/ },
      ({ namespace, path }) =>
        namespace === "late-modules" ? { path, external: true } : { path, namespace: "late-modules" }
    )
    onLoad({ filter: /./, namespace: "late-modules" }, ({ path }) => ({
      contents: Object.keys(require(path) as object)
        .map((key) => `Object.defineProperty(exports,"${key}",{enumerable:true,get:()=>require("${path}").${key}})`)
        .join("\n")
    }))
  }
}

const { metafile, outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outdir: "chunks",
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  write: false,
  metafile: true,
  bundle: true,
  splitting: true,
  minify: true,
  format: "esm",
  platform: "node",
  target,
  legalComments: "none",
  plugins: [knownVersion, lateModules]
})

Fs.rmSync(bin, { recursive: true, force: true })
Fs.mkdirSync(Path.join(bin, "chunks"), { recursive: true })

for (const { path, text } of outputFiles) {
  // Node.js 20 keeps compiled code of scripts, not of ES modules; and scripts load faster too.
  const { code } = await transform(text.replace(/^#!.*/, ""), {
    format: "cjs",
    platform: "node",
    target,
    minify: true,
    supported: { "dynamic-import": false }
  })
  Fs.writeFileSync(Path.join(bin, "chunks", Path.basename(path)), `(function(exports,require,module){${code}})`)
}

const outputs = Object.entries(metafile.outputs)
const main = Path.basename(outputs.find(([, { entryPoint }]) => entryPoint === "src/main.ts")![0])

await build({
  absWorkingDir: root,
  entryPoints: ["scripts/entry.ts"],
  outfile: Path.join(bin, "main.js"),
  bundle: true,
  minify: true,
  format: "cjs",
  platform: "node",
  target,
  banner: { js: "#!/usr/bin/env node" },
  define: { MAIN: JSON.stringify(`./${main}`) }
})
Fs.chmodSync(Path.join(bin, "main.js"), 0o755)
Fs.writeFileSync(Path.join(bin, "package.json"), `${JSON.stringify({ type: "commonjs" })}\n`)

/** The folder of the package that a file belongs to: the one right below the last `node_modules`. */
const packageOf = (file: string): string | undefined =>
  /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(Path.resolve(root, file))?.[1]

const licenceOf = (folder: string): string => {
  const { license, name, version } = JSON.parse(Fs.readFileSync(Path.join(folder, "package.json"), "utf8")) as {
    readonly name: string
    readonly version: string
    readonly license?: string
  }
  const file = Fs.readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  const text = file === undefined
    ? `Licence: ${license ?? "unknown"}`
    : Fs.readFileSync(Path.join(folder, file), "utf8")
  return `${name} ${version}\n\n${text.trim()}\n`
}

const inside = outputs.flatMap(([, { inputs }]) => Object.keys(inputs))
const folders = new Set(inside.map(packageOf).filter((folder) => folder !== undefined))
Fs.writeFileSync(
  Path.join(bin, "THIRD-PARTY-LICENSES"),
  Arr.sort(folders, Order.string).map(licenceOf).join(`\n${"-".repeat(80)}\n\n`)
)

const sizes = Fs.readdirSync(Path.join(bin, "chunks")).map((chunk) => Fs.statSync(Path.join(bin, "chunks", chunk)).size)
process.stdout.write(
  `${Path.relative(process.cwd(), bin)}: ${sizes.length} chunks, ${
    Math.round(sizes.reduce((sum, size) => sum + size, 0) / 1024)
  } kB\n`
)
