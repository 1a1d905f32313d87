import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import * as Path from "node:path"
import { cli } from "../../kit/cli.ts"
import { isWindows, lacking } from "../../kit/windows.ts"
import {
  cloud,
  config,
  configFile,
  decode,
  doctor,
  fixesOf,
  ini,
  iniFile,
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

describe("doctor", () => {
  it.effect("says how to configure the selected source, and no other", () =>
    Effect.gen(function*() {
      const { out: off } = yield* cli(["doctor", "--source", "EcsRamRole"], { env: offCloud })
      assert.include(off, "1.  EcsRamRole: the instance metadata service is switched off")
      const { out: unset } = yield* cli(["doctor", "--source", "CredentialsUri"], { env: offCloud })
      assert.include(unset, "1.  CredentialsUri: ALIBABA_CLOUD_CREDENTIALS_URI is not set")
      for (const out of [off, unset]) assert.notInclude(out, "aliyun configure")
    }))

  it.effect("says who wins, from where, and what it looked at, without a secret", () =>
    Effect.gen(function*() {
      const { code, err, home, report } = yield* doctor({
        env: offCloud,
        files: config([plain, {
          ...plain,
          name: "deploy",
          mode: "ChainableRamRoleArn",
          source_profile: "plain",
          ram_role_arn: roleArn
        }], "deploy"),
        world: {
          users: [{ name: "laptop", accessKeyId: "LTAI5tPlain", accessKeySecret: "s3cr3t-plain" }],
          roles: [{ arn: roleArn, trustedUsers: ["laptop"] }]
        }
      })
      assert.strictEqual(code, 0)
      assert.strictEqual(err, "")
      assert.isTrue(report.resolved)
      assert.strictEqual(report.identity?.providerName, "default/cli_profile/ram_role_arn/static_ak")
      assert.match(report.identity?.accessKeyId ?? "", /^STS\./)
      assert.strictEqual(report.identity?.expiration, "2026-01-02T04:04:05Z")
      const file = { kind: "file", path: `${home}/${configFile}`, exists: true }
      assert.deepStrictEqual(
        report.sources[2],
        {
          source: "CliProfile",
          status: "won",
          lookedAt: [
            { ...file, at: "$.current" },
            { ...file, at: "$.profiles[1]", name: "deploy" },
            { ...file, at: "$.profiles[0]", name: "plain" }
          ],
          durationMillis: 0
        } as (typeof report.sources)[number]
      )
      assert.deepStrictEqual(report.sources.map(({ status }) => status), [
        "notConfigured",
        "notConfigured",
        "won",
        ...DefaultChain.sources.slice(3).map(() => "notAsked")
      ])
    }))

  it.effect("ends with exit code 1 and one line on the standard error when nothing resolves", () =>
    Effect.gen(function*() {
      const { code, err, report, status } = yield* doctor({ env: offCloud })
      assert.strictEqual(code, 1)
      assert.isFalse(report.resolved)
      assert.isUndefined(report.identity)
      assert.strictEqual(status("EcsRamRole"), "switchedOff")
      assert.strictEqual(err, "alicloud-credentials: No usable credentials found.\n")
      const { out } = yield* cli(["doctor"], { env: offCloud })
      assert.include(out, "aliyun configure")
      assert.include(out, "1.  Nothing is configured.")
    }))

  it.effect("fits an ordinary laptop on one screen, and says when there is nothing to fix", () =>
    Effect.gen(function*() {
      const given = { env: { ...offCloud, NO_COLOR: "1" }, files: config([plain]), columns: 80, world: cloud }
      const { err, out } = yield* cli(["doctor"], given)
      const lines = out.trimEnd().split("\n")
      assert.isAtMost(lines.length, 40, out)
      for (const line of lines) assert.isAtMost(line.length, 80)
      assert.strictEqual(lines.at(-1), "Nothing to fix.")
      assert.strictEqual(err, "")
      const broken = yield* cli(["doctor"], { ...given, files: config([]) })
      assert.isAtMost(broken.out.split("\n").length, 40, broken.out)
      assert.include(broken.out, "What to fix\n  1.  Correct ~/.aliyun/config.json: ")
    }))

  it.effect("looks at one source or one profile when that is selected", () =>
    Effect.gen(function*() {
      const given = { env: { ...pair, ...offCloud }, files: config([plain, { ...plain, name: "other" }]) }
      const one = yield* doctor(given, ["--source", "CliProfile", "--profile", "other"])
      assert.deepStrictEqual(one.report.sources.map(({ source, status }) => `${source} ${status}`), ["CliProfile won"])
      assert.deepStrictEqual(one.report.sources[0]?.lookedAt, [
        { kind: "file", path: `${one.home}/${configFile}`, exists: true, at: "$.profiles[1]", name: "other" }
      ])
      assert.strictEqual((yield* doctor(given, ["--profile", "missing"])).code, 1)
      assert.strictEqual((yield* cli(["doctor", "--strict", "--source", "Environment"], given)).code, 2)
    }))

  it.effect("tells of broken sources in the report, not in log lines", () =>
    Effect.gen(function*() {
      const given = { env: { ...offCloud, ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tHalf" }, files: config([plain]) }
      const lenient = yield* doctor(given)
      assert.strictEqual(lenient.err, "")
      assert.strictEqual(lenient.status("Environment"), "misconfigured")
      assert.strictEqual(lenient.status("CliProfile"), "won")
      const strict = yield* doctor(given, ["--strict"])
      assert.strictEqual(strict.code, 1)
      assert.strictEqual(strict.status("CliProfile"), "notAsked")
      assert.include(messagesOf(strict.checks("shadowed", "CliProfile")), "ends at Environment")
    }))
})

describe.skipIf(isWindows)(`doctor's check of permissions${lacking("file modes")}`, () => {
  const given = { env: offCloud, files: { ...config([plain]), [iniFile]: ini } }

  it.effect("accepts files that only their owner can read", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor(given)
      assert.deepStrictEqual(levels(checks("permissions")), ["ok"])
    }))

  it.live("warns of files that others can read, and of folders and token files that others can change", () =>
    Effect.gen(function*() {
      const folder = makeFolder()
      const file = (name: string, text: string, mode: number): string => {
        const path = Path.join(folder, name)
        Fs.writeFileSync(path, text)
        Fs.chmodSync(path, mode)
        return path
      }
      const key = file("key.pem", "s3cr3t", 0o640)
      const iniKey = file("ini key.pem", "s3cr3t", 0o640)
      const profiles = [{ name: "plain", mode: "RsaKeyPair", private_key: key, key_pair_name: "k" }]
      const env = {
        ...offCloud,
        ...oidc,
        ALIBABA_CLOUD_CONFIG_FILE: file("config.json", JSON.stringify({ current: "plain", profiles }), 0o644),
        ALIBABA_CLOUD_CREDENTIALS_FILE: file(
          "credentials",
          `${ini}\n[rsa]\ntwo words\nprivate_key_file = "${iniKey}" # in quotes\n`,
          0o600
        ),
        ALIBABA_CLOUD_OIDC_TOKEN_FILE: file("token", "s3cr3t-token", 0o644)
      }
      Fs.chmodSync(folder, 0o777)
      const run = (...args: ReadonlyArray<string>) =>
        Effect.map(
          cli(["doctor", "--format", "json", ...args], { env }),
          ({ out }) => decode(out).checks.filter(({ check }) => check === "permissions")
        )
      const found = yield* run()
      assert.deepStrictEqual(found.map(({ subject }) => subject), [`${folder}/config.json`, key, iniKey, folder])
      assert.include(messagesOf(found), "mode 0644")
      assert.include(fixesOf(found), `chmod 600 ${key}`)
      assert.include(fixesOf(found), `chmod go-w ${folder}`)
      assert.deepStrictEqual(yield* run("--source", "Environment"), [])
      Fs.chmodSync(env.ALIBABA_CLOUD_OIDC_TOKEN_FILE, 0o666)
      assert.include(fixesOf(yield* run()), `chmod go-w ${folder}/token`)
      Fs.rmSync(folder, { recursive: true })
    }))
})

describe("doctor's check of what is shadowed", () => {
  it.effect("names the other configured sources, and how to use the first of them", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({
        env: { ...pair, ...offCloud, ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:1/s3cr3t" },
        files: { ...config([plain]), [iniFile]: ini }
      })
      assert.deepStrictEqual(checks("shadowed").map(({ message, subject }) => [subject, message]), [
        [
          "CliProfile",
          "also configured; used if you unset ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET"
        ],
        ["CredentialsFile", "also configured; comes after the sources above"],
        ["CredentialsUri", "also configured; comes after the sources above"]
      ])
    }))

  it.effect("says nothing of sources that are not configured, and reports the error of broken ones", () =>
    Effect.gen(function*() {
      const { checks } = yield* doctor({
        env: { ...pair, ...offCloud, ...oidc },
        files: { [iniFile]: ini.replace("default", "other") }
      })
      assert.deepStrictEqual(checks("shadowed").map(({ subject }) => subject), ["OidcRoleArn"])
      assert.include(messagesOf(checks("shadowed")), "/nowhere/token: it does not exist")
    }))

  it.effect("calls none of them, starts no program and writes nothing", () =>
    Effect.gen(function*() {
      const login = {
        name: "login",
        mode: "OAuth",
        oauth_site_type: "CN",
        oauth_refresh_token: "s3cr3t-refresh",
        oauth_access_token: "s3cr3t-access",
        oauth_access_token_expire: now - 10
      }
      const folder = makeFolder()
      const file = Path.join(folder, "config.json")
      const started = Path.join(folder, "started")
      const program = { name: "program", mode: "External", process_command: `touch ${started}` }
      const env = { ...pair, ...offCloud, ALIBABA_CLOUD_CONFIG_FILE: file }
      for (const profile of [login, program]) {
        const text = JSON.stringify({ current: profile.name, profiles: [profile] })
        Fs.writeFileSync(file, text)
        const { checks, requests } = yield* doctor({ env })
        assert.deepStrictEqual(requests, ["GET sts", "POST sts.GetCallerIdentity"])
        assert.include(messagesOf(checks("shadowed", "CliProfile")), "used if")
        assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
        assert.strictEqual(Fs.readFileSync(file, "utf8"), text)
      }
      Fs.rmSync(folder, { recursive: true })
    }))

  it.effect("names the pair of the first SDK generation, and a profile variable without effect", () =>
    Effect.gen(function*() {
      const off = { ALIBABA_CLOUD_CLI_PROFILE_DISABLED: "true", ALIBABA_CLOUD_PROFILE: "staging" }
      const { checks } = yield* doctor({ env: { ...pair, ...offCloud, ...off, ALIYUN_ACCESS_KEY_ID: "LTAI5tOld" } })
      assert.include(messagesOf(checks("shadowed", "ALIYUN_ACCESS_KEY_ID")), "ignored because")
      assert.include(messagesOf(checks("variable", "ALIBABA_CLOUD_PROFILE")), "\"staging\"")
      const quiet = yield* doctor({ env: { ...pair, ...offCloud } })
      assert.deepStrictEqual(quiet.checks("shadowed"), [])
      assert.deepStrictEqual(quiet.checks("variable"), [])
    }))
})
