import type { Question, Side } from "./clients.ts"
import { oauthProfile, pair, providerArn, roleArn, uri, withProfiles } from "./cloud.ts"
import type { Fields } from "./loginWorld.ts"

type Files = Readonly<Record<string, string>>

/** Something that both clients must make the same of. */
export interface Case {
  readonly title: string
  readonly files?: Files | ((side: Side) => Files)
  readonly question?: Question
  /** Who the caller must be. */
  readonly arn: RegExp
  /** The session's name, if the case gives it one. */
  readonly sessionName?: string
}

const far = 4102444800

const role = { ram_role_arn: roleArn("open"), ram_session_name: "app-1" }

const assumed = /assumed-role\/open\/app-1$/

const keys: Fields = { name: "p", mode: "AK", ...pair }

const profile = (title: string, fields: Fields, arn: RegExp, sessionName?: string): Case => ({
  title: `a profile of mode ${title}`,
  files: { token: "s3cr3t-oidc", ...programs, ...withProfiles({ name: "p", ...fields }, { ...keys, name: "keys" }) },
  arn,
  ...(sessionName === undefined ? {} : { sessionName })
})

const programs: Files = {
  "print keys.js": "const [, , access_key_id, access_key_secret] = process.argv;\n" +
    "console.log(JSON.stringify({ mode: \"AK\", access_key_id, access_key_secret }))"
}

const profiles: ReadonlyArray<Case> = [
  profile("AK", { mode: "AK", ...pair }, /user\/ci$/),
  profile("RamRoleArn", { mode: "RamRoleArn", ...pair, ...role, expired_seconds: 900 }, assumed, "app-1"),
  profile(
    "RamRoleArn without a session name, in a region",
    { mode: "RamRoleArn", ...pair, ram_role_arn: roleArn("open"), sts_region: "cn-hangzhou" },
    /assumed-role\/open$/
  ),
  profile(
    "RamRoleArn in a region's VPC",
    { mode: "RamRoleArn", ...pair, ...role, sts_region: "cn-hangzhou", enable_vpc: true },
    assumed,
    "app-1"
  ),
  profile(
    "RamRoleArn with an endpoint",
    { mode: "RamRoleArn", ...pair, ...role, sts_endpoint: "sts.ap-southeast-1.aliyuncs.com" },
    assumed,
    "app-1"
  ),
  profile("EcsRamRole", { mode: "EcsRamRole" }, /assumed-role\/EcsRole$/),
  profile("EcsRamRole with a role", { mode: "EcsRamRole", ram_role_name: "EcsRole" }, /assumed-role\/EcsRole$/),
  profile(
    "OIDC",
    {
      mode: "OIDC",
      oidc_provider_arn: providerArn,
      oidc_token_file: "{home}/token",
      ram_role_arn: roleArn("pod"),
      ram_session_name: "app-1"
    },
    /assumed-role\/pod\/app-1$/,
    "app-1"
  ),
  profile(
    "ChainableRamRoleArn",
    { mode: "ChainableRamRoleArn", source_profile: "keys", ...role },
    assumed,
    "app-1"
  ),
  {
    title: "a profile of mode ChainableRamRoleArn that builds on another one",
    files: withProfiles(
      {
        name: "p",
        mode: "ChainableRamRoleArn",
        source_profile: "middle",
        ram_role_arn: roleArn("next"),
        ram_session_name: "app-2"
      },
      { name: "middle", mode: "ChainableRamRoleArn", source_profile: "keys", ...role },
      { ...keys, name: "keys" }
    ),
    arn: /assumed-role\/next\/app-2$/,
    sessionName: "app-2"
  },
  {
    title: "a profile of mode OAuth",
    files: (side) =>
      withProfiles(oauthProfile({
        oauth_access_token: `at-${side}`,
        oauth_refresh_token: `rt-${side}`,
        oauth_access_token_expire: far
      })),
    arn: /user\/alice$/
  },
  {
    title: "a profile of mode OAuth whose access token has ended",
    files: (side) =>
      withProfiles(oauthProfile({
        oauth_access_token: "at-gone",
        oauth_refresh_token: `rt-old-${side}`,
        oauth_access_token_expire: 1
      })),
    arn: /user\/alice$/
  },
  {
    title: "a profile of mode OAuth at the international site",
    files: (side) => withProfiles(oauthProfile({ oauth_site_type: "INTL", oauth_refresh_token: `rt-intl-${side}` })),
    arn: /user\/carol$/
  },
  profile(
    "External",
    { mode: "External", process_command: `"${process.execPath}" "{home}/print keys.js" LTAI5tOther 's3cr3t-other'` },
    /user\/other$/
  )
]

