import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cli } from "../../kit/cli.ts"
import { laptop, pair, world } from "./utils/laptop.ts"

describe("whoami", () => {
  it.effect("names account, ARN and type", () =>
    Effect.gen(function*() {
      const { code, out } = yield* cli(["whoami"], laptop("deploy"))
      assert.strictEqual(code, 0)
      assert.match(out, /account +1234567890123456/)
      assert.match(out, /ARN +acs:ram::1234567890123456:assumed-role\/deploy\/test/)
      const { out: json } = yield* cli(["whoami", "--format", "json", "--profile", "plain"], laptop("deploy"))
      assert.include(JSON.parse(json), { identityType: "RAMUser", providerName: "cli_profile/static_ak" })
    }))

  it.effect("warns of a wrong clock, which it corrects", () =>
    Effect.gen(function*() {
      const skewed = { ...world, clockSkewSeconds: 3600 }
      const { code, err } = yield* cli(["whoami", "--profile", "plain"], { ...laptop("plain"), world: skewed })
      assert.deepStrictEqual([code, err.split("\n").length], [0, 2])
      assert.match(
        err,
        /^warning: This machine's clock is wrong, (?:1h|59m \d+s) .*behind https:\/\/sts\.aliyuncs\.com: correct it/
      )
    }))

  it.effect("says what to do when the key is refused, and shows no secret", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* cli(["whoami"], { env: pair, world })
      assert.strictEqual(code, 1)
      assert.strictEqual(out, "")
      assert.include(err, "InvalidAccessKeyId")
      assert.notInclude(err, "s3cr3t")
    }))
})
