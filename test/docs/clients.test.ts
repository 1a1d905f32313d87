import { assert, describe, it } from "@effect/vitest"
import * as Fs from "node:fs"

const read = (path: string): string => Fs.readFileSync(new URL(path, import.meta.url), "utf8")

const page = read("../../docs/clients.md")

const tests = ["test/cli", "test/cli/commands", "packages/cli/test"].flatMap((folder) =>
  Fs.readdirSync(new URL(`../../${folder}/`, import.meta.url))
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => ({ file, text: read(`../../${folder}/${file}`) }))
)

/** Whether there is a test whose title begins so. Some titles are made of several words of a list. */
const has = (text: string, title: string): boolean =>
  Array.from(text.matchAll(/\(\s*(?:"([^"\n]+)"|`([^`\n]+)`)/g), ([, plain, made]) => plain ?? made ?? "").some(
    (one) => {
      const parts = one.split(/\$\{\w+\}/)
      return one.startsWith(title) || (parts.length > 1 && parts.every((part) => title.includes(part)))
    }
  )

/** Every row of every table but those that head it. */
const rows = page.split("\n").filter((line) => /^\| (?!Client |---)/.test(line))

describe("the page about clients", () => {
  it("has a section for each way in which credentials are passed on", () => {
    const sections = Array.from(page.matchAll(/^## (.*)$/gm), ([, title]) => title)
    assert.deepStrictEqual(sections, [
      "exec",
      "exec --static",
      "serve",
      "serve --imds",
      "get --format env",
      "get --format external",
      "config.json"
    ])
  })

  it("names in each row a test that exists", () => {
    assert.isAbove(rows.length, 20)
    for (const row of rows) {
      const [, file, title = ""] = /\| ([\w.]+\.test\.ts): ([^|]+) \|$/.exec(row) ?? []
      assert.isTrue(tests.some((test) => test.file === file && has(test.text, title)), row)
    }
  })
})
