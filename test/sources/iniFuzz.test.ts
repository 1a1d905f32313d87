/**
 * Random credentials files, read by us and by the official client: the same values, or an error that names the malformed
 * line. Left out is what the official client gets wrong: headers with anything around them, byte order marks, comments
 * after quotes, double quotes around what is no JSON, `#`, `;` and `\` without white space before them, names with dots,
 * and the keys after a header that is not closed, which it adds to the section above.
 */
import { CredentialsFile } from "@effect-alicloud/credentials"
import type { Credentials } from "@effect-alicloud/credentials"
import { NodePath } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Either, FastCheck as fc, Layer, Redacted, Runtime } from "effect"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import * as Path from "node:path"
import { runs } from "../kit/long.ts"
import { files, noNetwork } from "../kit/world.ts"

/** What reads the file in the official client. */
const { parseFile } = createRequire(import.meta.url)("@alicloud/credentials/dist/src/util/utils.js") as {
  readonly parseFile: (file: string) => Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>
}

/** One line; `malformed` where it is an error in the section that is used. */
interface Line {
  readonly text: string
  readonly malformed?: boolean
}

const text = (alphabet: string, minLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength: 12 })

const plain = text("aZ09+/_-.日é", 1)
const inQuotes = text("aZ09 +/=#;[]{}:,%$日é", 0)

const value: fc.Arbitrary<string> = fc.oneof(
  plain,
  fc.tuple(plain, plain).map(([a, b]) => `${a} ${b} = ${a}`),
  fc.tuple(inQuotes, fc.constantFrom("", "\"", "\\", "'", "\\\"")).map(([a, b]) => JSON.stringify(a + b + a)),
  // What is JSON between single quotes is read as JSON by the official client.
  inQuotes.map((inner) => `'k${inner}'`),
  plain.chain((inner) => fc.constantFrom(`"${inner}`, `${inner}"`, `'${inner}`, `"${inner}'`, `{"${inner}": ""}`)),
  fc.constantFrom("", "\"\"", "''", "\""),
  fc.tuple(plain, fc.constantFrom(" # c", "\t; c", " #\"", " ;'")).map(([value, comment]) => value + comment)
)

const types = ["access_key", "sts", "bearer"] as const
const read = ["access_key_id", "access_key_secret", "security_token", "bearer_token"] as const

const equals = fc.constantFrom("=", " = ", "= ", " =\t")
const entry: fc.Arbitrary<Line> = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(fc.constantFrom(...read), equals, value) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("type"), equals, fc.constantFrom(...types, "\"sts\"", "'sts'", "ram")) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom("note", "policy", "\"role name\"", "a b"), equals, value) }
).map(([key, equals, value]) => ({ text: `${key}${equals}${value}` }))

const odd: fc.Arbitrary<Line> = fc.oneof(
  fc.constantFrom("", "  ", "# c", "; k = v", "\t# \"").map((text) => ({ text })),
  fc.constantFrom("enable", "foo # c").map((text) => ({ text })),
  fc.constantFrom(...read, "type").map((text) => ({ text, malformed: true })),
  fc.constantFrom("two words", "{", "  \"Version\": \"1\",", "}", "type: sts", "= v", "a # k = v", "]").map((text) => ({
    text,
    malformed: true
  }))
)

const names = ["default", "prod", "生产"] as const
const header = (name: string): Line => ({ text: `[${name}]` })
const section: fc.Arbitrary<ReadonlyArray<Line>> = fc.tuple(
  fc.constantFrom(...names),
  fc.array(fc.oneof({ weight: 5, arbitrary: entry }, { weight: 1, arbitrary: odd }), { maxLength: 6 })
).map(([name, lines]) => [header(name), ...lines])
const whole: fc.Arbitrary<ReadonlyArray<Line>> = fc.tuple(
  fc.constantFrom(...names),
  fc.constantFrom(...types),
  fc.array(value, { minLength: read.length, maxLength: read.length }),
  odd
).map(([name, type, values, odd]) => [
  header(name),
  { text: `type = ${type}` },
  ...read.map((key, index) => ({ text: `${key} = ${values[index]}` })),
  odd
])
const broken: fc.Arbitrary<ReadonlyArray<Line>> = fc.constantFrom("[", "[default", "[prod # ]", "[生产 b", "[other")
  .map(
    (text) => [{ text, malformed: true }, { text: "note = 1" }]
  )
