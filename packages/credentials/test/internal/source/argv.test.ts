import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck } from "effect"
import { split } from "../../../src/internal/source/argv.ts"

const right = (line: string, windows = false): ReadonlyArray<string> => Either.getOrThrow(split(line, windows))

const left = (line: string, windows = false): string => Either.getOrThrow(Either.flip(split(line, windows)))

const posix: ReadonlyArray<readonly [title: string, line: string, argv: ReadonlyArray<string>]> = [
  ["separates at white space of any kind and length", "  a \t b\n c  ", ["a", "b", "c"]],
  ["keeps single-quoted text as it is", String.raw`a 'b \" $c' d`, ["a", String.raw`b \" $c`, "d"]],
  ["keeps double-quoted white space", `a "b  c" d`, ["a", "b  c", "d"]],
  ["joins quoted and bare parts", `a'b c'"d e"f`, ["ab cd ef"]],
  ["takes the character after a bare backslash as it is", String.raw`a\ b \'c \\d`, ["a b", "'c", String.raw`\d`]],
  [
    "inside double quotes, escapes a quote, a backslash, a dollar and a backtick only",
    "\"\\\" \\\\ \\$ \\` \\n \\a\"",
    ["\" \\ $ ` \\n \\a"]
  ],
  ["joins lines at a backslash", "a \\\nb", ["a", "b"]],
  ["joins lines inside double quotes", "\"a\\\nb\"", ["ab"]],
  ["keeps a backslash before a line end inside single quotes", "'a\\\nb'", ["a\\\nb"]],
  ["keeps empty arguments", `a "" '' b`, ["a", "", "", "b"]],
  ["expands nothing", "a $HOME ~ * `id` | ; && #x", ["a", "$HOME", "~", "*", "`id`", "|", ";", "&&", "#x"]]
]

const windows: ReadonlyArray<readonly [title: string, line: string, argv: ReadonlyArray<string>]> = [
  ["keeps backslashes", String.raw`C:\bin\get.exe -f C:\x`, [String.raw`C:\bin\get.exe`, "-f", String.raw`C:\x`]],
  ["keeps backslashes inside double quotes", String.raw`"C:\Program Files\get.exe"`, [
    String.raw`C:\Program Files\get.exe`
  ]],
  ["escapes a quote inside double quotes", String.raw`a "b \"c\""`, ["a", "b \"c\""]],
  ["keeps a backslash at the end", "a b\\", ["a", "b\\"]]
]

describe("a process command is split without a shell", () => {
  for (const [title, line, argv] of posix) {
    it(`${title}`, () => assert.deepStrictEqual(right(line), argv))
  }
})

describe("on Windows a process command", () => {
  for (const [title, line, argv] of windows) {
    it(`${title}`, () => assert.deepStrictEqual(right(line, true), argv))
  }
})

describe("a process command that cannot be split is an error that does not quote it", () => {
  for (
    const [line, issue] of [
      ["   ", "it names no program"],
      ["'' a", "it names no program"],
      ["a s3cr3t\\", "it ends with a backslash"],
      ["a 's3cr3t", "a quote is not closed"],
      ["a s3cr3t\0", "it has a NUL character, which no program can be given"],
      ["a \"s3cr3t", "a quote is not closed"]
    ] as const
  ) {
    it(`${issue}: ${line.replace("s3cr3t", "…").trim()}`, () => assert.strictEqual(left(line), issue))
  }

  it.prop("gives back any arguments that were quoted", [FastCheck.array(FastCheck.string())], ([args]) => {
    const quoted = args.map((arg) => `'${arg.replaceAll("'", `'\\''`)}'`)
    assert.deepStrictEqual(right(["program", ...quoted].join(" ")), ["program", ...args])
  })
})
