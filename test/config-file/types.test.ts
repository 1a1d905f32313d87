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

const storedTimes: ReadonlyArray<string> = [
  "sts_expiration",
  "cloud_sso_access_token_expire",
  "oauth_access_token_expire"
]

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
        for (const field of usedBy(mode).filter((field) => !storedTimes.includes(field))) {
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

  it.effect("of a stored session's time does not matter: one that cannot be read has ended", () =>
    Effect.gen(function*() {
      const stored = { access_key_id: "STS.Stored", access_key_secret: "s3cr3t", sts_token: "s3cr3t" }
      const idWith = (sts_expiration: unknown) =>
        Effect.flatMap(
          resolve(fileOf({ mode: "OAuth", ...minimal["OAuth"], ...stored, sts_expiration })),
          ({ exit }) =>
            Effect.map(exit, (credentials) => "accessKeyId" in credentials ? credentials.accessKeyId : undefined)
        )
      for (const readable of [4_102_444_800, "4102444800", 4_102_444_800_000, "2100-01-01T00:00:00Z"]) {
        assert.strictEqual(yield* idWith(readable), "STS.Stored", String(readable))
      }
      for (const ended of [["s3cr3t"], {}, "soon", -1, 1.5, 1e300, "1e300", true]) {
        assert.strictEqual(yield* idWith(ended), "STS.Fake0001", String(ended))
      }
    }))

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