interface Written {
  readonly wanted: string
  readonly eol: string
  readonly lines: ReadonlyArray<Line>
}

const file: fc.Arbitrary<Written> = fc.record({
  wanted: fc.constantFrom(...names),
  eol: fc.constantFrom("\n", "\r\n"),
  lines: fc.array(
    fc.oneof({ weight: 3, arbitrary: section }, { weight: 4, arbitrary: whole }, { weight: 1, arbitrary: broken }),
    { minLength: 1, maxLength: 5 }
  ).map((sections) => sections.flat())
})

type Values = Readonly<Record<string, string>>

const needed: Readonly<Record<string, ReadonlyArray<string>>> = {
  access_key: ["access_key_id", "access_key_secret"],
  sts: ["access_key_id", "access_key_secret", "security_token"],
  bearer: ["bearer_token"]
}

/** What the official client reads of the section, if that is a source. */
const official = (path: string, wanted: string): Values | undefined => {
  const section = parseFile(path)[wanted] ?? {}
  const keys = typeof section["type"] === "string" ? needed[section["type"]] : undefined
  const values = (keys ?? []).map((key) => [key, section[key]] as const)
  return keys !== undefined && values.every(([, value]) => typeof value === "string" && value.trim() !== "")
    ? Object.fromEntries(values.map(([key, value]) => [key, String(value).trim()]))
    : undefined
}

const valuesOf = (found: Credentials.Credentials): Values => {
  switch (found._tag) {
    case "Bearer":
      return { bearer_token: Redacted.value(found.bearerToken) }
    case "Anonymous":
      return {}
    default:
      return {
        access_key_id: found.accessKeyId,
        access_key_secret: Redacted.value(found.accessKeySecret),
        ...(found._tag === "Sts" ? { security_token: Redacted.value(found.securityToken) } : {})
      }
  }
}

const onDisk: Record<string, string> = {}

const machine = Layer.mergeAll(files(onDisk), NodePath.layer, noNetwork)

const ours = (profileName: string) =>
  Effect.flatMap(CredentialsFile.make({ credentialsFile: "/credentials", profileName }), (source) => source.get).pipe(
    Effect.map(valuesOf),
    Effect.either
  )

describe("random credentials files", () => {
  it.live(
    "hold the values that the official client reads, or an error names the malformed line",
    () =>
      Effect.gen(function*() {
        const run = Runtime.runSync(yield* Effect.runtime<Layer.Layer.Success<typeof machine>>())
        const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "ini-fuzz-"))
        const path = Path.join(folder, "credentials")
        const seen = { same: 0, malformed: 0 }
        const check = ({ eol, lines, wanted }: Written): void => {
          onDisk["/credentials"] = lines.map(({ text }) => text).join(eol)
          Fs.writeFileSync(path, onDisk["/credentials"])
          const theirs = official(path, wanted)
          const result = run(ours(wanted))
          if (Either.isRight(result)) {
            seen.same++
            assert.deepStrictEqual(result.right, theirs)
            return
          }
          const error = result.left
          assert.strictEqual(error._tag, "InvalidConfig")
          if (error._tag !== "InvalidConfig" || theirs === undefined) return
          seen.malformed++
          const line = error.location._tag === "File" ? error.location.line : undefined
          assert.isTrue(line !== undefined && lines[line - 1]?.malformed === true, error.message)
        }
        fc.assert(fc.property(file, check), { numRuns: runs(200, 400) })
        Fs.rmSync(folder, { recursive: true })
        assert.isAtLeast(seen.same, 20)
        assert.isAtLeast(seen.malformed, 5)
      }).pipe(Effect.provide(machine)),
    120_000
  )
})
