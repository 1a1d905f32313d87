import type { Given } from "../../../kit/cli.ts"

/** A pair in the environment. */
export const pair = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tExample", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t'quoted" }

export const session = { ...pair, ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t-token" }

export const offCloud = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }

export const roleArn = "acs:ram::1234567890123456:role/deploy"

export const profiles = (current: string): string =>
  JSON.stringify({
    current,
    profiles: [
      { name: "plain", mode: "AK", access_key_id: "LTAI5tPlain", access_key_secret: "s3cr3t-plain" },
      {
        name: "deploy",
        mode: "RamRoleArn",
        access_key_id: "LTAI5tPlain",
        access_key_secret: "s3cr3t-plain",
        ram_role_arn: roleArn,
        ram_session_name: "test"
      },
      { name: "token", mode: "BearerToken", bearer_token: "s3cr3t-bearer" },
      { name: "nobody", mode: "Anonymous" }
    ]
  })

export const world = {
  users: [{ name: "laptop", accessKeyId: "LTAI5tPlain", accessKeySecret: "s3cr3t-plain" }],
  roles: [{ arn: roleArn, trustedUsers: ["laptop"] }]
}

/** A laptop with the aliyun CLI, and the cloud that knows its user. */
export const laptop = (current: string): Given & { readonly env: Readonly<Record<string, string>> } => ({
  env: offCloud,
  files: { ".aliyun/config.json": profiles(current) },
  world
})
