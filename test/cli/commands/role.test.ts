import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { readDuration } from "../../../packages/cli/src/internal/role.ts"
import { cli } from "../../kit/cli.ts"
import { makeFolder } from "./utils/doctor.ts"
import { laptop, offCloud, roleArn, world } from "./utils/laptop.ts"

const auditArn = "acs:ram::6543210987654321:role/audit"

/** The role audit may be assumed by the user of the profile plain, and only with its external id and source identity. */
const given = {
  ...laptop("plain"),
  world: {
    ...world,
    roles: [...world.roles, { arn: auditArn, trustedUsers: ["laptop"], externalId: "e-1", sourceIdentity: "alice" }]
  }
}

const onTop = ["--role-arn", auditArn, "--external-id", "e-1", "--source-identity", "alice"]

const policy = JSON.stringify({ Version: "1", Statement: [] })

describe("--role-arn", () => {
  it.effect("assumes one more role on top of what was found, for every command that hands it on", () =>
    Effect.gen(function*() {
      const got = yield* cli(["get", "-f", "json", ...onTop], given)
      assert.strictEqual(got.err, "")
      assert.include(JSON.parse(got.out), {
        type: "ram_role_arn",
        providerName: "ram_role_arn/default/cli_profile/static_ak"
      })
      const who = yield* cli(["whoami", "-p", "plain", ...onTop, "--role-session-name", "nightly"], given)
      assert.include(who.out, "acs:ram::6543210987654321:assumed-role/audit/nightly")
      assert.include((yield* cli(["get", "-f", "uri", ...onTop], given)).out, "\"SecurityToken\"")
      const script = "process.exitCode = process.env.ALIBABA_CLOUD_SECURITY_TOKEN ? 7 : 1"
      assert.strictEqual(
        (yield* cli(["exec", "--static", ...onTop, "--", process.execPath, "-e", script], given)).code,
        7
      )
    }))

  it.effect("is explained by doctor, whether the role can be assumed or not", () =>
    Effect.gen(function*() {
      const right = yield* cli(["doctor", "-p", "plain", ...onTop], given)
      assert.strictEqual(right.code, 0)
      assert.match(right.out, /^Using profile "plain" \(role audit, account 6543210987654321\)\n/)
      assert.match(right.out, /ok +role +acs:ram::6543210987654321:role\/audit: profile "plain" may assume it/)
      assert.match(right.out, /CliProfile +used/)
      const wrong = yield* cli(["doctor", "-p", "plain", "--role-arn", auditArn, "--format", "json"], given)
      assert.strictEqual(wrong.code, 1)
      const { checks, fixes, identity, resolved } = JSON.parse(wrong.out)
      assert.deepStrictEqual([identity, resolved], [undefined, false])
      const { fix, level, message } = checks.find(({ check }: { readonly check: string }) => check === "role")
      assert.strictEqual(level, "error")
      assert.match(message, /^profile "plain" cannot assume it: AssumeRole was refused \(HTTP 403, code NoPermission/)
      assert.deepStrictEqual(fixes, [fix])
    }))

  it.effect("goes on from a profile that assumes a role itself, with the endpoint of the environment", () =>
    Effect.gen(function*() {
      const chained = {
        ...laptop("deploy"),
        env: { ...offCloud, ALIBABA_CLOUD_STS_REGION: "cn-shanghai" },
        world: { ...world, roles: [...world.roles, { arn: auditArn, trustedRoles: [roleArn] }] }
      }
      const { cloud, code, err } = yield* cli(["get", "--role-arn", auditArn], chained)
      assert.deepStrictEqual({ code, err }, { code: 0, err: "" })
      assert.deepStrictEqual((yield* cloud.journal).map(({ host }) => host), [
        "sts.cn-shanghai.aliyuncs.com",
        "sts.cn-shanghai.aliyuncs.com"
      ])
    }))

  it.live("sends policy and duration, also a policy from a file", () =>
    Effect.gen(function*() {
      const file = Path.join(makeFolder(), "policy.json")
      Fs.writeFileSync(file, policy)
      for (const value of [policy, `file://${file}`]) {
        const { code, err, out } = yield* cli(
          ["get", "-f", "json", ...onTop, "--policy", value, "--duration", "15m"],
          given
        )
        assert.strictEqual(code, 0, err)
        const left = Date.parse((JSON.parse(out) as { expiration: string }).expiration) - Date.now()
        assert.isTrue(left > 800_000 && left <= 901_000, `${left}`)
      }
      const long = JSON.stringify({ Version: "1", Statement: "x".repeat(2048) })
      assert.include((yield* cli(["get", ...onTop, "--policy", long], given)).err, "InvalidParameter.PolicySize")
      const missing = yield* cli(["get", ...onTop, "--policy", "file:///nowhere/policy.json"], given)
      assert.strictEqual(missing.code, 2)
      assert.include(missing.err, "--policy cannot be read from /nowhere/policy.json: it does not exist.")
    }))

  it.effect("fails when the role is refused, and never goes on to another source", () =>
    Effect.gen(function*() {
      const { cloud, code, err, out } = yield* cli(["get", "--role-arn", auditArn], given)
      assert.deepStrictEqual({ code, out }, { code: 1, out: "" })
      assert.include(err, "NoPermission")
      assert.deepStrictEqual((yield* cloud.journal).map(({ endpoint }) => endpoint), ["sts.AssumeRole"])
    }))

  it.effect("warns of a source that was passed over below it, unless the chain is strict", () =>
    Effect.gen(function*() {
      const half = { ...given, env: { ...offCloud, ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tHalf" } }
      const { code, err } = yield* cli(["get", ...onTop], half)
      assert.strictEqual(code, 0)
      assert.match(err, /^warning: the environment variables cannot be used/)
      const strict = yield* cli(["get", "-f", "env", ...onTop], half)
      assert.strictEqual(strict.code, 1)
      assert.include(strict.err, "--no-strict")
    }))
})

describe("--duration", () => {
  it("takes seconds, minutes and hours from 15 minutes to 12 hours", () => {
    assert.deepStrictEqual(["900", "900s", "15m", "1h", "12h", "43200"].map(readDuration), [
      900,
      900,
      900,
      3600,
      43_200,
      43_200
    ])
    for (const text of ["899", "14m", "13h", "43201", "0", "-900", "1d", "1.5h", "an hour", "9000000"]) {
      assert.isUndefined(readDuration(text), text)
    }
  })
})
