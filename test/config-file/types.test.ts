import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CliConfigProfile from "@effect-alicloud/credentials/unstable/CliConfigProfile"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { configFile, fileOf, minimal, optional, plain, resolve } from "../kit/profileWorld.ts"

const fields = [...new Set(CliConfigProfile.Profile.members.flatMap(({ fields }) => Object.keys(fields)))]

const usedBy = (mode: string): ReadonlyArray<string> => [
  "mode",
  ...Object.keys(minimal[mode] ?? {}),
  ...optional[mode] ?? []
]

/** Values of no field's type. */
const wrong: ReadonlyArray<unknown> = [["s3cr3t"], { a: "s3cr3t" }]

const storyOf = (profile: Readonly<Record<string, unknown>>) =>
  Effect.map(resolve(fileOf(profile)), ({ commands, exit, sent }) => ({
    outcome: Exit.match(exit, { onFailure: Cause.pretty, onSuccess: plain }),
    sent,
    commands
  }))

const errorOf = (profile: Readonly<Record<string, unknown>>): Effect.Effect<CredentialsError> =>
  Effect.flatMap(resolve(fileOf(profile)), ({ exit }) => Effect.orDie(Effect.flip(exit)))

describe("the type of a field of a profile", () => {
  for (const mode of CliConfigProfile.modes) {
    it.effect(`does not matter where ${mode} does not use the field`, () =>
      Effect.gen(function*() {
        const profile = { mode, ...minimal[mode] }
        const whole = yield* storyOf(profile)
        const unused = fields.filter((field) => !usedBy(mode).includes(field))
        for (const value of [...wrong, "text", "true", 7, true]) {
          const others = Object.fromEntries(unused.map((field) => [field, value]))
          assert.deepStrictEqual(yield* storyOf({ ...others, ...profile }), whole, JSON.stringify(value))
        }
      }))

    it.effect(`is wrong where ${mode} uses the field, and the error names the place`, () =>
      Effect.gen(function*() {
        for (const field of usedBy(mode)) {
          for (const value of wrong) {
            const error = yield* errorOf({ mode, ...minimal[mode], [field]: value })
            assert.isTrue(error._tag === "InvalidConfig", field)
            if (error._tag !== "InvalidConfig") return
            assert.deepStrictEqual(error.location, {
              _tag: "File",
              path: configFile,
              profile: "\"p\"",
              fields: [field]
            })
            assert.deepStrictEqual(error.issues.map((issue) => issue.field), [field])
            assert.match(error.message, new RegExp(`profile "p": ${field} must be [^,]+, not (?:array|object)\\.$`))
          }
        }
      }))
  }

  it.effect("matters with the text of a switch and of a number that the mode uses", () =>
    Effect.gen(function*() {
      const error = yield* errorOf({ mode: "OIDC", ...minimal["OIDC"], enable_vpc: "true", connect_timeout: "10" })
      assert.include(
        error.message,
        `${configFile} profile "p": enable_vpc must be a boolean, not string; connect_timeout must be a whole number`
      )
    }))

  it.effect("is told together with every field that is missing", () =>
    Effect.gen(function*() {
      const error = yield* errorOf({ mode: "RamRoleArn", access_key_id: 5 })
      assert.include(
        error.message,
        "access_key_id must be a string, not number; access_key_secret is missing; ram_role_arn is missing."
      )
    }))
})
