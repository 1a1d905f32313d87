/** What `doctor` says on machines as they are, from the first line to what to fix, at every width of a terminal. */
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, TestClock } from "effect"
import { stripVTControlCharacters } from "node:util"
import { render } from "../../../packages/cli/src/doctor/renderReport.ts"
import { tilde as tildeOf } from "../../../packages/cli/src/internal/screen.ts"
import type { Given } from "../../kit/cli.ts"
import { cli } from "../../kit/cli.ts"
import { driveWithin } from "../../kit/drive.ts"
import { cloud, config, configFile, decode, now, offCloud, oidc, pair, plain, roleArn } from "./utils/doctor.ts"

interface Screen {
  readonly env?: Given["env"]
  readonly files?: Given["files"]
  readonly world?: WorldInput
  readonly code: 0 | 1
  readonly title: string
  /** Everything to fix, in order. */
  readonly fixes: ReadonlyArray<string>
  /** What else must be there. */
  readonly shows?: ReadonlyArray<string>
}

/** Longer than the pauses between two attempts, shorter than any time-out. */
const drive = driveWithin(500)

const account = "account 1234567890123456"

const unusable = "No usable credentials found."

const setClock = "Correct this machine's clock, best with a time service (NTP)."

const reach =
  "Check the network connection to https://sts.aliyuncs.com. Behind a proxy set HTTPS_PROXY; another endpoint can be set with ALIBABA_CLOUD_STS_ENDPOINT."

const deploy = { ...plain, name: "deploy", mode: "RamRoleArn", ram_role_arn: roleArn, ram_session_name: "laptop" }

const withRole: WorldInput = { ...cloud, roles: [{ arn: roleArn }] }

const withDeploy = { files: config([deploy], "deploy"), world: withRole }

const stsDown: WorldInput = { ...withRole, faults: [{ endpoint: "sts", kind: "refuse" }] }

const login = {
  name: "staging",
  mode: "CloudSSO",
  access_token: "s3cr3t",
  cloud_sso_access_token_expire: now - 7200,
  cloud_sso_sign_in_url: "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
  cloud_sso_account_id: "1234567890123456",
  cloud_sso_access_config: "ac-1"
}

const wrongKey = (profile: object, users: NonNullable<WorldInput["users"]> = cloud.users) => ({
  files: config([{ ...plain, ...profile }]),
  world: { users }
})

const ofPlain = `profile "plain" in ~/${configFile}`

