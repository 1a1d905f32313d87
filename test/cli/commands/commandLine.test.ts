import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cli } from "../../kit/cli.ts"
import { offCloud, pair, profiles, roleArn, world } from "./utils/laptop.ts"

describe("the command line", () => {
  it.effect("has colours on a terminal only, and none with NO_COLOR", () =>
    Effect.gen(function*() {
      const escape = "\u001b["
      assert.include((yield* cli(["get"], { env: pair, columns: 80 })).out, escape)
      assert.notInclude((yield* cli(["get"], { env: pair })).out, escape)
      assert.notInclude((yield* cli(["get"], { env: { ...pair, NO_COLOR: "1" }, columns: 80 })).out, escape)
      assert.notInclude((yield* cli(["get", "--help"])).out, escape)
    }))

  it.effect("fits tables to the width of the terminal", () =>
    Effect.gen(function*() {
      const arn = "acs:ram::1234567890123456:role/a-role-with-a-name-that-does-not-fit-into-forty-columns"
      const { out } = yield* cli(["whoami"], {
        env: { ...offCloud, NO_COLOR: "1" },
        files: { ".aliyun/config.json": profiles("deploy").replaceAll(roleArn, arn) },
        world: { ...world, roles: [{ arn, trustedUsers: ["laptop"] }] },
        columns: 50
      })
      for (const line of out.split("\n")) {
        assert.isAtMost(line.length, 50)
      }
      assert.include(out.replaceAll(/\s+/g, ""), "a-role-with-a-name-that-does-not-fit-into-forty-columns")
    }))

  it.effect("prints its version, its help with examples, and completion scripts", () =>
    Effect.gen(function*() {
      assert.match((yield* cli(["--version"])).out, /^\d+\.\d+\.\d+/)
      for (const command of ["get", "whoami", "doctor", "exec", "serve", "demo"]) {
        assert.include((yield* cli([command, "--help"])).out, `$ alicloud-credentials ${command}`)
        assert.include((yield* cli([])).out, command)
        assert.include((yield* cli(["--help"])).out, command)
      }
      for (const shell of ["bash", "zsh", "fish"]) {
        assert.include((yield* cli(["--completions", shell])).out, "alicloud-credentials")
      }
    }))
})
