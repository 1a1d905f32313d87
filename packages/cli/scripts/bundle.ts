/**
 * Puts the tool and all it needs into a folder, `bin/` unless another one is named:
 *
 * - `main.js`: the entry, made of `entry.ts`, which loads the chunks
 * - `chunks/`: scripts with chunks by name, each a function of `require` and `module`. `start.js` has what every start
 *   needs, `machine.js` the platform and the sources; what only some commands need is loaded when they do
 * - `THIRD-PARTY-LICENSES`: the licences of what is inside
 */
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Arr from "effect/Array"
import * as Order from "effect/Order"
import { build, type Plugin } from "esbuild"
import * as Fs from "node:fs"
import { builtinModules, createRequire } from "node:module"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { compileFunction } from "node:vm"
import { knownOf } from "../src/internal/lateSource.ts"

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

/** Modules of Node.js are loaded by their first use: some take a while, and most runs have no use for them. */
const lateModules: Plugin = {
  name: "late-modules",
  setup: ({ onLoad, onResolve }) => {
    onResolve(
      { filter: new RegExp(`^(node:)?(${builtinModules.join("|")})$`) },
      ({ kind, path }) => kind === "require-call" ? { path, external: true } : { path, namespace: "late-modules" }
    )
    onLoad({ filter: /./, namespace: "late-modules" }, ({ path }) => ({
      contents: [
        "exports.__esModule=true",
        `Object.defineProperty(exports,"default",{get:()=>require("${path}")})`,
        ...Object.keys(require(path) as object).map((key) =>
          `Object.defineProperty(exports,"${key}",{enumerable:true,get:()=>require("${path}").${key}})`
        )
      ].join("\n")
    }))
  }
}

/**
 * The sources behind the first are loaded when the chain comes to them. With them and the platform, `get` from variables
 * would take 1.4 times as long.
 */
const lateSources: Plugin = {
  name: "late-sources",
  setup: ({ onLoad, onResolve }) => {
    const late = DefaultChain.sources.slice(1)
    onResolve({ filter: /\.ts$/ }, ({ importer, path }) => {
      const definition = late.find(({ name }) => Path.basename(path, ".ts") === name)
      return definition !== undefined && Path.basename(importer) === "DefaultChain.ts"
        ? { path: Path.join(Path.dirname(importer), path), namespace: "late-sources", pluginData: definition }
        : undefined
    })
    onLoad(
      { filter: /./, namespace: "late-sources" },
      ({ path, pluginData }: { readonly path: string; readonly pluginData: typeof late[number] }) => {
        const known = JSON.stringify(knownOf(pluginData))
        return {
          resolveDir: root,
          contents: `import { make } from "./src/internal/lateSource.ts"
export const definition = /* @__PURE__ */ make(${known}, () => import(${JSON.stringify(path)}))`
        }
      }
    )
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
  // Only files beside a module are found by it, and the tool has none.
  define: { "import.meta.url": JSON.stringify("file:///") },
  plugins: [knownVersion, lateModules, lateSources]
})

const outputs = Object.entries(metafile.outputs)

const outputOf = (file: string): string => outputs.find(([, { entryPoint }]) => entryPoint?.endsWith(`/${file}`))![0]

/** Adds a chunk and all that are loaded together with it. */
const addWithImports = (chunk: string, to: Set<string>): void => {
  if (!to.has(chunk) && chunk in metafile.outputs) {
    to.add(chunk)
    metafile.outputs[chunk]!.imports.forEach(({ kind, path }) =>
      kind === "import-statement" && addWithImports(path, to)
    )
  }
}

const main = outputOf("main.ts")
const get = outputOf("commands/get.ts")

/** The chunks that these entries need, without those of `others`. */
const chunksOf = (entries: ReadonlyArray<string>, others: ReadonlySet<string> = new Set()): ReadonlySet<string> => {
  const chunks = new Set<string>()
  entries.forEach((entry) => addWithImports(entry, chunks))
  return new Set([...chunks].filter((chunk) => !others.has(chunk)))
}

/**
 * The chunks that `get` needs, in one file, because opening thirty takes longer. Its own is not among them: that it is
 * loaded for the first time tells the entry to keep what is compiled until then.
 */
const start = chunksOf([main, get], new Set([get]))

/** In another file what is loaded as soon as the variables have no credentials. */
const machine = chunksOf(
  ["NodePlatform.ts", ...DefaultChain.sources.slice(1).map(({ name }) => `${name}.ts`)].map(outputOf),
  new Set([...start, get])
)

/**
 * A chunk as a function in a script. Node.js 20 keeps compiled code of scripts, not of ES modules; and esbuild's own
 * `cjs` reads each name through two getters. The chunks do not import one another in a circle.
 */
const asFunction = (module: string): string => {
  let head = ""
  let text = module.replace(/^#!.*\n/, "").trimEnd()
  for (
    let found: RegExpExecArray | null;
    (found = /^import(?:(?<names>\{[^}]*\})from)?(?<path>"[^"]+");/.exec(text)) !== null;
    text = text.slice(found[0].length)
  ) {
    const { names, path } = found.groups!
    head += names === undefined ? `require(${path});` : `const ${names.replaceAll(" as ", ":")}=require(${path});`
  }
  text = text.replace(
    /export\{([^}]*)\};$/,
    (_, list: string) => `module.exports={${list.replace(/([\w$]+) as ([\w$]+)/g, "$2:$1")}};`
  )
    .replace(/export default ([^;]*);$/, "module.exports={default:$1};")
    .replace(/\bimport\(("\.\/[^"]+")\)/g, "Promise.resolve().then(()=>require($1))")
  return `function(require,module){"use strict";${head}${text}}`
}

const files = new Map<string, Array<string>>()
/** The file that a chunk is in, where it has another name. */
const fileOf: Record<string, string> = {}
for (const { path, text } of outputFiles) {
  const chunk = Path.relative(root, path)
  const name = Path.basename(chunk)
  const file = start.has(chunk) ? "start.js" : machine.has(chunk) ? "machine.js" : name
  if (machine.has(chunk)) {
    fileOf[`./${name}`] = file
  }
  files.set(file, [...files.get(file) ?? [], `${JSON.stringify(`./${name}`)}:${asFunction(text)}`])
}

Fs.rmSync(bin, { recursive: true, force: true })
Fs.mkdirSync(Path.join(bin, "chunks"), { recursive: true })
files.forEach((chunks, file) => {
  const script = `({${chunks.join(",\n")}})`
  // A script cannot have an import or export: fails where one is left.
  compileFunction(script, [], { filename: file })
  Fs.writeFileSync(Path.join(bin, "chunks", file), script)
})

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
  define: { MAIN: JSON.stringify(`./${Path.basename(main)}`), FILES: JSON.stringify(fileOf) }
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
