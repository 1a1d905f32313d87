import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import type { Block } from "./utils/markdown.ts"
import { sectionsOf } from "./utils/markdown.ts"
import { worlds } from "./utils/worlds.ts"

const page = Fs.readFileSync(new URL("../../docs/troubleshooting.md", import.meta.url), "utf8")

const entries = sectionsOf(page).filter(({ level }) => level === 2)

const prompt = "$ alicloud-credentials "

/** Without what is different every time: request ids, durations, moments, fibers. */
const normalised = (text: string): ReadonlyArray<string> =>
  text
    .replace(/\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b/g, "request-id")
    .replace(/ \(\d+\s+ms\)$/gm, "")
    .replace(/^\[[\d:.]+\] (\w+) \(#\d+\)/gm, "$1")
    .split("\n")
    .map((line) => line.trimEnd())

/** The first line that is not among the others behind those before it. */
const firstMissing = (lines: ReadonlyArray<string>, among: ReadonlyArray<string>): string | undefined => {
  let from = 0
  return lines.find((line) => {
    const at = among.indexOf(line, from)
    from = at + 1
    return at === -1
  })
}

const commandOf = ({ lines }: Block): ReadonlyArray<string> | undefined =>
  lines[0]?.startsWith(prompt) === true ? lines[0].slice(prompt.length).split(" ") : undefined

const shownIn = (block: Block): ReadonlyArray<string> =>
  normalised(block.lines.filter((line) => line !== "…" && !line.startsWith(prompt)).join("\n"))

describe("the page about troubleshooting", () => {
  it("has a world for each block, and a block for each world", () => {
    assert.deepStrictEqual(
      entries.map(({ blocks, title }) => [title, blocks.length]),
      Object.entries(worlds).map(([title, shown]) => [title, shown.length])
    )
  })

  for (const { blocks, title } of entries) {
    it.effect(`shows what is printed where: ${title}`, () =>
      Effect.forEach(blocks, (block, index) =>
        Effect.gen(function*() {
          for (const text of yield* worlds[title]![index]!.shows(commandOf(block))) {
            assert.notInclude(text, "s3cr3t")
            assert.isUndefined(firstMissing(shownIn(block), normalised(text)), text)
          }
        })))
  }

  it("begins each entry with what to look for, and ends it with what to do", () => {
    for (const entry of page.split(/^## .*$/m).slice(1)) {
      const paragraphs = entry.trim().split(/\n{2,}/)
      assert.notMatch(paragraphs[0]!, /^```/)
      assert.notMatch(paragraphs.at(-1)!, /```$/)
    }
  })
})
