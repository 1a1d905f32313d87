import { assert, describe, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { jsonFault } from "../../../src/internal/secrecy/jsonFault.ts"

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** JSON with one character put in, left out or changed. */
const spoilt = fc.tuple(
  fc.json({ maxDepth: 4 }),
  fc.nat(),
  fc.constantFrom("", "\"", "\\", "{", "}", "[", "]", ",", ":", "0", "-", ".", "e", "t", " ", "\n", "\u0001", "/"),
  fc.boolean()
).map(([text, at, char, replace]) => {
  const from = at % (text.length + 1)
  return text.slice(0, from) + char + text.slice(from + (replace ? 1 : 0))
})

describe("the place where a text stops being JSON", () => {
  it("is found exactly where `JSON.parse` fails", () => {
    fc.assert(
      fc.property(fc.oneof(spoilt, fc.string()), (text) => {
        assert.strictEqual(jsonFault(text) === undefined, isJson(text), JSON.stringify(text))
      }),
      { numRuns: 3000 }
    )
  })

  const rows: ReadonlyArray<readonly [text: string, line: number, column: number, expected: string]> = [
    ["", 1, 1, "a value, but it ends there"],
    ["{", 1, 2, "a name in double quotes or }, but it ends there"],
    ["{\"a\"", 1, 5, "a colon, but it ends there"],
    ["{\"a\" 1}", 1, 6, "a colon"],
    ["{\"a\":}", 1, 6, "a value"],
    ["{\"a\"}", 1, 5, "a colon"],
    ["{\"a\":1,}", 1, 8, "a name in double quotes: there is no comma after the last one"],
    ["{\"a\":1,", 1, 8, "a name in double quotes, but it ends there"],
    ["{\"a\":1, // b", 1, 9, "a name in double quotes: JSON has no comments"],
    ["{\"a\":1 \"b\":2}", 1, 8, "a comma or }"],
    ["[1 2]", 1, 4, "a comma or ]"],
    ["[1,]", 1, 4, "a value: there is no comma after the last one"],
    ["[\r\n01]", 2, 1, "a value or ]"],
    ["[.5]", 1, 2, "a value or ]"],
    ["{a:1}", 1, 2, "a name in double quotes or }"],
    ["[1 /* one */]", 1, 4, "a comma or ]: JSON has no comments"],
    ["{} # end", 1, 4, "the end of the text: JSON has no comments"],
    ["\"a\nb\"", 1, 3, "the closing quote of a text"],
    ["\"\\x\"", 1, 2, "an escape such as \\n: a backslash in a text is written twice"]
  ]
  for (const [text, line, column, expected] of rows) {
    it(`is said with what must be there: ${JSON.stringify(text)}`, () => {
      assert.deepStrictEqual(jsonFault(text), { line, column, expected })
    })
  }
})
