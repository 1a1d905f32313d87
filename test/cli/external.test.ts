import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Cli, key, profiles, reportIn, withCli, world } from "./utils/world.ts"

describe.concurrent("get --format external, as the process_command of a profile", () => {
  withCli(world(), (test) => {
    for (const side of ["official", "ours"]) {
      const read = (profile: string) =>
        Effect.gen(function*() {
          const { client, home, run, tool } = yield* Cli
          const command = [...tool, "get", "--profile", profile, "--format", "external"].join(" ")
          const shared = { name: "shared", mode: "External", process_command: command }
          const ended = yield* run([...client, side], {
            env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" },
            home: home({ current: "shared", profiles: [shared, ...profiles] })
          })
          const { failures, reads: [first] } = reportIn(ended)
          assert.deepStrictEqual(failures, [])
          assert.match(first?.providerName ?? "", /^default\/cli_profile/)
          return first
        })

      test(`gives the ${side} client a session`, () =>
        Effect.gen(function*() {
          const found = yield* read("deploy")
          assert.match(found?.accessKeyId ?? "", /^STS\./)
          assert.isNotEmpty(found?.accessKeySecret)
          assert.isNotEmpty(found?.securityToken)
        }))

      test(`gives the ${side} client a key`, () =>
        Effect.gen(function*() {
          const found = yield* read("plain")
          assert.deepStrictEqual([found?.accessKeyId, found?.accessKeySecret], [key.id, key.secret])
          assert.isTrue([undefined, ""].includes(found?.securityToken))
        }))
    }
  })
})
