import { CredentialsFile } from "@effect-alicloud/credentials"
import { NodePath } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { errorOf } from "../kit/leaks.ts"
import { files, noNetwork } from "../kit/world.ts"

const path = "/home/me/credentials"

const locationOf = (text: string, profileName: string) =>
  Effect.gen(function*() {
    const source = yield* CredentialsFile.make({ credentialsFile: path, profileName })
    const error = yield* errorOf(source.get)
    assert.strictEqual(error._tag, "InvalidConfig")
    return error._tag === "InvalidConfig" ? error.location : undefined
  }).pipe(Effect.provide(Layer.mergeAll(files({ [path]: text }), NodePath.layer, noNetwork)))

describe("the place of an error in the credentials file", () => {
  const file = { _tag: "File", path }
  const section = "\"a\""
  const rows: ReadonlyArray<readonly [title: string, text: string, location: object]> = [
    ["a malformed line", "[b]\n[a]\ntype = sts\ntwo words\n", { ...file, line: 4, section }],
    ["a header that is not closed", "[b]\n[a\ntype = sts\n", { ...file, line: 2, section }],
    ["a key without a value", "[a]\ntype = access_key\naccess_key_id # LTAI5t\n", {
      ...file,
      line: 3,
      section,
      fields: ["access_key_id"]
    }],
    ["the type without a value", "[a]\ntype\n", { ...file, line: 2, section, fields: ["type"] }],
    [
      "an optional key without a value",
      "[a]\npolicy\ntype = ram_role_arn\naccess_key_id = a\naccess_key_secret = b\n" +
      "role_arn = c\n",
      { ...file, line: 2, section, fields: ["policy"] }
    ],
    ["an unknown type", "[a]\n\ntype = custom\n", { ...file, line: 3, section }],
    ["a missing key", "[a]\ntype = sts\n", { ...file, section }],
    ["no such section", "[b]\ntype = sts\n", file]
  ]
  it.effect("is in the section that has the name, else in the one whose name differs in white space around it", () =>
    Effect.gen(function*() {
      const text = "[\" a \"]\ntype = custom\n[a]\ntype = other\n"
      for (const [wanted, line] of [["a", 4], [" a ", 2], ["a\t", 2]] as const) {
        assert.deepInclude(yield* locationOf(text, wanted), { line })
      }
    }))

  it.effect.each(rows)("names %s", ([, text, location]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual<unknown>(yield* locationOf(text, "a"), location)
    }))
})
