import { assert, describe, it } from "@effect/vitest"
import { Effect, FastCheck as fc, Schema } from "effect"
import { errorOf, marker } from "../../../../../test/kit/leaks.ts"
import * as secretJson from "../../../src/internal/secrecy/secretJson.ts"
import { Rfc3339 } from "../../../src/unstable/Rfc3339.ts"

const Answer = Schema.Struct({
  Code: Schema.Literal("Success"),
  Credentials: Schema.Struct({
    AccessKeyId: Schema.NonEmptyString,
    AccessKeySecret: Schema.Redacted(Schema.NonEmptyString),
    Expiration: Schema.optional(Rfc3339)
  }),
  List: Schema.optional(Schema.Array(Schema.Number))
}).annotations({ identifier: "Answer" })

const decode = secretJson.decodeText(Answer)

const credentials = { AccessKeyId: "STS.N1", AccessKeySecret: `${marker}` }

describe("text that may hold secrets", () => {
  const bad: ReadonlyArray<readonly [title: string, text: string, issues: ReadonlyArray<string>]> = [
    ["no JSON", `{"a": ${marker}`, ["not valid JSON (line 1, column 7): expected a value"]],
    ["nothing", "", ["not valid JSON (line 1, column 1): expected a value, but it ends there"]],
    ["a bare string", JSON.stringify(marker), ["the document must be an object, not string"]],
    ["null", "null", ["the document must be an object, not null"]],
    ["an array", JSON.stringify([marker]), ["the document must be an object, not array"]],
    ["an empty object", "{}", ["Code is missing", "Credentials is missing"]],
    ["another literal", JSON.stringify({ Code: marker, Credentials: credentials }), [
      "Code must be \"Success\", not string"
    ]],
    ["a string for an object", JSON.stringify({ Code: "Success", Credentials: marker }), [
      "Credentials must be an object, not string"
    ]],
    [
      "a secret that is an array",
      JSON.stringify({ Code: "Success", Credentials: { ...credentials, AccessKeySecret: [marker] } }),
      [
        "Credentials.AccessKeySecret must be a string, not array"
      ]
    ],
    [
      "a secret that is empty",
      JSON.stringify({ Code: "Success", Credentials: { ...credentials, AccessKeySecret: "" } }),
      [
        "Credentials.AccessKeySecret must be a non empty string"
      ]
    ],
    [
      "a secret where a time should be",
      JSON.stringify({ Code: "Success", Credentials: { ...credentials, Expiration: marker } }),
      [
        "Credentials.Expiration must be a time such as 2026-01-02T03:04:05Z"
      ]
    ],
    ["several mistakes", JSON.stringify({ Code: 1, Credentials: { AccessKeyId: null } }), [
      "Code must be \"Success\", not number",
      "Credentials.AccessKeyId must be a string, not null",
      "Credentials.AccessKeySecret is missing"
    ]],
    ["a list with a wrong item", JSON.stringify({ Code: "Success", Credentials: credentials, List: [1, marker] }), [
      "List[1] must be a number, not string"
    ]]
  ]
  for (const [title, text, issues] of bad) {
    it.effect(`${title}: only names, expectations and types come out`, () =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* errorOf(decode(text)), issues)
      }))
  }

  it.effect("a byte order mark and unknown fields do no harm", () =>
    Effect.gen(function*() {
      const text = `\uFEFF${JSON.stringify({ Code: "Success", Credentials: credentials, More: { [marker]: marker } })}`
      assert.strictEqual((yield* decode(text)).Credentials.AccessKeyId, "STS.N1")
    }))

  const secret = fc.constantFrom(marker, `${marker}\n`, `"${marker}"`, `${marker}${"x".repeat(500)}`)
  const document = fc.letrec<{ readonly value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      secret,
      fc.constantFrom(null, true, 1.5, ""),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.record({ Code: tie("value"), Credentials: tie("value"), List: tie("value") }, { requiredKeys: [] }),
      fc.record({ AccessKeyId: tie("value"), AccessKeySecret: tie("value"), Expiration: tie("value") }, {
        requiredKeys: []
      }),
      fc.dictionary(secret, tie("value"), { maxKeys: 2 })
    )
  })).value

  it.prop("whatever the document is, nothing of it comes out", [document, fc.nat(60)], ([value, cut]) => {
    const text = JSON.stringify(value)
    for (const document of [text, text.slice(0, cut)]) {
      const outcome = Effect.runSync(Effect.either(decode(document)))
      if (outcome._tag === "Left") {
        assert.notInclude(outcome.left.join("\n"), marker)
      }
    }
  }, { fastCheck: { numRuns: 500 } })
})