const screens: Readonly<Record<string, Screen>> = {
  "nothing is configured": {
    code: 1,
    title: unusable,
    fixes: [
      "Nothing is configured. Run `alicloud-credentials login` or `aliyun configure`, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET; on ECS attach a RAM role, in a pod enable RRSA."
    ]
  },
  "only the keys of other tools are set": {
    env: { ALICLOUD_ACCESS_KEY: "LTAI5tOther", ALICLOUD_SECRET_KEY: "s3cr3t", OSS_SESSION_TOKEN: "s3cr3t" },
    code: 1,
    title: unusable,
    fixes: [
      "Set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET to the values of ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY, which only other tools read."
    ],
    shows: [
      "info  variable  ALICLOUD_SECRET_KEY: only other tools read it; SDKs read ALIBABA_CLOUD_ACCESS_KEY_SECRET",
      "info  variable  OSS_SESSION_TOKEN: only other tools read it; SDKs read ALIBABA_CLOUD_SECURITY_TOKEN"
    ]
  },
  "the AccessKey is good": {
    env: pair,
    code: 0,
    title: `Using the environment variables (user example, ${account})`,
    fixes: [],
    shows: ["ARN           acs:ram::1234567890123456:user/example", "ok  clock     https://sts.aliyuncs.com: in sync"]
  },
  "a profile assumes a role": {
    ...withDeploy,
    code: 0,
    title: `Using profile "deploy" (role deploy, ${account})`,
    fixes: [],
    shows: ["expires       2026-01-02T04:04:05Z, in 60 min", `used            ~/${configFile} profile "deploy"`]
  },
  "the secret of the environment is wrong": {
    env: { ...pair, ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-old" },
    code: 1,
    title: "STS refuses the credentials of the environment variables.",
    fixes: ["Correct ALIBABA_CLOUD_ACCESS_KEY_SECRET: it does not belong to ALIBABA_CLOUD_ACCESS_KEY_ID."],
    shows: [
      "error  identity  Environment: STS refuses its credentials (HTTP 400, code SignatureDoesNotMatch, request id"
    ]
  },
  "the secret of a profile is wrong": {
    ...wrongKey({ access_key_secret: "s3cr3t-old" }),
    code: 1,
    title: "STS refuses the credentials of profile \"plain\".",
    fixes: [`Correct the AccessKey secret in ${ofPlain}: it does not belong to the AccessKey ID.`]
  },
  "the AccessKey does not exist": {
    ...wrongKey({}, []),
    code: 1,
    title: "STS refuses the credentials of profile \"plain\".",
    fixes: [`Replace the AccessKey in ${ofPlain}: it does not exist.`]
  },
  "the AccessKey is disabled": {
    ...wrongKey({}, cloud.users.map((user) => ({ ...user, active: false }))),
    code: 1,
    title: "STS refuses the credentials of profile \"plain\".",
    fixes: [`Replace the AccessKey in ${ofPlain}, or enable it in the RAM console: it is disabled.`]
  },
  "the secret of a profile with a role is wrong": {
    ...withDeploy,
    files: config([{ ...deploy, access_key_secret: "s3cr3t-old" }], "deploy"),
    code: 1,
    title: unusable,
    fixes: [
      `Correct the AccessKey secret in profile "deploy" in ~/${configFile}: it does not belong to the AccessKey ID.`
    ]
  },
  "a profile has no secret": {
    files: config([{ ...plain, access_key_secret: "" }]),
    code: 1,
    title: unusable,
    fixes: [`Add access_key_secret to ${ofPlain}.`]
  },
  "a section has no secret": {
    files: { ".alibabacloud/credentials": "[default]\ntype = access_key\naccess_key_id = LTAI5tIni\n" },
    code: 1,
    title: unusable,
    fixes: ["Add access_key_secret to section \"default\" in ~/.alibabacloud/credentials."]
  },
  "the named profile does not exist": {
    env: { ALIBABA_CLOUD_PROFILE: "plane" },
    files: config([plain]),
    code: 1,
    title: unusable,
    fixes: [`Correct ALIBABA_CLOUD_PROFILE. In ~/${configFile} there is no profile "plane"; the file has "plain".`]
  },
  "config.json is no JSON": {
    files: { [configFile]: "{ \"current\": \"default\", s3cr3t" },
    code: 1,
    title: unusable,
    fixes: [`Correct line 1, column 25, of ~/${configFile}: not valid JSON: expected a name in double quotes.`]
  },
  "a broken source is above one that works, and a neighbour is broken, too": {
    env: { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tHalf", ALIBABA_CLOUD_REGION: "'cn-hangzhou'" },
    files: config([plain, { ...plain, name: "odd", access_key_id: "" }]),
    code: 0,
    title: `Using profile "plain" (user laptop, ${account})`,
    fixes: [
      "Set ALIBABA_CLOUD_ACCESS_KEY_SECRET, or unset ALIBABA_CLOUD_ACCESS_KEY_ID.",
      `Add access_key_id to profile "odd" in ~/${configFile}.`,
      "Remove the quotes around the value of ALIBABA_CLOUD_REGION: docker --env-file, for example, keeps them."
    ]
  },
  "the login has expired": {
    files: config([login], "staging"),
    code: 1,
    title: unusable,
    fixes: [
      "Log in again: alicloud-credentials login --profile staging (or aliyun configure --profile staging --mode CloudSSO)"
    ]
  },
  "a login expires soon": {
    files: config([plain, { ...login, cloud_sso_access_token_expire: now + 1800 }]),
    code: 0,
    title: `Using profile "plain" (user laptop, ${account})`,
    fixes: [
      "Log in again: alicloud-credentials login --profile staging (or aliyun configure --profile staging --mode CloudSSO)"
    ],
    shows: [`~/${configFile} profile "staging": the login expires at 2026-01-02T03:34:05Z, in 30 min`]
  },
  "a pod has no token file": {
    env: { ...oidc, ALIBABA_CLOUD_ECS_METADATA_DISABLED: "false" },
    world: { instance: { roleName: "worker" } },
    code: 0,
    title: `Using the ECS instance role (role worker, ${account})`,
    fixes: ["OidcRoleArn: In a pod, check that RRSA is enabled for its service account."]
  },
  "the clock is an hour behind": {
    ...withDeploy,
    world: { ...withRole, clockSkewSeconds: 3600 },
    code: 0,
    title: `Using profile "deploy" (role deploy, ${account})`,
    fixes: [setClock],
    shows: ["60 min behind STS: signatures are refused, unless a program corrects the time"]
  },
  "the clock is an hour ahead, so that each session has ended": {
    ...withDeploy,
    world: { ...withRole, clockSkewSeconds: -3600 },
    code: 1,
    title: unusable,
    fixes: [setClock],
    shows: ["60 min ahead of STS: signatures are refused, unless a program corrects the time"]
  },
  "the clock is an hour ahead, and the AccessKey good": {
    env: pair,
    world: { ...cloud, clockSkewSeconds: -3600 },
    code: 0,
    title: `Using the environment variables (user example, ${account})`,
    fixes: [setClock]
  },
  "there is no network for a role": {
    ...withDeploy,
    world: stsDown,
    code: 1,
    title: unusable,
    fixes: [reach],
    shows: [
      "warning  sts          https://sts.aliyuncs.com: cannot be reached (ECONNREFUSED)",
      "unknown (STS unreachable)"
    ]
  },
  "there is no network for an AccessKey": {
    env: pair,
    world: stsDown,
    code: 1,
    title: "Using the environment variables (access_key), but STS could not check the credentials",
    fixes: [reach],
    shows: ["warning  identity  Environment: not checked, because STS cannot be reached"]
  },
  "STS has a problem of its own": {
    env: pair,
    world: { ...cloud, faults: [{ endpoint: "sts.GetCallerIdentity", kind: "throttle" }] },
    code: 1,
    title: "Using the environment variables (access_key), but STS could not check the credentials",
    fixes: ["Run doctor again later: STS gave no usable answer."]
  },
  "a bearer token has no identity at STS": {
    files: config([{ name: "plain", mode: "BearerToken", bearer_token: "s3cr3t" }]),
    code: 0,
    title: "Using profile \"plain\" (bearer)",
    fixes: [],
    shows: ["not checked: STS does not accept bearer tokens"]
  }
}

const fixesIn = (screen: string): ReadonlyArray<string> =>
  (screen.split("\nWhat to fix\n")[1] ?? "").split("\n").flatMap((line) => /^ {2}\d+\. +(.*)$/.exec(line)?.[1] ?? [])

describe("the screen of doctor", () => {
  for (const [title, screen] of Object.entries(screens)) {
    it.effect(`says what to fix where ${title}`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now * 1000)
        const { code, home, out } = yield* drive(cli(["doctor", "--format", "json"], {
          env: { ...offCloud, ...screen.env },
          files: screen.files,
          world: screen.world ?? cloud
        }))
        const report = decode(out)
        const tilde = yield* Effect.withConfigProvider(tildeOf, ConfigProvider.fromMap(new Map([["HOME", home]])))
        const at = (width: number): string =>
          stripVTControlCharacters(render(report, { width, now: now * 1000, tilde }))
        const wide = at(1000)
        assert.deepStrictEqual(
          { code, title: wide.split("\n")[0], fixes: fixesIn(wide) },
          { code: screen.code, title: screen.title, fixes: [...screen.fixes] }
        )
        for (const text of screen.shows ?? []) assert.include(wide, text)
        assert.notInclude(wide, home)
        assert.notInclude(wide, "s3cr3t")
        for (const width of [40, 60, 80, 120]) {
          for (const line of at(width).split("\n")) assert.isAtMost(line.length, width, line)
        }
      }))
  }
})