const environment: ReadonlyArray<Case> = [
  {
    title: "an AccessKey in the environment, before any file",
    files: withProfiles({ ...keys, access_key_id: "LTAI5tOther", access_key_secret: "s3cr3t-other" }),
    question: {
      env: { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tCi", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-ci" }
    },
    arn: /user\/ci$/
  },
  {
    title: "OIDC in the environment",
    files: { token: "s3cr3t-oidc" },
    question: {
      env: {
        ALIBABA_CLOUD_ROLE_ARN: roleArn("pod"),
        ALIBABA_CLOUD_OIDC_PROVIDER_ARN: providerArn,
        ALIBABA_CLOUD_OIDC_TOKEN_FILE: "{home}/token",
        ALIBABA_CLOUD_ROLE_SESSION_NAME: "app-1",
        ALIBABA_CLOUD_STS_REGION: "cn-beijing"
      }
    },
    arn: /assumed-role\/pod\/app-1$/,
    sessionName: "app-1"
  },
  {
    title: "a profile named in the environment",
    files: withProfiles({ ...keys, access_key_id: "LTAI5tNobody" }, { ...keys, name: "mine" }),
    question: { env: { ALIBABA_CLOUD_PROFILE: "mine" } },
    arn: /user\/ci$/
  },
  { title: "nothing but an instance role", arn: /assumed-role\/EcsRole$/ },
  {
    title: "nothing but an instance role that is named in the environment",
    question: { env: { ALIBABA_CLOUD_ECS_METADATA: "EcsRole" } },
    arn: /assumed-role\/EcsRole$/
  },
  {
    title: "a credentials URI in the environment",
    question: { env: { ALIBABA_CLOUD_CREDENTIALS_URI: uri, ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" } },
    arn: /assumed-role\/credentials-uri$/
  }
]

const ini = (type: string, lines: ReadonlyArray<string>, arn: RegExp): Case => ({
  title: `an INI section of type ${type}`,
  files: { ".alibabacloud/credentials": ["; mine", "[other]", "type=none", "[default]", ...lines, ""].join("\n") },
  arn
})

const iniFiles: ReadonlyArray<Case> = [
  ini("access_key", [
    "enable = true",
    "type = access_key",
    "access_key_id = LTAI5tCi",
    "access_key_secret = s3cr3t-ci"
  ], /user\/ci$/),
  ini("ecs_ram_role", ["type = ecs_ram_role", "role_name = EcsRole"], /assumed-role\/EcsRole$/),
  {
    ...ini("ram_role_arn", [
      "type = ram_role_arn",
      "access_key_id = LTAI5tCi",
      "access_key_secret = s3cr3t-ci",
      `role_arn = ${roleArn("open")}`,
      "role_session_name = app-1"
    ], assumed),
    sessionName: "app-1"
  },
  {
    title: "an INI file and section that are named in the environment",
    files: {
      "mine.ini": "[mine]\r\ntype = access_key\r\naccess_key_id = LTAI5tCi\r\naccess_key_secret = s3cr3t-ci\r\n"
    },
    question: { env: { ALIBABA_CLOUD_CREDENTIALS_FILE: "{home}/mine.ini", ALIBABA_CLOUD_PROFILE: "mine" } },
    arn: /user\/ci$/
  }
]

const config = (config: Readonly<Record<string, unknown>>, arn: RegExp, more: Partial<Case> = {}): Case => ({
  title: `Config of type ${String(config["type"])}${more.title === undefined ? "" : ` ${more.title}`}`,
  ...more,
  question: { config, ...more.question },
  arn
})

const accessKey = { accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }

const configs: ReadonlyArray<Case> = [
  config({ type: "access_key", ...accessKey }, /user\/ci$/),
  config({ type: "ram_role_arn", ...accessKey, roleArn: roleArn("open"), roleSessionName: "app-1" }, assumed, {
    sessionName: "app-1"
  }),
  config(
    {
      type: "ram_role_arn",
      ...accessKey,
      roleArn: roleArn("partner"),
      roleSessionName: "app-1",
      roleSessionExpiration: 1800,
      externalId: "ticket-1",
      policy: "{\"Version\":\"1\"}",
      stsRegionId: "cn-hangzhou",
      enableVpc: true
    },
    /assumed-role\/partner\/app-1$/,
    { title: "with everything", sessionName: "app-1" }
  ),
  config({ type: "ecs_ram_role", roleName: "EcsRole", disableIMDSv1: true }, /assumed-role\/EcsRole$/),
  config({ type: "credentials_uri", credentialsURI: uri }, /assumed-role\/credentials-uri$/),
  config(
    {
      type: "oidc_role_arn",
      roleArn: roleArn("pod"),
      oidcProviderArn: providerArn,
      oidcTokenFilePath: "{home}/token",
      stsEndpoint: "sts.cn-hangzhou.aliyuncs.com"
    },
    /assumed-role\/pod$/,
    { files: { token: "s3cr3t-oidc" } }
  )
]

export const cases: ReadonlyArray<Case> = [...profiles, ...environment, ...iniFiles, ...configs]
