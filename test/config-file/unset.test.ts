import * as CliConfigProfile from "@effect-alicloud/credentials/unstable/CliConfigProfile"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit } from "effect"
import { fileOf, minimal, optional, plain, resolve } from "../kit/profileWorld.ts"

/** What the tools that write the file put in the place of a value that is not set. */
const unset: ReadonlyArray<unknown> = [0, "", false, null, " \t\n"]

const fields = [...new Set(CliConfigProfile.Profile.members.flatMap(({ fields }) => Object.keys(fields)))]

/** The outcome of a profile and everything that was asked on the way. */
const storyOf = (profile: Readonly<Record<string, unknown>>) =>
  Effect.map(resolve(fileOf(profile)), ({ commands, exit, sent }) => ({
    outcome: Exit.match(exit, { onFailure: (cause) => Cause.pretty(cause).split("\n")[0], onSuccess: plain }),
    found: Exit.isSuccess(exit),
    sent,
    commands
  }))

const without = (
  profile: Readonly<Record<string, unknown>>,
  field: string
): Readonly<Record<string, unknown>> => Object.fromEntries(Object.entries(profile).filter(([name]) => name !== field))

describe("a field that a tool has written as not set", () => {
  for (const mode of CliConfigProfile.modes) {
    it.effect(`is the same as no field, in mode ${mode}`, () =>
      Effect.gen(function*() {
        const profile = { mode, ...minimal[mode] }
        const whole = yield* storyOf(profile)
        assert.isTrue(whole.found, String(whole.outcome))
        for (const field of ["mode", ...Object.keys(minimal[mode] ?? {}), ...optional[mode] ?? []]) {
          const absent = yield* storyOf(without(profile, field))
          if (!Object.hasOwn(profile, field)) assert.deepStrictEqual(absent, whole)
          for (const value of unset) {
            const title = `${field}: ${JSON.stringify(value)}`
            assert.deepStrictEqual(yield* storyOf({ ...profile, [field]: value }), absent, title)
          }
        }
      }), 60_000)

    it.effect(`does not matter when all other fields are written so, in mode ${mode}`, () =>
      Effect.gen(function*() {
        const profile = { mode, ...minimal[mode] }
        const whole = yield* storyOf(profile)
        for (const value of unset) {
          const others = Object.fromEntries(fields.map((field) => [field, value]))
          assert.deepStrictEqual(yield* storyOf({ ...others, ...profile }), whole)
        }
      }))
  }

  it.effect("a field that is needed is said to be missing", () =>
    Effect.gen(function*() {
      for (const value of unset) {
        const { outcome } = yield* storyOf({ mode: "AK", ...minimal["AK"], access_key_secret: value })
        assert.include(String(outcome), "access_key_secret is missing")
      }
    }))

  it.effect("a current profile that is not set is no current profile", () =>
    Effect.gen(function*() {
      for (const current of unset) {
        const profiles = [{ name: "default", mode: "AK", ...minimal["AK"] }]
        const { exit } = yield* resolve(JSON.stringify({ current, profiles }))
        assert.isTrue(Exit.isSuccess(exit), JSON.stringify(current))
      }
    }))
})
