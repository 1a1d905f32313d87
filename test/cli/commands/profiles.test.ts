import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { cli } from "../../kit/cli.ts"
import { roleArn } from "./utils/laptop.ts"

const now = Date.parse("2026-01-02T03:04:05Z")

const key = { access_key_id: "LTAI5tPlain", access_key_secret: "s3cr3t" }

const sso = {
  mode: "CloudSSO",
  cloud_sso_sign_in_url: "https://signin.example.com/device/login",
  cloud_sso_account_id: "1234567890123456",
  cloud_sso_access_config: "Admin",
  access_token: "s3cr3t"
}

const profiles = [
  { name: "default", mode: "AK", ...key, region_id: "cn-hangzhou" },
  { name: "deploy", mode: "RamRoleArn", ...key, ram_role_arn: roleArn, region_id: "cn-shanghai" },
  { name: "sso", ...sso, cloud_sso_access_token_expire: now / 1000 + 7200 },
  { name: "ended", ...sso, cloud_sso_access_token_expire: now / 1000 - 60 },
  { name: "laptop", mode: "OAuth", oauth_site_type: "CN", oauth_refresh_token: "s3cr3t" },
  { name: "audit", mode: "ChainableRamRoleArn", source_profile: "deploy", ram_role_arn: roleArn },
  { name: "lost", mode: "ChainableRamRoleArn", source_profile: "gone", ram_role_arn: roleArn },
  { name: "broken", mode: "RamRoleArn", ...key },
  { name: "leaky", mode: "s3cr3t/+=", region_id: "s3cr3t/+=" }
]

const file = ".aliyun/config.json"

const listing = (
  args: ReadonlyArray<string>,
  config: string = JSON.stringify({ current: "deploy", profiles }),
  given: { readonly env?: Readonly<Record<string, string>>; readonly columns?: number } = {}
) =>
  Effect.gen(function*() {
    yield* TestClock.setTime(now)
    const finished = yield* cli(["profiles", ...args], { ...given, files: { [file]: config } })
    assert.notInclude(finished.out + finished.err, "s3cr3t")
    assert.deepStrictEqual(yield* finished.cloud.journal, [])
    return finished
  })

describe("profiles", () => {
  it.effect("lists name, mode, region, role and login, and marks the current profile", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* listing([])
      assert.strictEqual(err, "")
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(out.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | ")), [
        " | profile | mode | region | role or login",
        " | default | AK | cn-hangzhou | -",
        `* deploy | RamRoleArn | cn-shanghai | ${roleArn}`,
        " | sso | CloudSSO | - | Admin in account 1234567890123456; login until 2026-01-02T05:04:05Z, in 2 h 0 min",
        " | ended | CloudSSO | - | Admin in account 1234567890123456; login expired 2026-01-02T03:03:05Z",
        " | laptop | OAuth | - | login is refreshed as needed",
        ` | audit | ChainableRamRoleArn | - | ${roleArn} from profile "deploy"`,
        ` | lost | ChainableRamRoleArn | - | ${roleArn} from profile "gone"; broken: the profile "gone" does not exist`,
        " | broken | RamRoleArn | - | broken: ram_role_arn is missing",
        out.split("\n").at(-2)!.replaceAll(/ {2,}/g, " | "),
        ""
      ])
      assert.include(out.split("\n").at(-2), "broken: mode an unprintable value is not one of")
    }))

  it.effect("prints the same as JSON", () =>
    Effect.gen(function*() {
      const { home, out } = yield* listing(["--format", "json"])
      const report = JSON.parse(out)
      assert.include(report, { file: `${home}/${file}`, current: "deploy" })
      assert.deepStrictEqual(report.profiles.slice(1, 3), [
        { name: "deploy", mode: "RamRoleArn", current: true, region: "cn-shanghai", role: roleArn },
        {
          name: "sso",
          mode: "CloudSSO",
          current: false,
          role: "Admin",
          account: "1234567890123456",
          login: { status: "valid", until: "2026-01-02T05:04:05Z" }
        }
      ])
      assert.deepStrictEqual(report.profiles[7], {
        name: "broken",
        mode: "RamRoleArn",
        current: false,
        problem: "ram_role_arn is missing"
      })
    }))

  for (const columns of [40, 60, 80, 120]) {
    it.effect(`fits ${columns} columns`, () =>
      Effect.gen(function*() {
        const { out } = yield* listing([], undefined, { columns, env: { NO_COLOR: "1" } })
        for (const line of out.split("\n")) {
          assert.isAtMost(line.length, columns)
        }
        assert.match(out, /^\* deploy/m)
        assert.match(out, /^ {2}default/m)
      }))
  }

  it.effect("says that there is no file, and succeeds", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* cli(["profiles"])
      assert.deepStrictEqual({ code, out }, { code: 0, out: "" })
      assert.match(
        err,
        /^There are no profiles: there is no file ~\/\.aliyun\/config\.json\. Run `alicloud-credentials login`/
      )
      const json = yield* cli(["profiles", "--format", "json"])
      assert.deepStrictEqual(JSON.parse(json.out).profiles, [])
    }))

  it.effect("fails where the file is broken, or was named and does not exist", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* listing([], "{ // mine\n \"profiles\": [] }")
      assert.deepStrictEqual({ code, out }, { code: 1, out: "" })
      assert.include(err, "config.json, line 1")
      const named = yield* cli(["profiles"], { env: { ALIBABA_CLOUD_CONFIG_FILE: "/nowhere/config.json" } })
      assert.strictEqual(named.code, 1)
      assert.include(named.err, "/nowhere/config.json")
    }))

  it.effect("says when a variable names another profile or switches all off, and when the current one does not exist", () =>
    Effect.gen(function*() {
      const { code, err } = yield* listing([], JSON.stringify({ current: "nosuch", profiles }), {
        env: { ALIBABA_CLOUD_PROFILE: "sso", ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true" }
      })
      assert.strictEqual(code, 0)
      assert.include(err, "The current profile \"nosuch\" does not exist.")
      assert.include(err, "ALIBABA_CLOUD_PROFILE selects the profile \"sso\"")
      assert.include(err, "warning: ALIBABA_CLOUD_CLI_PROFILE_DISABLED switches all profiles off.")
    }))
})
