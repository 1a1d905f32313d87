import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import type { Package } from "./packages.ts"
import { run, runBin } from "./run.ts"

const require = createRequire(import.meta.url)

/** The versions that this repository is tested with. */
const installed = (name: string): string => {
  const sdk = createRequire(new URL("../../packages/sdk/package.json", import.meta.url))
  return (JSON.parse(Fs.readFileSync(sdk.resolve(`${name}/package.json`), "utf8")) as { readonly version: string })
    .version
}

const specifiers = ({ modules, name }: Package): ReadonlyArray<string> =>
  modules.map((module) => module === "." ? name : `${name}/${module}`)

/** A program of a user: it names every module, so that the compiler reads every declaration. */
const program = (packages: ReadonlyArray<Package>): string => {
  const all = packages.flatMap(specifiers)
  return `import { AccessKey, CredentialsProvider } from "@effect-alicloud/credentials"
import { NodeCredentials } from "@effect-alicloud/node"
import { Effect, Redacted } from "effect"
${all.map((specifier, index) => `import * as module${index} from ${JSON.stringify(specifier)}`).join("\n")}

export const modules: ReadonlyArray<object> = [${all.map((_, index) => `module${index}`).join(", ")}]
export const get = CredentialsProvider.get
export const found: Promise<string> = Effect.runPromise(get.pipe(
  Effect.map((credentials) => credentials.type),
  Effect.provide(AccessKey.layer({ accessKeyId: "LTAI5tExample", accessKeySecret: Redacted.make("secret") }))
))
export const onNode = Effect.provide(get, NodeCredentials.layer)
`
}

/** Loads every module, and tries what is closed. */
const loader = (packages: ReadonlyArray<Package>): string => {
  const closed = packages.flatMap(({ closed, name }) => closed.map((module) => `${name}/${module}`))
  return `import assert from "node:assert"
import { found, modules } from "./program.js"

assert.strictEqual(await found, "access_key")
for (const module of modules) assert(Object.keys(module).length > 0)
for (const closed of ${JSON.stringify(closed)}) {
  await assert.rejects(import(closed), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, closed)
}
`
}

/** Libraries are checked, too: the declarations of all packages, and of what they are made of. */
const compilerOptions = {
  target: "ES2022",
  lib: ["ES2022", "DOM", "DOM.Iterable"],
  module: "NodeNext",
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false
}

/** Installs the packed packages beside nothing but their peers, compiles a program that uses them, and runs it. */
export const consume = async (
  folder: string,
  packages: ReadonlyArray<readonly [Package, tarball: string]>
): Promise<void> => {
  const all = packages.map(([one]) => one)
  const peers = ["effect", "@effect/platform", "@effect/platform-node", "@alicloud/credentials"]
  const dependencies = {
    ...Object.fromEntries(packages.map(([{ name }, tarball]) => [name, `file:${tarball}`])),
    ...Object.fromEntries(peers.map((peer) => [peer, installed(peer)])),
    "@types/node": "20"
  }
  const files = {
    "package.json": JSON.stringify({ private: true, type: "module", dependencies }),
    "tsconfig.json": JSON.stringify({ compilerOptions, files: ["program.ts"] }),
    "program.ts": program(all),
    "loader.js": loader(all)
  }
  for (const [name, text] of Object.entries(files)) Fs.writeFileSync(Path.join(folder, name), text)
  const quietly = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
  await run("npm", ["install", ...quietly], folder)
  await runBin(require.resolve("typescript/package.json"), "tsc", ["-p", folder], folder)
  await run(process.execPath, ["loader.js"], folder)
}
