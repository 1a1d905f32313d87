import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { sectionsOf } from "./utils/markdown.ts"

const root = fileURLToPath(new URL("../../", import.meta.url))

/** Where the examples are written to: from here, whatever they import is found. */
export const folder = Path.join(root, "test", ".examples")

export interface Example {
  /** Its file and line. */
  readonly place: string
  /** The file it was written to. */
  readonly file: string
  /** What comments say that it prints, line by line. */
  readonly prints: ReadonlyArray<string>
}

interface Block {
  readonly line: number
  readonly code: string
}

/** The blocks of TypeScript in a text, without what stands before each of their lines. */
const blocksIn = (text: string): ReadonlyArray<Block> =>
  [...text.matchAll(/^([ \t]*(?:\* )?)```ts\n([^]*?)\n\1```$/gm)].map(({ 1: margin = "", 2: code = "", index }) => ({
    line: text.slice(0, index).split("\n").length,
    code: code.split("\n").map((line) => line.slice(margin.length)).join("\n")
  }))

/** The examples in the docstrings of a source, which have to be TypeScript. */
const docstringsIn = (place: string, text: string): ReadonlyArray<Block> => {
  const blocks = blocksIn(text)
  const marks = [...text.matchAll(/^ *\* @example$/gm)].length
  if (marks !== blocks.length) throw new Error(`${place} has ${marks} @example and ${blocks.length} blocks`)
  return blocks
}

/** `console.log(x) // this`, or the comment on the line below. */
const printsOf = (code: string): ReadonlyArray<string> =>
  [...code.matchAll(/^.*console\.log\(.*?(?:\n *)?\/\/ (.*)$/gm)].map(([, text = ""]) => text)

/** Runs to its end when it is imported, and hands out what it has made: who imports it can go on with that. */
const asModule = (code: string): string => {
  const names = [...code.matchAll(/^const (\w+)/gm)].map(([, name]) => name)
  const declared = [...code.matchAll(/^declare const (\w+)/gm)].map(([, name]) => name)
  return [
    ...declared.map((name) => `Object.assign(globalThis, { ${name}: () => undefined })`),
    code.replace(/^(?=Effect\.runPromise\()/gm, "await ").replace(
      /^NodeRuntime\.runMain\(/gm,
      "await Effect.runPromise("
    ),
    ...(declared.length > 0 ? [] : [`export { ${names.join(", ")} }`]),
    ""
  ].join("\n")
}

const sources = (folder: string): ReadonlyArray<string> =>
  Fs.readdirSync(Path.join(root, folder), { recursive: true, encoding: "utf8" })
    .map((file) => Path.join(folder, file))

const published = Fs.readdirSync(Path.join(root, "packages")).map((name) => Path.join("packages", name))

const inFolders = (folders: ReadonlyArray<string>): ReadonlyArray<string> =>
  folders.flatMap((folder) => Fs.readdirSync(Path.join(root, folder)).map((file) => Path.join(folder, file)))

const read = (place: string): string => Fs.readFileSync(Path.join(root, place), "utf8")

const pages = inFolders([".", "docs", ...published]).filter((place) => place.endsWith(".md"))

/** The languages of the fenced blocks of each page. */
export const languages: ReadonlyArray<readonly [page: string, language: string]> = pages.flatMap((page) =>
  sectionsOf(read(page)).flatMap(({ blocks }) => blocks.map(({ info }) => [page.replaceAll("\\", "/"), info] as const))
)

const blocks: ReadonlyArray<readonly [place: string, Block]> = [
  ...pages.flatMap((place) => blocksIn(read(place)).map((block) => [place, block] as const)),
  ...published.flatMap((folder) => sources(Path.join(folder, "src")))
    .filter((place) => place.endsWith(".ts"))
    .flatMap((place) => docstringsIn(place, read(place)).map((block) => [place, block] as const))
]

const settings = {
  extends: "../../tsconfig.base.json",
  compilerOptions: {
    composite: false,
    noEmit: true,
    declarationMap: false,
    rewriteRelativeImportExtensions: false,
    allowImportingTsExtensions: true,
    noUnusedLocals: false,
    types: ["node"],
    rootDir: "../.."
  },
  include: ["./*.ts"]
}

/** Writes every example of docstrings and Markdown into a file of its own. */
export const write = (): ReadonlyArray<Example> => {
  Fs.rmSync(folder, { recursive: true, force: true })
  Fs.mkdirSync(folder)
  Fs.writeFileSync(Path.join(folder, "tsconfig.json"), JSON.stringify(settings))
  return blocks.map(([place, { code, line }]) => {
    const file = Path.join(folder, `${place.replace(/[/\\]/g, "-").replace(/\.\w+$/, "")}-${line}.ts`)
    Fs.writeFileSync(file, asModule(code))
    return { place: `${place}:${line}`, file, prints: printsOf(code) }
  })
}
