import { assert, describe, it } from "@effect/vitest"
import { Either, FastCheck as fc } from "effect"
import { appendObject, removeMembers } from "../../../src/internal/login/jsonEdit.ts"

const rightOf = (result: Either.Either<string, string>): string =>
  Either.getOrElse(result, (issue) => `issue: ${issue}`)

const added = { name: "b", count: 1 }

const appended: ReadonlyArray<readonly [before: string, after: string]> = [
  ["{\"p\":[]}", "{\"p\":[{\"name\":\"b\",\"count\":1}]}"],
  ["{\"p\": [{\"name\": \"a\"}]}", "{\"p\": [{\"name\": \"a\"}, {\"name\": \"b\", \"count\": 1}]}"],
  ["{\n\t\"p\": []\n}", "{\n\t\"p\": [\n\t\t{\n\t\t\t\"name\": \"b\",\n\t\t\t\"count\": 1\n\t\t}\n\t]\n}"],
  [
    "{\r\n  \"p\": [\r\n    {\r\n      \"name\": \"a\"\r\n    }\r\n  ]\r\n}\r\n",
    "{\r\n  \"p\": [\r\n    {\r\n      \"name\": \"a\"\r\n    },\r\n    {\r\n      \"name\": \"b\",\r\n      \"count\": 1\r\n    }\r\n  ]\r\n}\r\n"
  ],
  [
    "{\n  \"p\": [\n    {\"name\":\"a\"}\n  ]\n}",
    "{\n  \"p\": [\n    {\"name\":\"a\"},\n    {\"name\": \"b\", \"count\": 1}\n  ]\n}"
  ],
  ["{\"q\":1}", "issue: there is no array p in it"],
  ["{\"p\":", "issue: not valid JSON"]
]

const removed: ReadonlyArray<readonly [before: string, after: string]> = [
  ["{\"a\":1,\"b\":2,\"c\":3}", "{\"b\":2}"],
  ["{\"a\":1}", "{}"],
  ["{ \"b\" : 2 }", "{ \"b\" : 2 }"],
  ["{\n  \"a\": 1,\n  \"b\": 2,\n  \"c\": [3]\n}", "{\n  \"b\": 2\n}"],
  ["{\"b\":1, \"a\":1, \"a\":2}", "{\"b\":1}"]
]

describe("changes of profiles", () => {
  it("adds an object as those before it are written", () => {
    for (const [before, after] of appended) assert.strictEqual(rightOf(appendObject(before, "p", added)), after)
  })

  it("removes members, the last one and the first one, too", () => {
    for (const [before, after] of removed) assert.strictEqual(rightOf(removeMembers(before, [], ["a", "c"])), after)
  })

  const member = fc.tuple(fc.constantFrom("a", "b", "c", "d"), fc.jsonValue())
  const object = fc.array(member, { maxLength: 5 }).map((members) => Object.fromEntries(members))
  const indent = fc.constantFrom(undefined, 1, 2, "\t")

  it("does to any document what it does to its value", () => {
    fc.assert(fc.property(fc.array(object, { maxLength: 4 }), indent, (profiles, indent) => {
      const text = JSON.stringify({ x: "]", profiles, y: {} }, null, indent)
      const all = rightOf(appendObject(text, "profiles", added))
      assert.deepStrictEqual(JSON.parse(all).profiles, [...JSON.parse(text).profiles, added])
      const without = rightOf(removeMembers(all, ["profiles", 0], ["a", "c"]))
      const { a: _, c: __, ...rest } = JSON.parse(all).profiles[0]
      assert.deepStrictEqual(JSON.parse(without).profiles[0], rest)
    }))
  })
})
