import { assert, describe, it } from "@effect/vitest"
import { Either } from "effect"
import { setMembers } from "../../../src/internal/login/jsonEdit.ts"
import type { Scalar } from "../../../src/internal/login/jsonEdit.ts"

type Path = ReadonlyArray<string | number>

const edit = (text: string, path: Path, members: Readonly<Record<string, Scalar>>): string =>
  Either.getOrElse(setMembers(text, path, members), (issue) => `issue: ${issue}`)

const lines = (...all: ReadonlyArray<string>): string => all.join("\n")

describe("setMembers replaces", () => {
  const cases: ReadonlyArray<
    readonly [title: string, text: string, path: Path, members: Record<string, Scalar>, expected: string]
  > = [
    ["a value in its place", `{"a":1,"b":2,"c":3}`, [], { b: "x" }, `{"a":1,"b":"x","c":3}`],
    [
      "a value by one of another kind",
      `{"a": {"b": [1, "}"]}, "c": null}`,
      [],
      { a: true, c: 2 },
      `{"a": true, "c": 2}`
    ],
    ["several values, whatever their order", `{"a":1,"b":2}`, [], { b: 22, a: 11 }, `{"a":11,"b":22}`],
    ["the last of equal keys", `{"a":1,"a":2,"b":3}`, [], { a: 9 }, `{"a":1,"a":9,"b":3}`],
    [
      "a member whose key has escapes",
      `{"\\u0061ccess_key_id":"x"}`,
      [],
      { access_key_id: "y" },
      `{"\\u0061ccess_key_id":"y"}`
    ],
    ["a key with quotes and backslashes", `{"\\"\\\\":1}`, [], { "\"\\": 2 }, `{"\\"\\\\":2}`],
    ["a member called __proto__", `{"__proto__":1}`, [], JSON.parse(`{"__proto__":2}`), `{"__proto__":2}`],
    ["a value after white space", `{"a" :\n\t 1 }`, [], { a: 2 }, `{"a" :\n\t 2 }`],
    ["a member of an object in a list", `[0,[1],{"a":1},{"a":2}]`, [3], { a: 3 }, `[0,[1],{"a":1},{"a":3}]`],
    ["a member far inside", `{"p":[{"q":{"a":1}}]}`, ["p", 0, "q"], { a: 2 }, `{"p":[{"q":{"a":2}}]}`],
    [
      "a member under the last of equal keys",
      `{"p":{"a":1},"p":{"a":1}}`,
      ["p"],
      { a: 2 },
      `{"p":{"a":1},"p":{"a":2}}`
    ],
    ["text with what JSON must escape", `{"a":1}`, [], { a: "\"\\\n\u2028\ud800" }, `{"a":"\\"\\\\\\n\u2028\\ud800"}`],
    ["a value by the same one", `{ "a" : 1e3 }`, [], { a: 1000 }, `{ "a" : 1000 }`]
  ]

  it.each(cases)("%s", (_title, text, path, members, expected) => {
    assert.strictEqual(edit(text, path, members), expected)
  })

  it("nothing else: byte order mark, spelling of numbers, escapes, equal keys and white space stay", () => {
    const text =
      "\uFEFF \r\n{\"n\": 1e3,\t\"n\":12345678901234567890 , \"s\":\"\\u0061\\/\",\n\n\"p\":[ {\"k\":\"old\"} ,-0.0 ] }\n\n"
    assert.strictEqual(edit(text, ["p", 0], { k: "new" }), text.replace("old", "new"))
  })
})

