/**
 * Packs every package as it is published and looks at the result as tools and users do: publint, attw, and an empty folder
 * into which all of them are installed, loaded, compiled against, bundled and used as the README says. `pnpm build` goes
 * first.
 *
 * The tool is published without anything to import; `test/cli/tarball.test.ts` is about its tarball.
 */
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { publint } from "publint"
import { formatMessage } from "publint/utils"
import { bundleAll, missing } from "../bundlers/bundle.ts"
import { consume, specifiersOf } from "./consumer.ts"
import { leaksIn } from "./declarations.ts"
import { compileLibrary } from "./library.ts"
import { pack, type Package } from "./packages.ts"
import { run } from "./run.ts"
import { follow } from "./stranger.ts"

const lint = async ({ name }: Package, tarball: string): Promise<void> => {
  const bytes = Fs.readFileSync(tarball)
  const { messages, pkg } = await publint({
    strict: true,
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer }
  })
  const problems = messages.map((message) => formatMessage(message, pkg as Record<string, unknown>, { color: false }))
  if (problems.length > 0) throw new Error(`publint ${name}\n${problems.join("\n")}`)
}

const types = async (): Promise<void> => {
  const checker = fileURLToPath(new URL("types.ts", import.meta.url))
  const tarballs = libraries.map(([{ modules }, tarball]) => [tarball, modules])
  await run(process.execPath, [...process.execArgv, checker, JSON.stringify(tarballs)], folder)
  say("attw finds nothing")
}

const say = (text: string): void => void process.stdout.write(`${text}\n`)

const folder = Fs.realpathSync(Fs.mkdtempSync(Path.join(tmpdir(), "publish-")))
process.once("exit", () => Fs.rmSync(folder, { recursive: true, force: true }))
const consumer = Path.join(folder, "consumer")
Fs.mkdirSync(consumer)

const packed = await pack(folder)

const libraries = packed.filter(([{ modules }]) => modules.length > 0)

const lintAll = async (): Promise<void> => {
  for (const [one, tarball] of packed) {
    await lint(one, tarball)
    say(`${one.name}: publint finds nothing; ${one.modules.length} entry points`)
  }
}

const compileAll = async (): Promise<void> => {
  const leaks = libraries.flatMap(([{ name }]) =>
    leaksIn(Path.join(consumer, "node_modules", name)).map((leak) => `${name}: ${leak}`)
  )
  if (leaks.length > 0) throw new Error(`declarations name what users cannot import\n${leaks.join("\n")}`)
  await compileLibrary(consumer, specifiersOf(libraries.map(([one]) => one)))
  say("a library that exports what all of it gives compiles, and so does its user, under every resolution of modules")
}

const bundle = async (): Promise<void> => {
  if (missing !== undefined) return say(`docs/bundlers.md is not tried: ${missing}`)
  say(`docs/bundlers.md works with ${(await bundleAll(consumer)).join(", ")}`)
}

const follows = async (): Promise<void> => say(`the steps of README.md work: ${(await follow(consumer)).join("; ")}`)

await Promise.all([
  lintAll(),
  types(),
  consume(consumer, libraries).then(async () => {
    say("installed into an empty folder and loaded; what is internal is closed")
    await Promise.all([compileAll(), bundle(), follows()])
  })
])
