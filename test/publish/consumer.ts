import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Path from "node:path"
import type { Package } from "./packages.ts"
import { run } from "./run.ts"

/** The version that this repository is tested with, of a package that one of ours depends on. */
const installed = (name: string, dependent = "sdk"): string => {
  const { resolve } = createRequire(new URL(`../../packages/${dependent}/package.json`, import.meta.url))
  return (JSON.parse(Fs.readFileSync(resolve(`${name}/package.json`), "utf8")) as { readonly version: string }).version
}

/** What can be imported from packages. */
export const specifiersOf = (packages: ReadonlyArray<Package>): ReadonlyArray<string> =>
  packages.flatMap(({ modules, name }) => modules.map((module) => module === "." ? name : `${name}/${module}`))

/** Loads every module, uses one, and tries what is closed. */
const loader = (packages: ReadonlyArray<Package>): string =>
  `import { AccessKey, CredentialsProvider } from "@effect-alicloud/credentials"
import { Effect, Redacted } from "effect"
import assert from "node:assert"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const { type } = await CredentialsProvider.get.pipe(
  Effect.provide(AccessKey.layer({ accessKeyId: "LTAI5tExample", accessKeySecret: Redacted.make("secret") })),
  Effect.runPromise
)
assert.strictEqual(type, "access_key")
const declares = (open) =>
  readFileSync(fileURLToPath(import.meta.resolve(open)).replace(/\\.js$/, ".d.ts"), "utf8")
for (const open of ${JSON.stringify(specifiersOf(packages))}) {
  const isEmpty = Object.keys(await import(open)).length === 0
  assert(!isEmpty || /^export (?:type|interface) /m.test(declares(open)), open)
}
for (const closed of ${
    JSON.stringify(packages.flatMap(({ closed, name }) => closed.map((module) => `${name}/${module}`)))
  }) {
  await assert.rejects(import(closed), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" }, closed)
}
`

/** Installs the packed packages beside nothing but their peers, and runs a program that uses them. */
export const consume = async (
  folder: string,
  packages: ReadonlyArray<readonly [Package, tarball: string]>
): Promise<void> => {
  const all = packages.map(([one]) => one)
  const peers = ["effect", "@effect/platform", "@effect/platform-node", "@alicloud/credentials"]
  const dependencies = {
    ...Object.fromEntries(packages.map(([{ name }, tarball]) => [name, `file:${tarball}`])),
    ...Object.fromEntries(peers.map((peer) => [peer, installed(peer)])),
    "ioredis": installed("ioredis", "redis"),
    "@types/node": "20"
  }
  const files = {
    "package.json": JSON.stringify({ private: true, type: "module", dependencies }),
    "loader.js": loader(all)
  }
  for (const [name, text] of Object.entries(files)) Fs.writeFileSync(Path.join(folder, name), text)
  const quietly = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
  await run("npm", ["install", ...quietly], folder)
  await run(process.execPath, ["loader.js"], folder)
}
