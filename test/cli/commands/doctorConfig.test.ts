import * as NodePlatform from "@effect-alicloud/node/NodePlatform"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { SystemError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option, TestClock } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { misspelt } from "../../../packages/cli/src/doctor/checks/variables.ts"
import { diagnose } from "../../../packages/cli/src/doctor/diagnose.ts"
import type { Check } from "../../../packages/cli/src/doctor/Report.ts"
import { Machine, make, onMachine } from "../../../packages/cli/src/internal/machine.ts"
import { cli } from "../../kit/cli.ts"
import {
  config,
  configFile,
  doctor,
  fixesOf,
  levels,
  makeFolder,
  messagesOf,
  now,
  offCloud,
  oidc,
  pair,
  plain,
  roleArn
} from "./utils/doctor.ts"

describe("doctor's check of half-set pairs", () => {
  it.effect("names missing variables, also of sources that were not tried", () =>
    Effect.gen(function*() {
      const half = yield* doctor({ env: { ...offCloud, ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" } })
      assert.strictEqual(half.status("Environment"), "misconfigured")
      assert.include(fixesOf(half.checks("halfSet")), "Set ALIBABA_CLOUD_ACCESS_KEY_ID, or unset")
      const legacy = yield* doctor({ env: { ...offCloud, ALIYUN_ACCESS_KEY_ID: "LTAI5tOld" } })
      assert.include(messagesOf(legacy.checks("halfSet")), "ALIYUN_ACCESS_KEY_SECRET is not")
      const { ALIBABA_CLOUD_ROLE_ARN, ...rest } = oidc
      const pod = yield* doctor({ env: { ...pair, ...offCloud, ...rest } })
      assert.include(messagesOf(pod.checks("halfSet", "OidcRoleArn")), "ALIBABA_CLOUD_ROLE_ARN is not")
      const job = yield* doctor({
        env: { ...offCloud, ALIBABA_CLOUD_ROLE_ARN: "r", ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "p" }
      })
      assert.include(
        fixesOf(job.checks("halfSet", "OidcRoleArn")),
        "or, in CI and on other clouds, ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM, or unset"
      )
      const role = yield* doctor({ env: { ...pair, ...offCloud, ALIBABA_CLOUD_ROLE_ARN } })
      assert.deepStrictEqual(levels(role.checks("halfSet", "OidcRoleArn")), ["info"])
      const token = yield* doctor({ env: { ...offCloud, ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t" } })
      assert.include(messagesOf(token.checks("halfSet")), "not used without ALIBABA_CLOUD_ACCESS_KEY_ID")
    }))

  it.effect("says nothing of whole ones", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({
        env: { ...pair, ...offCloud, ...oidc, ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t" }
      })
      assert.deepStrictEqual(checks("halfSet"), [])
    }))
})

describe("doctor's check of profiles", () => {
  const role = (name: string, source: string) => ({
    name,
    mode: "ChainableRamRoleArn",
    source_profile: source,
    ram_role_arn: roleArn
  })

  it.effect("finds nothing in a good file", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({ env: offCloud, files: config([plain, role("a", "plain"), role("b", "a")]) })
      assert.deepStrictEqual(levels(checks("profiles")), ["ok"])
    }))

  it.effect("finds cycles, missing sources, duplicates and broken profiles also where they are not used", () =>
    Effect.gen(function*() {
      const { checks, code } = yield* doctor({
        env: offCloud,
        files: config([
          plain,
          role("a", "b"),
          role("b", "c"),
          role("c", "a"),
          role("into", "a"),
          role("lost", "gone"),
          plain,
          { name: "number", mode: "AK", access_key_id: ["s3cr3t"] },
          { name: "odd", mode: "Odd" }
        ])
      })
      assert.strictEqual(code, 0)
      const found = checks("profiles")
      assert.deepStrictEqual([...new Set(levels(found))], ["warning"])
      assert.strictEqual(messagesOf(found).split("leads back to itself").length, 2)
      assert.include(messagesOf(found), "\"a\" -> \"b\" -> \"c\" -> \"a\"")
      assert.include(messagesOf(checks("profiles", "\"lost\"")), "\"gone\", which does not exist")
      assert.include(messagesOf(found), "2 profiles are named \"plain\": only the first is used")
      assert.include(messagesOf(checks("profiles", "\"number\"")), "access_key_id must be a string, not array")
      assert.include(messagesOf(checks("profiles", "profile \"odd\"")), "not one of AK, StsToken")
    }))

  it.effect("finds a profile by its name without white space around it", () =>
    Effect.gen(function*() {
      const { checks, status } = yield* doctor({
        env: { ...offCloud, ALIBABA_CLOUD_PROFILE: "a" },
        files: config([{ ...plain, name: "plain " }, role(" a", "plain"), role("b", "plain "), role("c", "b ")])
      })
      assert.deepStrictEqual(levels(checks("profiles")), ["ok"])
      assert.notStrictEqual(status("CliProfile"), "misconfigured")
    }))

  it.effect("calls a profile that only the credentials file has absent, not broken", () =>
    Effect.gen(function*() {
      const section = "[ini]\ntype = access_key\naccess_key_id = LTAI5tIni\naccess_key_secret = s3cr3t-ini\n"
      const given = (name: string) => ({
        env: { ...offCloud, ALIBABA_CLOUD_PROFILE: name },
        files: { ...config([plain]), ".alibabacloud/credentials": section }
      })
      const there = yield* doctor(given("ini"))
      assert.strictEqual(there.status("CliProfile"), "notConfigured")
      assert.strictEqual(there.status("CredentialsFile"), "won")
      const { out } = yield* cli(["doctor"], given("gone"))
      assert.include(out.replace(/\s+/g, " "), "no profile \"gone\"; the file has \"plain\";")
      assert.include(out.replace(/\s+/g, " "), "credentials has \"ini\"")
    }))

  it.effect("says where a file is not valid JSON, and does not tell to write it anew", () =>
    Effect.gen(function*() {
      const text = "{\"current\": \"a\", // s3cr3t\n\"profiles\": []}"
      const { out } = yield* cli(["doctor"], { env: offCloud, files: { ".aliyun/config.json": text } })
      assert.include(out, "config.json, line 1, column 18: not valid JSON: expected a name in double quotes")
      assert.notInclude(out.split("What to fix")[1] ?? "", "aliyun configure")
    }))

  it.effect("names every profile that lacks a field", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({ env: offCloud, files: config([plain, { name: "half", mode: "OIDC" }]) })
      assert.include(
        messagesOf(checks("profiles", "\"half\"")),
        "oidc_provider_arn is missing; oidc_token_file is missing"
      )
    }))

  it.effect("says where a configuration is wrong as data", () =>
    Effect.gen(function*() {
      const { home, report } = yield* doctor({
        env: { ...offCloud, ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" },
        files: config([plain, { name: "half", mode: "OIDC" }], "half")
      })
      const of = (name: string) => report.sources.find(({ source }) => source === name)
      assert.deepInclude(of("Environment"), {
        location: { _tag: "Variables", names: ["ALIBABA_CLOUD_ACCESS_KEY_ID"] }
      })
      assert.deepInclude(of("CliProfile"), {
        location: {
          _tag: "File",
          path: Path.join(home, configFile),
          profile: "\"half\"",
          fields: ["oidc_provider_arn", "oidc_token_file", "ram_role_arn"]
        },
        issues: ["oidc_provider_arn", "oidc_token_file", "ram_role_arn"].map((field) => ({
          field,
          problem: "is missing"
        }))
      })
    }))

  it.effect("calls it an error where the profile is used, and tells what to fix once", () =>
    Effect.gen(function*() {
      const given = { env: offCloud, files: config([role("a", "b"), role("b", "a")], "a") }
      const { checks, code, status } = yield* doctor(given)
      assert.strictEqual(code, 1)
      assert.strictEqual(status("CliProfile"), "misconfigured")
      assert.deepStrictEqual(levels(checks("profiles")), ["error"])
      const { out } = yield* cli(["doctor"], given)
      assert.strictEqual(out.split("What to fix")[1]?.trimEnd().split("\n").length, 2, out)
    }))
})

describe("doctor's check of logins", () => {
  const sso = (name: string, end: number) => ({
    name,
    mode: "CloudSSO",
    access_token: "s3cr3t",
    cloud_sso_access_token_expire: end,
    cloud_sso_sign_in_url: "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
    cloud_sso_account_id: "1234567890123456",
    cloud_sso_access_config: "ac-1"
  })
  const oauth = { name: "browser", mode: "OAuth", oauth_site_type: "CN", oauth_access_token: "s3cr3t" }

  it.effect("is content with logins that last, or that are refreshed", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({
        env: offCloud,
        files: config([
          plain,
          sso("long", now + 86_400),
          { ...oauth, oauth_access_token_expire: now - 10, oauth_refresh_token: "s3cr3t" }
        ])
      })
      assert.deepStrictEqual(levels(checks("login")), ["ok", "ok"])
      assert.include(messagesOf(checks("login")), "until 2026-01-03T03:04:05Z, in 24 h 0 min")
    }))

  it.effect("says of those that ended, end soon or are missing how to log in again", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({
        env: offCloud,
        files: config([
          plain,
          sso("ended", now - 7200),
          sso("soon, too", now + 600),
          { ...sso("never", 0), access_token: "" },
          { ...oauth, oauth_access_token_expire: now - 60 },
          { ...oauth, name: "over", oauth_refresh_token: "s3cr3t", oauth_refresh_token_expire: now - 60 }
        ])
      })
      assert.deepStrictEqual(checks("login").map(({ fix, level, message }) => [level, message, fix]), [
        [
          "warning",
          "the login expired at 2026-01-02T01:04:05Z, 2 h 0 min ago",
          "Log in again: alicloud-credentials login --profile ended (or aliyun configure --profile ended --mode CloudSSO)"
        ],
        [
          "warning",
          "the login expires at 2026-01-02T03:14:05Z, in 10 min",
          "Log in again: alicloud-credentials login --profile 'soon, too' (or aliyun configure --profile 'soon, too' --mode CloudSSO)"
        ],
        [
          "warning",
          "there is no login in it",
          "Log in again: alicloud-credentials login --profile never (or aliyun configure --profile never --mode CloudSSO)"
        ],
        [
          "warning",
          "the login expired at 2026-01-02T03:03:05Z, 1 min ago",
          "Log in again: alicloud-credentials login --profile browser (or aliyun configure --profile browser --mode OAuth)"
        ],
        [
          "warning",
          "the login expired at 2026-01-02T03:03:05Z, 1 min ago",
          "Log in again: alicloud-credentials login --profile over (or aliyun configure --profile over --mode OAuth)"
        ]
      ])
    }))

  it.effect("calls it an error where the profile is used", () =>
    Effect.gen(function*() {
      const { checks, status } = yield* doctor({ env: offCloud, files: config([sso("plain", now - 7200)]) })
      assert.strictEqual(status("CliProfile"), "failed")
      assert.deepStrictEqual(levels(checks("login")), ["error"])
    }))

  it.scoped("warns when a refreshed login could not be stored", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const folder = yield* Effect.acquireRelease(
        Effect.sync(makeFolder),
        (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true }))
      )
      const file = Path.join(folder, "config.json")
      const login = { ...oauth, oauth_access_token_expire: now - 60, oauth_refresh_token: "s3cr3t-refresh" }
      Fs.writeFileSync(file, JSON.stringify({ current: "browser", profiles: [login] }))
      const readOnly = Layer.effect(
        FileSystem.FileSystem,
        Effect.map(FileSystem.FileSystem, (fs) => ({
          ...fs,
          open: (path, options) =>
            options?.flag === "r"
              ? fs.open(path, options)
              : new SystemError({ reason: "PermissionDenied", module: "FileSystem", method: "open" })
        }))
      )
      const platform = Layer.mergeAll(
        Layer.provideMerge(readOnly, NodePlatform.layer),
        FakeAlicloud.layer({ oauthLogins: [{ refreshToken: "s3cr3t-refresh" }] })
      )
      const { checks, resolved } = yield* onMachine(diagnose({
        profile: Option.none(),
        source: Option.some("CliProfile"),
        strict: false,
        role: Option.none(),
        cache: false
      })).pipe(
        Effect.provideServiceEffect(Machine, make(Layer.orDie(platform))),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["ALIBABA_CLOUD_CONFIG_FILE", file]])))
      )
      assert.isTrue(resolved)
      assert.deepStrictEqual(levels(checks.filter(({ check }) => check === "login")), ["ok", "warning"])
      assert.include(messagesOf(checks), "could not be stored")
    }))
})

