import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { inspect } from "node:util"
import { find, parse } from "../../src/unstable/Ini.ts"

type Plain = Record<string, Record<string, string | undefined>>

const plain = (text: string): Plain =>
  Object.fromEntries(
    Array.from(parse(text).sections, ([name, keys]) => [
      name,
      Object.fromEntries(Array.from(keys, ([key, { value }]) => [key, value]))
    ])
  )

const isWritable = (text: string): boolean => !/[\r\n]|\s[#;]|^["']/.test(text) && text === text.trim()

const startsComment = (text: string): boolean => /^[#;]/.test(text)

describe("ini", () => {
  const accepted: ReadonlyArray<readonly [title: string, text: string, expected: Plain]> = [
    ["an empty file", "", {}],
    ["a file of blank lines", " \n\t\n\r\n", {}],
    ["a file of comments", "# one\n; two\n  # three\n\t;four", {}],
    ["sections and keys", "[a]\nk = v\n[b]\nk=w\nl= x\n", { a: { k: "v" }, b: { k: "w", l: "x" } }],
    ["a section without keys", "[a]\n[b]", { a: {}, b: {} }],
    ["white space around names, keys and values", " [ a b ] \n\t k\t=\t v w  ", { "a b": { k: "v w" } }],
    ["a value with equals signs", "[a]\nk = v=w==", { a: { k: "v=w==" } }],
    ["an empty value", "[a]\nk =\nl=  ", { a: { k: "", l: "" } }],
    ["a comment after a value", "[a]\nk = v # c\nl = v ; c\nm = v\t#c", { a: { k: "v", l: "v", m: "v" } }],
    ["a comment in place of a value", "[a]\nk = # c\nl = ;c", { a: { k: "", l: "" } }],
    ["# and ; inside a value", "[a]\nk = v#w;x\nl = v#\nm =#v\nn =;v", {
      a: { k: "v#w;x", l: "v#", m: "#v", n: ";v" }
    }],
    ["# and ; inside a key", "[a]\nk#1;2 = v", { a: { "k#1;2": "v" } }],
    ["only the part of a value before the first comment", "[a]\nk = a#b # c # d ; e", { a: { k: "a#b" } }],
    ["a comment after a section header", "[a]#c\n[b];c\n[c] # c\n[d]\t;c]", { a: {}, b: {}, c: {}, d: {} }],
    ["# and ; inside a section name", "[a#b;c]\n[#d]", { "a#b;c": {}, "#d": {} }],
    ["a comment that looks like a section or a key", "[a]\n#[b]\n;k = v", { a: {} }],
    ["percent signs and dollar signs as they are", "[a]\nk = %(x)s %% ${y} %", { a: { k: "%(x)s %% ${y} %" } }],
    ["backslashes as they are", `[a]\nk = C:\\t\\n`, { a: { k: "C:\\t\\n" } }],
    ["a value in quotes", `[a]\nk = "v"\nl='v'\nm =\t" v "`, { a: { k: "v", l: "v", m: " v " } }],
    ["# and ; and other quotes within quotes", `[a]\nk = " # ;"\nl = ';#" '\nm = "it's"`, {
      a: { k: " # ;", l: ";#\" ", m: "it's" }
    }],
    ["the same quotes within quotes", `[a]\nk = "{"v": "w"}"\nl = 'it's'`, { a: { k: `{"v": "w"}`, l: "it's" } }],
    ["a comment after quotes", `[a]\nk = "v" # it's "c"\nl = 'v';c`, { a: { k: "v", l: "v" } }],
    ["a quote without its partner as it is", `[a]\nk = "v\nl = v"\nm = "v'\nn = "\no = "v"w\np = "v # "c`, {
      a: { k: `"v`, l: `v"`, m: `"v'`, n: `"`, o: `"v"w`, p: `"v` }
    }],
    ["empty quotes", `[a]\nk = ""\nl = ''`, { a: { k: "", l: "" } }],
    [
      "quotes behind backslashes in double quotes",
      String.raw`[a]
k = "{\"v\": \"\\w\"}"
l = "v\" # w"
m = '\"'`,
      { a: { k: String.raw`{"v": "\w"}`, l: `v" # w`, m: String.raw`\"` } }
    ],
    [
      "paths of Windows in double quotes",
      String.raw`[a]
k = "C:\temp\new.pem"
l = "C:\\temp\\new.pem"
m = "\\server\new.pem"
n = "C:\temp\"`,
      {
        a: {
          k: String.raw`C:\temp\new.pem`,
          l: String.raw`C:\temp\new.pem`,
          m: String.raw`\\server\new.pem`,
          n: "C:\\temp\\"
        }
      }
    ],
    ["quotes around names and keys", `["a"]\n'k' = v`, { a: { k: "v" } }],
    ["a key without a value", "[a]\nk\nl # c\nm = v", { a: { k: undefined, l: undefined, m: "v" } }],
    ["a malformed section header as the start of no section", "[a]\nk = v\n[b\nk = w", { a: { k: "v" } }],
    ["dots in names without nesting", "[a.b]\nc.d = v\ne[] = w", { "a.b": { "c.d": "v", "e[]": "w" } }],
    ["a colon as part of the key", "[a]\nk: v = w", { a: { "k: v": "w" } }],
    ["names with upper case as other names", "[A]\nK = 1\n[a]\nk = 2", { A: { K: "1" }, a: { k: "2" } }],
    ["brackets in a value", "[a]\nk = [b]", { a: { k: "[b]" } }],
    ["an indented line as a line of its own", "[a]\nk = v\n  l = w", { a: { k: "v", l: "w" } }],
    ["a repeated section, merged", "[a]\nk = 1\n[b]\n[a]\nl = 2", { a: { k: "1", l: "2" }, b: {} }],
    ["a repeated key, of which the last counts", "[a]\nk = 1\nk = 2\n[a]\nk = 3", { a: { k: "3" } }],
    ["keys before any section, kept out", "k = v\n[a]\nl = w", { a: { l: "w" } }],
    ["a file of keys only", "k = v", {}],
    ["a byte order mark", "\uFEFF[a]\nk = v", { a: { k: "v" } }],
    ["a byte order mark before a comment", "\uFEFF# c\n[a]", { a: {} }],
    ["CRLF line ends", "\uFEFF[a] # c\r\nk = v\r\n\r\nl = w # c\r\n", { a: { k: "v", l: "w" } }],
    ["CR line ends", "[a]\rk = v\rl = w", { a: { k: "v", l: "w" } }],
    ["a last line without an end", "[a]\nk = v", { a: { k: "v" } }]
  ]

  it.each(accepted)("reads %s", (_title, text, expected) => {
    assert.deepStrictEqual(plain(text), expected)
  })

  const malformed: ReadonlyArray<readonly [title: string, text: string, line: number]> = [
    ["two words without an equals sign", "[a]\nk = v\ntwo words", 3],
    ["the same before a comment", "[a]\ntwo words # k = v", 2],
    ["a line of JSON", "[a]\nk = {\n\"v\": 1\n", 3],
    ["a colon in place of the equals sign", "[a]\nk: v", 2],
    ["a line without a key", "[a]\n= v", 2],
    ["the first of two broken lines", "# c\r\n[a]\r\ntwo words\r\n= v", 3],
    ["the section's own header that is not closed", "\n[a\nk = v", 2],
    ["its header, of which there is another one", "[a\nk = v\n[a]\nk = w", 1],
    ["its header that a comment closes", "[a # ]", 1],
    ["its header that a comment follows", "[a # c", 1],
    ["its header in quotes", `[ "a\nk = v`, 1],
    ["its header that is not opened", "[b]\na]\nk = v", 2],
    ["text after its header", "[a] b", 1],
    ["a key after its header", "[a] k = v", 1],
    ["a second bracket after its header", "[a]]", 1]
  ]

  it.each(malformed)("refuses %s, with its line number", (_title, text, line) => {
    assert.strictEqual(Either.getOrThrow(Either.flip(find(parse(text), "a"))).line, line)
  })

  const harmless: ReadonlyArray<readonly [title: string, text: string]> = [
    ["words before the first section", "two words\n[a]\nk = v"],
    ["words in other sections", "[b]\ntwo words\n[a]\nk = v\n[c]\n= v"],
    ["a policy of several lines in another section", "[a]\nk = v\n[b]\npolicy = {\n  \"a\": [\n  ]\n}\nk = w"],
    ["the header of another section that is not closed", "[a]\nk = v\n[b\nk = w"],
    ["the same before it", "[aa\nk = w\n[b # ]\nk = w\n[a]\nk = v"],
    ["a header without a name", "[a]\nk = v\n[]\nk = w\n[ ]\nk = w"]
  ]

  it.each(harmless)("does not mind %s", (_title, text) => {
    const section = Either.getOrThrow(find(parse(text), "a"))
    assert.deepStrictEqual(section?.get("k")?.value, "v")
  })

  it("finds no section where there is none", () => {
    assert.deepStrictEqual(find(parse("[b]\nk = v\n[c\na\n"), "a"), Either.right(undefined))
  })

  it("keeps names of object members harmless", () => {
    const text = "[__proto__]\n__proto__ = 1\npolluted = 2\n[constructor]\nprototype = 3\n[a]\ntoString = 4"
    const { sections } = parse(text)
    assert.deepStrictEqual(
      Array.from(sections, ([name, keys]) => [name, ...Array.from(keys, ([key, { value }]) => [key, value])]),
      [
        ["__proto__", ["__proto__", "1"], ["polluted", "2"]],
        ["constructor", ["prototype", "3"]],
        ["a", ["toString", "4"]]
      ]
    )
    assert.isFalse("polluted" in {})
    assert.isUndefined(sections.get("toString"))
    assert.isUndefined(sections.get("a")?.get("constructor"))
  })

  const unit = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(..." \t#;=[]%$\"'\\:.\uFEFF\u00A0\u2028é漢😀") },
    { weight: 2, arbitrary: fc.string({ minLength: 1, maxLength: 1, unit: "binary" }) }
  )
  const some = fc.string({ unit, maxLength: 12 }).filter(isWritable)

  const name = some.filter((text) => text !== "" && !text.includes("]"))
  const key = some.filter((text) => text !== "" && !text.includes("=") && !text.startsWith("[") && !startsComment(text))
  const blank = fc.constantFrom("", " ", "\t", " \t ")
  const comment = fc.tuple(fc.constantFrom(" #", "\t;"), fc.string({ unit }).map((text) => text.replace(/[\r\n]/g, "")))
    .map((parts) => parts.join(""))
  const tail = fc.oneof(blank, comment)
  const between = fc.array(tail, { maxLength: 2 })

  const entryLine = fc.tuple(key, some, blank, blank, blank, tail).map(([key, value, before, left, right, after]) => ({
    key,
    value,
    line: `${before}${key}${left}=${startsComment(value) ? "" : right}${value}${after}`
  }))
  const headerLine = fc.tuple(name, blank, blank, blank, tail).map(([name, before, left, right, after]) => ({
    name,
    line: `${before}[${startsComment(name) ? "" : left}${name}${right}]${after}`
  }))
  const file = fc.record({
    bom: fc.constantFrom("", "\uFEFF"),
    eol: fc.constantFrom("\n", "\r\n"),
    orphans: fc.array(entryLine, { maxLength: 2 }),
    sections: fc.array(fc.record({ header: headerLine, entries: fc.array(fc.tuple(between, entryLine)) }))
  })

  it.prop("gives back what was written, whatever the spacing, comments and line ends", { file }, ({ file }) => {
    const expected = new Map<string, Map<string, string>>()
    const lines = file.orphans.map(({ line }) => line)
    for (const { entries, header } of file.sections) {
      lines.push(header.line)
      const keys = expected.get(header.name) ?? new Map<string, string>()
      expected.set(header.name, keys)
      for (const [skipped, entry] of entries) {
        lines.push(...skipped, entry.line)
        keys.set(entry.key, entry.value)
      }
    }
    const { malformed, sections } = parse(file.bom + lines.join(file.eol))
    const found = new Map(
      Array.from(sections, ([name, keys]) => [name, new Map(Array.from(keys, ([key, { value }]) => [key, value]))])
    )
    assert.deepStrictEqual(found, expected)
    assert.isEmpty(malformed)
  }, { fastCheck: { numRuns: 500 } })

  const anything = fc.string({ unit: fc.oneof(unit, fc.constantFrom("\n", "\r\n", "\r", "k=v\n", "[a]\n")) })

  it.prop("never throws, and an error names a line that exists", { text: anything }, ({ text }) => {
    const { malformed } = parse(text)
    for (const { line } of malformed) {
      assert.isAtLeast(line, 1)
      assert.isAtMost(line, text.split(/\r\n|\r|\n/).length)
    }
  }, { fastCheck: { numRuns: 500 } })

  it.prop("repeats nothing of the file in an error", { before: anything, after: anything }, ({ after, before }) => {
    const secret = "plantedSecretMaterial"
    const result = find(parse(`[a]\n= ${secret}\n${before}${secret}${after}\n${secret}\n`), "a")
    assert.isTrue(Either.isLeft(result))
    assert.notInclude(inspect(result, { depth: null, showHidden: true }) + JSON.stringify(result), secret)
  }, { fastCheck: { numRuns: 500 } })
})