describe("setMembers appends", () => {
  const cases: ReadonlyArray<
    readonly [title: string, text: string, path: Path, expected: string]
  > = [
    ["to a compact object", `{"a":1,"b":2}`, [], `{"a":1,"b":2,"x":1,"y":"z"}`],
    ["to a compact object with one member", `{"a":1}`, [], `{"a":1,"x":1,"y":"z"}`],
    ["to a spaced object", `{"a": 1, "b": 2}`, [], `{"a": 1, "b": 2, "x": 1, "y": "z"}`],
    ["to a spaced object with one member", `{ "a": 1 }`, [], `{ "a": 1, "x": 1, "y": "z" }`],
    ["to an object with spaces before colons", `{"a" : 1 , "b" : 2}`, [], `{"a" : 1 , "b" : 2 , "x" : 1 , "y" : "z"}`],
    [
      "to a one-line object inside a document of many lines",
      lines("{", `  "p": { "a": 1 }`, "}"),
      ["p"],
      lines("{", `  "p": { "a": 1, "x": 1, "y": "z" }`, "}")
    ],
    [
      "to an object indented with spaces",
      lines("{", `    "p": {`, `        "a": 1,`, `        "b": [`, "        ]", "    }", "}"),
      ["p"],
      lines(
        "{",
        `    "p": {`,
        `        "a": 1,`,
        `        "b": [`,
        "        ],",
        `        "x": 1,`,
        `        "y": "z"`,
        "    }",
        "}"
      )
    ],
    [
      "to an object indented with tabs",
      lines("{", `\t"p": [`, "\t\t{", `\t\t\t"a": 1`, "\t\t}", "\t]", "}"),
      ["p", 0],
      lines("{", `\t"p": [`, "\t\t{", `\t\t\t"a": 1,`, `\t\t\t"x": 1,`, `\t\t\t"y": "z"`, "\t\t}", "\t]", "}")
    ],
    [
      "with the line ends that are there",
      "{\r\n  \"a\": 1\r\n}\r\n",
      [],
      "{\r\n  \"a\": 1,\r\n  \"x\": 1,\r\n  \"y\": \"z\"\r\n}\r\n"
    ],
    ["with commas in front", "{ \"a\": 1\n, \"b\": 2\n}", [], "{ \"a\": 1\n, \"b\": 2\n, \"x\": 1\n, \"y\": \"z\"\n}"],
    ["to lines without indentation", "{\n\"a\":1\n}", [], "{\n\"a\":1,\n\"x\":1,\n\"y\":\"z\"\n}"],
    ["to an object whose value is on the next line", "{\"a\":\n1}", [], "{\"a\":\n1, \"x\": 1, \"y\": \"z\"}"],
    ["to an empty object", "{}", [], `{"x": 1, "y": "z"}`],
    ["to an empty object with a space", "{ }", [], `{ "x": 1, "y": "z" }`],
    ["to an empty object in a compact document", `{"p":[{}]}`, ["p", 0], `{"p":[{"x":1,"y":"z"}]}`],
    ["to an empty object of two lines", "{\n}", [], lines("{", `  "x": 1,`, `  "y": "z"`, "}")],
    [
      "to an empty object of two lines inside a document with tabs",
      "{\r\n\t\"p\": [\r\n\t\t{\r\n\t\t}\r\n\t]\r\n}",
      ["p", 0],
      "{\r\n\t\"p\": [\r\n\t\t{\r\n\t\t\t\"x\": 1,\r\n\t\t\t\"y\": \"z\"\r\n\t\t}\r\n\t]\r\n}"
    ]
  ]

  it.each(cases)("%s", (_title, text, path, expected) => {
    const once = edit(text, path, { x: 1, y: "z" })
    assert.strictEqual(once, expected)
    assert.strictEqual(edit(once, path, { x: 1, y: "z" }), expected)
  })

  it("after replacing, in one go", () => {
    assert.strictEqual(edit(`{"a":1,"b":2}`, [], { c: 3, b: "longer", a: 0 }), `{"a":0,"b":"longer","c":3}`)
  })

  it("a key that needs escapes, once", () => {
    const once = edit("{}", [], { "\"\n": 1 })
    assert.strictEqual(once, `{"\\"\\n": 1}`)
    assert.strictEqual(edit(once, [], { "\"\n": 1 }), once)
  })

  it("nothing when there is nothing to set", () => {
    assert.strictEqual(edit(`{ "a":1 }`, [], {}), `{ "a":1 }`)
  })
})

describe("setMembers refuses", () => {
  const notJson = "issue: not valid JSON"
  const notFound = "issue: the object to change is not in it"
  const cases: ReadonlyArray<readonly [title: string, text: string, path: Path, expected: string]> = [
    ["an empty text", "", [], notJson],
    ["a text that is cut off", `{"secret": "s3cr3t`, [], notJson],
    ["comments", `{"a": 1} // s3cr3t`, [], notJson],
    ["a trailing comma", `{"a": 1,}`, [], notJson],
    ["two byte order marks", "\uFEFF\uFEFF{}", [], notJson],
    ["a document that is no object", `["s3cr3t"]`, [], notFound],
    ["a key that is not there", `{"s3cr3t":{}}`, ["b"], notFound],
    ["an index after the end", `{"a":[{},{}]}`, ["a", 2], notFound],
    ["an index that is none", `[{},{}]`, [0.5], notFound],
    ["an index of an object", `{"0":{}}`, [0], notFound],
    ["a key of a list", `[{}]`, ["0"], notFound],
    ["a place that holds no object", `{"a":"s3cr3t"}`, ["a"], notFound],
    ["a path through a value", `{"a":"s3cr3t"}`, ["a", "b"], notFound]
  ]

  it.each(cases)("%s", (_title, text, path, expected) => {
    assert.strictEqual(edit(text, path, { a: 1 }), expected)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("the number %s", (value) => {
    assert.strictEqual(edit("{}", [], { a: value }), "issue: a number to write is not finite")
  })
})

describe("setMembers with 100 000 nested containers", () => {
  const depth = 100_000
  const nest = (inner: string): string => "[".repeat(depth) + inner + "]".repeat(depth)

  it("changes what is beside them", () => {
    const text = `{"deep":${nest("")},"p":{"a":1}}`
    assert.strictEqual(edit(text, ["p"], { a: 2 }), text.replace("\"a\":1", "\"a\":2"))
    assert.strictEqual(edit(text, [], { deep: 1 }), `{"deep":1,"p":{"a":1}}`)
  })

  it("rejects those that do not end", () => {
    assert.strictEqual(edit(`{"deep":${"[{\"a\":".repeat(depth)}`, [], { a: 1 }), "issue: not valid JSON")
  })
})
