/** What the command line tool prints, but for the formats of `get` that are made of the secrets. */
import { Effect } from "effect"
import { cli, type Given } from "../../kit/cli.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import type { Group, Subject } from "../subject.ts"

const roleArn = "acs:ram::1234567890123456:role/deploy"

const user = ({ text }: Secret) => ({ name: "laptop", accessKeyId: "LTAI5tLaptop", accessKeySecret: text })

/** A profile per mode, each with the secret wherever it takes one. */
const profiles = ({ text }: Secret): ReadonlyArray<Readonly<Record<string, unknown>>> => {
  const pair = { access_key_id: "LTAI5tLaptop", access_key_secret: text }
  const login = { oauth_access_token: text, oauth_refresh_token: text, sts_token: text, access_key_secret: text }
  return [
    { mode: "AK", ...pair },
    { mode: "AK", access_key_id: [text], access_key_secret: text },
    { mode: "StsToken", ...pair, sts_token: text },
    { mode: "RamRoleArn", ...pair, ram_role_arn: roleArn, ram_session_name: "test" },
    { mode: "BearerToken", bearer_token: text },
    {
      mode: "CredentialsURI",
      credentials_uri: `http://user:${encodeURIComponent(text)}@127.0.0.1:1/${text}?a=${text}`
    },
    { mode: "External", process_command: `/bin/false --password '${text.replaceAll("'", "")}'` },
    { mode: "OAuth", oauth_site_type: "CN", ...login },
    { mode: "CloudSSO", access_token: text, cloud_sso_sign_in_url: "https://signin.example", ...login },
    { mode: "RsaKeyPair", key_pair_name: "key", private_key: text }
  ]
}

const givens = (secret: Secret): ReadonlyArray<Given> => {
  const { text } = secret
  const world = { users: [user(secret)], roles: [{ arn: roleArn, trustedUsers: ["laptop"] }] }
  const off = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }
  return [
    ...profiles(secret).map((profile): Given => ({
      env: off,
      files: { ".aliyun/config.json": JSON.stringify({ current: "a", profiles: [{ name: "a", ...profile }] }) },
      world
    })),
    { env: off, files: { ".aliyun/config.json": `{"current": "a", "profiles": [${text}` }, world },
    { env: off, files: { ".alibabacloud/credentials": `[default]\ntype = access_key\n${text}\n` }, world },
    {
      env: {
        ...off,
        ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tLaptop",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: text,
        ALIBABA_CLOUD_SECURITY_TOKEN: text
      },
      world
    },
    { env: { ...off, ALIBABA_CLOUD_ACCESS_KEY_SECRET: text, ALIBABA_CLOUD_CREDENTIALS_URI: text }, world },
    {
      env: {
        ...off,
        ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:1/${encodeURIComponent(text)}`,
        HTTPS_PROXY: `http://user:${encodeURIComponent(text)}@proxy.example:3128`
      },
      world
    }
  ]
}

const commandLines = ({ text }: Secret): ReadonlyArray<ReadonlyArray<string>> => [
  ["get"],
  ["get", "--strict", "--log-level", "all"],
  ["get", "--source", "CliProfile"],
  ["whoami"],
  ["whoami", "--format", "json"],
  ["profiles"],
  ["profiles", "--format", "json"],
  ["use", "a"],
  ["doctor"],
  ["doctor", "--format", "json", "--log-level", "all"],
  ["serve", "--token", `${text}!`],
  ["exec", "--", "/does/not/exist", text]
]

export const groups: ReadonlyArray<Group> = [{
  name: "command lines",
  least: 3_600,
  subjects: (secret) =>
    Effect.forEach(
      share(
        secret,
        8,
        givens(secret).flatMap((given) => commandLines(secret).map((args) => ({ args, given })))
      ),
      ({ args, given }) =>
        Effect.map(
          cli(args, given),
          ({ code, err, out }): Subject => ({ name: `${args[0]} (${code})`, value: { out, err } })
        )
    )
}]
