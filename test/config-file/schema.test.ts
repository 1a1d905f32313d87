import * as CliConfigProfile from "@effect-alicloud/credentials/unstable/CliConfigProfile"
import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import * as NodeFs from "node:fs"
import { createRequire } from "node:module"
import { fileURLToPath } from "node:url"
import { text } from "../../packages/credentials/schema/jsonSchema.ts"
import { samples } from "./utils/samples.ts"

const file = createRequire(import.meta.url).resolve("@effect-alicloud/credentials/config.schema.json")

const schema = JSON.parse(NodeFs.readFileSync(file, "utf8")) as {
  readonly definitions: {
    readonly Profile: {
      readonly properties: Readonly<Record<string, { readonly description?: string; readonly enum?: Array<string> }>>
    }
  }
}

const validate = new Ajv({ strict: true, allErrors: true }).compile(schema)

/** Where the schema finds fault with a file. */
const faults = (config: unknown): ReadonlyArray<string> => {
  validate(config)
  return (validate.errors ?? []).map(({ instancePath }) => instancePath)
}

const profile = (fields: object): object => ({ current: "p", profiles: [{ name: "p", ...fields }] })

describe("the JSON schema of config.json", () => {
  it("is what `pnpm schema` writes", () => {
    assert.strictEqual(NodeFs.readFileSync(file, "utf8"), text, "run `pnpm schema`")
  })

  it("says in one line what each field configures", () => {
    const { properties } = schema.definitions.Profile
    assert.isAtLeast(Object.keys(properties).length, 36)
    for (const [name, { description = "" }] of Object.entries(properties)) {
      assert.match(description, /^[A-Z][^\n]{10,110}[^.\n]$/, name)
      if (/timeout|expir|seconds/.test(name) && name !== "retry_timeout") assert.include(description, "seconds", name)
    }
  })

  it("offers the modes that there are", () => {
    assert.deepStrictEqual(schema.definitions.Profile.properties["mode"]?.enum, [...CliConfigProfile.modes])
    assert.strictEqual(CliConfigProfile.modes.length, 14)
  })

  it("accepts the official samples, all together and one by one", () => {
    assert.deepStrictEqual(faults(samples), [])
    for (const profile of samples.profiles) {
      assert.deepStrictEqual(faults({ profiles: [profile] }), [], profile.name)
    }
  })

  it("accepts fields that it does not know", () => {
    assert.deepStrictEqual(
      faults({ ...profile({ mode: "AK", region_id: "cn-hangzhou", retry_count: 3, verified: true }), meta_path: "" }),
      []
    )
  })

  const wrong: ReadonlyArray<readonly [title: string, config: unknown, at: string]> = [
    ["an unknown mode", profile({ mode: "ak" }), "/profiles/0/mode"],
    ["seconds in quotes", profile({ mode: "RamRoleArn", expired_seconds: "3600" }), "/profiles/0/expired_seconds"],
    ["broken seconds", profile({ mode: "RamRoleArn", read_timeout: 1.5 }), "/profiles/0/read_timeout"],
    ["a switch in quotes", profile({ mode: "OIDC", enable_vpc: "true" }), "/profiles/0/enable_vpc"],
    [
      "a number in the place of a secret",
      profile({ mode: "AK", access_key_secret: 5 }),
      "/profiles/0/access_key_secret"
    ],
    ["a profile without a name", { profiles: [{ mode: "AK" }] }, "/profiles/0"],
    ["a file without profiles", { current: "p" }, ""],
    ["profiles that are no list", { profiles: {} }, "/profiles"]
  ]
  for (const [title, config, at] of wrong) {
    it(`finds fault with ${title}`, () => {
      assert.deepStrictEqual(faults(config), [at])
    })
  }

  it("is not generated where credentials are resolved", () => {
    const root = fileURLToPath(new URL("../../packages/credentials/src", import.meta.url))
    const users = NodeFs.readdirSync(root, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && NodeFs.readFileSync(`${root}/${name}`, "utf8").includes("JSONSchema"))
    assert.deepStrictEqual(users, [])
  })
})