describe("doctor's check of variables", () => {
  const found = (names: ReadonlyArray<string>, pathDelim: string): Effect.Effect<ReadonlyArray<Check>> =>
    Effect.withConfigProvider(
      misspelt,
      ConfigProvider.fromMap(new Map(names.map((name) => [name, "s3cr3t"])), { pathDelim })
    )

  it.effect("finds names that are nearly right, however the provider splits them", () =>
    Effect.gen(function*() {
      const wrong = ["ALIBABA_CLOUD_ACCESS_KEYID", "ALIBABA_CLOUD_ACCESS_KEY_SECRETS", "ALIBABACLOUD_CREDENTIALS_URI"]
      for (const pathDelim of [".", "_"]) {
        const checks = yield* found(wrong, pathDelim)
        assert.deepStrictEqual(levels(checks), ["warning", "warning", "warning"])
        assert.include(
          fixesOf(checks),
          "ALIBABA_CLOUD_ACCESS_KEYID, rename it to ALIBABA_CLOUD_ACCESS_KEY_ID or unset it"
        )
        assert.include(fixesOf(checks), "to ALIBABA_CLOUD_CREDENTIALS_URI or")
      }
    }))

  it.effect("warns of each value in quotes, whatever the variable is for, and does not show it", () =>
    Effect.gen(function*() {
      const quoted = {
        ALIBABA_CLOUD_ACCESS_KEY_ID: "\"LTAI5tQuoted\"",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: " 's3cr3t' ",
        ALIBABA_CLOUD_PROFILE: "\"plain\"",
        ALIBABA_CLOUD_ECS_METADATA_DISABLED: "\"true\"",
        ALIBABA_CLOUD_REGION: "''"
      }
      const { checks, code, report } = yield* doctor({ env: quoted, files: config([plain]) })
      const found = checks("variable").filter(({ message }) => message.includes("quotes"))
      assert.deepStrictEqual(found.map(({ level, subject }) => [level, subject]), [
        ["warning", "ALIBABA_CLOUD_ACCESS_KEY_ID"],
        ["warning", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        ["warning", "ALIBABA_CLOUD_ECS_METADATA_DISABLED"],
        ["warning", "ALIBABA_CLOUD_PROFILE"],
        ["warning", "ALIBABA_CLOUD_REGION"]
      ])
      assert.include(fixesOf(found), "Remove the quotes around the values of ALIBABA_CLOUD_ACCESS_KEY_ID, ")
      assert.notInclude(messagesOf(found) + fixesOf(found), "Quoted")
      assert.strictEqual(code, 1)
      assert.strictEqual(report.identity?.accessKeyId, "\"LTAI5tQuoted\"")
      assert.deepStrictEqual<ReadonlyArray<unknown>>(report.fixes, [found[0]?.fix])
    }))

  it.effect("lets quotes without their partner pass, and those in the variables of other programs", () =>
    Effect.gen(function*() {
      const env = {
        ...offCloud,
        ALIBABA_CLOUD_ACCESS_KEY_ID: "\"LTAI5tExample",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: "'s3cr3t\"",
        ALIBABA_CLOUD_PROFILE: "\"",
        OTHER: "\"s3cr3t\""
      }
      assert.notInclude(messagesOf((yield* doctor({ env, files: config([plain]) })).checks("variable")), "quotes")
    }))

  it.effect("lets known names pass, those of other tools with a word, and all others", () =>
    Effect.gen(function*() {
      const right = [
        "ALIBABA_CLOUD_IMDSV1_DISABLE",
        "ALIBABA_CLOUD_ECS_METADATA",
        "ALIBABA_CLOUD_REGION",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED"
      ]
      for (const pathDelim of [".", "_"]) {
        assert.deepStrictEqual(yield* found([...right, "ALIBABA_CLOUD_SOMETHING_ELSE", "PATH"], pathDelim), [])
        assert.deepStrictEqual(yield* found(["ALICLOUD_ACCESS_KEY"], pathDelim), [])
      }
    }))
})
