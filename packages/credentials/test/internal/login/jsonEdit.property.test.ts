import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { setMembers } from "../../../src/internal/login/jsonEdit.ts"
import type { Scalar } from "../../../src/internal/login/jsonEdit.ts"

type Path = ReadonlyArray<string | number>

const edit = (text: string, path: Path, members: Readonly<Record<string, Scalar>>): string =>
  Either.getOrElse(setMembers(text, path, members), (issue) => `issue: ${issue}`)

interface Written {
  readonly before: string
  readonly name: string
  readonly key: string
  readonly value: string
  readonly after: string
}

const space = fc.constantFrom("", "", " ", "\n", "\r\n  ", "\t", "\n\n    ")

/** Text in quotes with some of its characters escaped. */
const quoted = fc.array(fc.tuple(fc.constantFrom(..."abc\"\\\n/{}[],:é\ud83d\ude00 "), fc.boolean()), { maxLength: 6 })
  .map(
    (chars) =>
      `"${
        chars.map(([char, escape]) =>
          escape
            ? char.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")
            : JSON.stringify(char).slice(1, -1)
        ).join("")
      }"`
  )

const literal = fc.oneof(
  quoted,
  fc.constantFrom("1e3", "12345678901234567890", "-0.0", "1E-7", "true", "false", "null", "0")
)

const joined = (open: string, parts: ReadonlyArray<string>, empty: string, close: string): string =>
  open + (parts.length === 0 ? empty : parts.join(",")) + close

const { value } = fc.letrec<{ value: string; padded: string; member: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    literal,
    fc.tuple(fc.array(tie("padded"), { maxLength: 3 }), space).map(([parts, empty]) => joined("[", parts, empty, "]")),
    fc.tuple(fc.array(tie("member"), { maxLength: 3 }), space).map(([parts, empty]) => joined("{", parts, empty, "}"))
  ),
  padded: fc.tuple(space, tie("value"), space).map((parts) => parts.join("")),
  member: fc.tuple(space, quoted, space, tie("padded")).map(([a, key, b, padded]) => `${a}${key}${b}:${padded}`)
}))

const names = ["a", "b", "mode", "sts_token", "\"", "é"]

const spelled = (name: string, escape: boolean): string =>
  escape
    ? `"${name.split("").map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`
    : JSON.stringify(name)

const written: fc.Arbitrary<Written> = fc.record({
  before: space,
  name: fc.constantFrom(...names),
  escape: fc.boolean(),
  colon: fc.tuple(space, space),
  value,
  after: space
}).map(({ after, before, colon: [left, right], escape, name, value }) => ({
  before,
  name,
  key: `${before}${spelled(name, escape)}${left}:${right}`,
  value,
  after
}))

const target = fc.record({ members: fc.array(written, { maxLength: 5 }), empty: space })

const changes = fc.dictionary(
  fc.constantFrom(...names),
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean()
  ),
  { maxKeys: 5, noNullPrototype: true }
)

const surroundings = fc.record({
  bom: fc.constantFrom("", "\uFEFF"),
  space: fc.tuple(space, space, space),
  others: fc.array(value, { maxLength: 3 }),
  first: value,
  last: value
})

const document = fc.record({ surroundings, target, changes }).map(({ changes, surroundings, target }) => {
  const { bom, first, last, others, space: [a, b, c] } = surroundings
  const index = others.length
  const prefix = `${bom}${a}{"first":${first},${b}"profiles":[${others.map((text) => `${text},`).join("")}${c}`
  const suffix = `${b},${last}],${c}"last":${last}}${a}`
  const render = (members: ReadonlyArray<Written>): string =>
    joined("{", members.map(({ after, key, value }) => key + value + after), target.empty, "}")
  return { prefix, suffix, path: ["profiles", index], changes, members: target.members, render }
})

describe("setMembers on documents of any form", () => {
  it.prop(
    "gives what the parsed document with these members would be, and the same when repeated",
    [document],
    ([generated]) => {
      const { changes, members, path, prefix, render, suffix } = generated
      const text = prefix + render(members) + suffix
      const expected = JSON.parse(text.replace(/^\uFEFF/, "")) as { profiles: Array<Record<string, unknown>> }
      Object.assign(expected.profiles[path[1] as number] ?? {}, JSON.parse(JSON.stringify(changes)))
      const once = edit(text, path, changes)
      assert.deepStrictEqual(JSON.parse(once.replace(/^\uFEFF/, "")), expected)
      assert.strictEqual(edit(once, path, changes), once)
    },
    { fastCheck: { numRuns: 500 } }
  )

  it.prop("changes no character outside the values it sets and the members it adds", [document], ([generated]) => {
    const { changes, members, path, prefix, render, suffix } = generated
    const once = edit(prefix + render(members) + suffix, path, changes)
    const replaced = members.map((member, index): Written => {
      const isLast = members.map(({ name }) => name).lastIndexOf(member.name) === index
      return isLast && Object.hasOwn(changes, member.name)
        ? { ...member, value: JSON.stringify(changes[member.name]) }
        : member
    })
    const rendered = render(replaced)
    const added = Object.keys(changes).some((name) => !members.some((member) => member.name === name))
    if (!added) {
      assert.strictEqual(once, prefix + rendered + suffix)
      return
    }
    // All additions are in one place: after the last value, or at the start of an empty object.
    const kept = members.length === 0 ? 1 : rendered.length - (replaced.at(-1)?.after.length ?? 0) - 1
    const start = prefix + rendered.slice(0, kept)
    const end = rendered.slice(kept) + suffix
    assert.isTrue(once.startsWith(start))
    assert.isTrue(once.endsWith(end))
    assert.isAbove(once.length, start.length + end.length)
  }, { fastCheck: { numRuns: 500 } })

  it.prop("never throws, and tells nothing of a text that it rejects", [
    fc.string({ unit: "binary" }),
    fc.array(fc.oneof(fc.string(), fc.integer()))
  ], ([text, path]) => {
    const result = setMembers(text, path, { a: 1 })
    if (Either.isLeft(result)) assert.include(["not valid JSON", "the object to change is not in it"], result.left)
  })
})
