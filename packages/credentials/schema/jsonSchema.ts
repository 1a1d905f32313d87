/** The JSON Schema of config.json for editors: the fields of all modes, each with a description. */
import * as JSONSchema from "effect/JSONSchema"
import * as Schema from "effect/Schema"
import { modes, Profile } from "../src/unstable/CliConfigProfile.ts"

type Field = Profile extends infer P ? P extends Profile ? Exclude<keyof P, "mode"> : never : never

const descriptions: Readonly<Record<Field, string>> = {
  access_key_id: "AK, StsToken, RamRoleArn: the AccessKey ID; CloudSSO, OAuth: that of the stored session",
  access_key_secret: "The secret of access_key_id",
  sts_token: "StsToken, RamRoleArn: the security token of a temporary AccessKey; CloudSSO, OAuth: the stored one",
  sts_expiration: "CloudSSO, OAuth: when the stored session ends, in epoch seconds",
  sts_region: "Role modes, OIDC, RsaKeyPair: the region whose STS endpoint is asked, such as cn-hangzhou",
  sts_endpoint: "Role modes, OIDC, RsaKeyPair: the STS host, instead of that of sts_region",
  enable_vpc: "Role modes, OIDC, RsaKeyPair: whether to use the VPC endpoint of sts_region",
  ram_role_name: "EcsRamRole, RamRoleArnWithRoleName: the instance's RAM role; without it, the instance is asked",
  ram_role_arn: "Role modes, OIDC: the role to assume, acs:ram::<account id>:role/<name>",
  ram_session_name: "Role modes, OIDC: how the session is named in audit logs",
  expired_seconds: "Role modes, OIDC, RsaKeyPair: the session's lifetime in seconds, at least 900; default 3600",
  policy: "Role modes, OIDC: a policy, as JSON text, that restricts the session further",
  external_id: "RamRoleArn, ChainableRamRoleArn: what the role's trust policy asks of other accounts",
  source_profile: "ChainableRamRoleArn: the profile whose credentials assume the role",
  private_key: "RsaKeyPair: the private key, PKCS#8 PEM, or the path of its file",
  key_pair_name: "RsaKeyPair: the id of the public key",
  process_command: "External: the program that prints credentials, and its arguments; no shell",
  credentials_uri: "CredentialsURI: the http or https address that serves credentials",
  oidc_provider_arn: "OIDC: the identity provider, acs:ram::<account id>:oidc-provider/<name>",
  oidc_token_file: "OIDC: the path of the file that holds the token",
  cloud_sso_sign_in_url: "CloudSSO: the sign-in address, https://signin-<region>.alibabacloudsso.com/start/login",
  cloud_sso_account_id: "CloudSSO: the account whose session is wanted",
  cloud_sso_access_config: "CloudSSO: the id of the access configuration",
  access_token: "CloudSSO: the login's access token, written by the login",
  cloud_sso_access_token_expire: "CloudSSO: when access_token ends, in epoch seconds",
  oauth_site_type: "OAuth: CN for aliyun.com, INTL for alibabacloud.com",
  oauth_access_token: "OAuth: the login's access token, written by the login",
  oauth_refresh_token: "OAuth: the login's refresh token, which is replaced at each use",
  oauth_access_token_expire: "OAuth: when oauth_access_token ends, in epoch seconds",
  bearer_token: "BearerToken: the token",
  bearer_token_header_key: "BearerToken: the request header that carries the token",
  read_timeout: "STS, OAuth, CloudSSO, CredentialsURI: how long the server may be silent, in seconds; default 5",
  retry_timeout: "The older name of read_timeout, used where read_timeout is not set",
  connect_timeout: "STS, OAuth, CloudSSO, CredentialsURI: how long connecting may take, in seconds; default 10"
}

const Mode = Schema.String.annotations({ jsonSchema: { type: "string", enum: [...modes] } })

/** What the field holds, in whichever mode has it. */
const schemaOf = (name: string): Schema.Schema.Any => {
  const fields: ReadonlyArray<Readonly<Record<string, Schema.Struct.Field>>> = Profile.members.map((member) =>
    member.fields
  )
  const field = fields.find((fields) => Object.hasOwn(fields, name))?.[name]
  const schema = field !== undefined && "from" in field ? field.from : field
  if (!Schema.isSchema(schema)) throw new Error(`no mode has the field ${name}`)
  return schema as Schema.Schema.Any
}

const described = (schema: Schema.Schema.Any, description: string) =>
  Schema.optional(schema).annotations({ description })

const DescribedProfile = Schema.Struct({
  name: Schema.String.annotations({
    description: "The name by which the profile is chosen; the first of a name counts"
  }),
  mode: described(Mode, "Where the credentials come from; without it, the fields that are set tell"),
  ...Object.fromEntries(
    Object.entries(descriptions).map(([name, description]) => [name, described(schemaOf(name), description)])
  )
}).annotations({ identifier: "Profile", description: "A profile of the aliyun CLI" })

const File = Schema.Struct({
  current: described(Schema.String, "The profile that is used when no other is named"),
  profiles: Schema.Array(DescribedProfile).annotations({ description: "The profiles" })
}).annotations({
  title: "aliyun CLI configuration",
  description: "The file ~/.aliyun/config.json of the aliyun CLI and the official SDKs"
})

const makeDocument = (): object => {
  const definitions = {}
  const file = JSONSchema.fromAST(File.ast, {
    definitions,
    definitionPath: "#/definitions/",
    additionalPropertiesStrategy: "allow"
  })
  return { $schema: "http://json-schema.org/draft-07/schema#", ...file, definitions }
}

/** The JSON Schema of config.json for editors, as the text of its file. */
export const text: string = `${JSON.stringify(makeDocument(), null, 2)}\n`

export const url: URL = new URL("config.schema.json", import.meta.url)
