import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { sectionsOf } from "./utils/markdown.ts"
import { commandOf, firstMissing, normalised, shownIn } from "./utils/output.ts"
import { worlds } from "./utils/worlds.ts"

const page = Fs.readFileSync(new URL("../../docs/troubleshooting.md", import.meta.url), "utf8")

const entries = sectionsOf(page).filter(({ level }) => level === 2)

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
