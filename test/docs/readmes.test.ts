import { DefaultChain } from "@effect-alicloud/credentials"
import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { fileURLToPath } from "node:url"
import { sectionsOf } from "./utils/markdown.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const read = (name: string): string => Fs.readFileSync(Path.join(root, name), "utf8")

const namesIn = (folder: string): ReadonlyArray<string> => Fs.readdirSync(Path.join(root, folder))

const linksIn = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/\]\((?<target>[^)\s]+)\)/g), (match) => match.groups?.["target"] ?? "")

/** The same page of the official documentation in both languages has one path. Headings of the page itself are translated. */
const inAnyLanguage = (link: string): string =>
  link.startsWith("#")
    ? "#"
    : link.replace(/^https:\/\/(?:www\.alibabacloud\.com\/help\/en|help\.aliyun\.com\/zh)\//, "help/")

/** The structure that both languages must have in common, by heading. */
const shapeOf = (page: string) =>
  sectionsOf(page).map(({ blocks, level, text }) => ({
    level,
    blocks,
    // Of each table: how many cells its rows have.
    rows: text.filter((line) => line.startsWith("|")).map((line) => line.split("|").length - 2),
    links: linksIn(text.join("\n")).filter((target) => !/^README(-CN)?\.md$/.test(target)).map(inAnyLanguage)
  }))

const proseOf = (page: string): string => sectionsOf(page).flatMap(({ text }) => text).join("\n")

const anchorOf = (title: string): string => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")

/** What is wrong with a relative link; nothing for one that leads somewhere. */
const problemOf = (from: string, link: string): string | undefined => {
  const [path = "", anchor] = link.split("#")
  const target = path === "" ? from : Path.join(Path.dirname(from), path)
  if (!Fs.existsSync(Path.join(root, target))) return `${from}: ${link} is not there`
  return anchor === undefined || sectionsOf(read(target)).some(({ title }) => anchorOf(title) === anchor)
    ? undefined
    : `${from}: ${link} names no heading`
}

const pages = [
  "README.md",
  "README-CN.md",
  "ARCHITECTURE.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  ...namesIn("docs").filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
  ...namesIn("packages").map((name) => `packages/${name}/README.md`).filter((name) =>
    Fs.existsSync(Path.join(root, name))
  )
]

describe("the README in two languages", () => {
  it("has the same headings, code, tables and links", () => {
    assert.deepStrictEqual(shapeOf(read("README-CN.md")), shapeOf(read("README.md")))
  })

  it.each(["README.md", "README-CN.md"])("lists the sources of the default chain and their variables: %s", (page) => {
    const section = sectionsOf(read(page)).find(({ text }) =>
      text.some((line) => line.startsWith("| 1 | `Environment`"))
    )
    const rows = section?.text.filter((line) => /^\| \d/.test(line)) ?? []
    assert.deepStrictEqual(
      rows.map((row) => row.split("|").slice(1, 3).map((cell) => cell.trim())),
      DefaultChain.sources.map(({ name }, index) => [`${index + 1}`, `\`${name}\``])
    )
    const variablesIn = (text: string) => new Set(text.match(/\b[A-Z]+(?:_[A-Z0-9]+)+\b/g))
    for (const [index, { variables }] of DefaultChain.sources.entries()) {
      const chosenBy = variables.filter(({ kind }) => kind !== "setting").map(({ name }) => name)
      assert.deepStrictEqual(variablesIn(rows[index] ?? ""), new Set(chosenBy))
    }
    const prose = proseOf(read(page))
    for (const { switches, variables } of DefaultChain.sources) {
      const settings = variables.filter(({ kind }) => kind === "setting").map(({ name }) => name)
      for (const name of [...switches, ...settings]) assert.include(prose, `\`${name}\``)
    }
  })

  it("leads from each language to the other", () => {
    assert.include(linksIn(proseOf(read("README.md"))), "README-CN.md")
    assert.include(linksIn(proseOf(read("README-CN.md"))), "README.md")
  })
})

describe("the pages of the repository", () => {
  for (const page of pages) {
    it(`has no dead link in ${page}`, () => {
      const relative = linksIn(proseOf(read(page))).filter((link) => !/^[a-z]+:/.test(link))
      assert.deepStrictEqual(relative.flatMap((link) => problemOf(page, link) ?? []), [])
    })
  }
})
