import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { Cli, profiles, withCli, world } from "./utils/world.ts"

const halfSet = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tHalf", ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }

describe.concurrent("pipes", () => {
  withCli(world(), (test) => {
    test("get all of a long answer, also when it ends with an exit code other than 0", () =>
      Effect.gen(function*() {
        const { home, run, tool } = yield* Cli
        const broken = Array.from({ length: 600 }, (_, index) => ({
          name: `broken-${index}`,
          mode: "ChainableRamRoleArn",
          source_profile: `missing-${index}`
        }))
        const { code, out } = yield* run([...tool, "doctor", "--format", "json"], {
          env: { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" },
          home: home({ current: "broken-0", profiles: broken })
        })
        assert.strictEqual(code, 1)
        assert.isAbove(out.length, 100_000)
        assert.isFalse((JSON.parse(out) as { readonly resolved: boolean }).resolved)
      }))

    test("whose reader has gone do not end the command that exec runs", () =>
      Effect.gen(function*() {
        const { home, run, tool } = yield* Cli
        const noReader = ["bash", "-c", "exec 2> >(exit 0); sleep 0.5; \"$@\"", "bash"]
        const { code, out } = yield* run([
          ...noReader,
          ...tool,
          "exec",
          "--no-strict",
          "--",
          "sh",
          "-c",
          "sleep 0.5; echo done; exit 7"
        ], {
          env: halfSet,
          home: home({ current: "deploy", profiles })
        })
        assert.strictEqual(out, "done\n")
        assert.strictEqual(code, 7)
      }))
  })
})
