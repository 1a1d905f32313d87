import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Credentials from "../Credentials.ts"
import type { InvalidConfig } from "../CredentialsError.ts"
import * as env from "../internal/environment/env.ts"
import * as externalSwitch from "../internal/environment/switches.ts"
import * as cloudSso from "../internal/login/cloudSso.ts"
import * as oauth from "../internal/login/oauth.ts"
import type * as login from "../internal/login/store.ts"
import type * as fields from "../internal/profile/fields.ts"
import * as Source from "../Source.ts"
import * as AccessKey from "../sources/AccessKey.ts"
import * as BearerToken from "../sources/BearerToken.ts"
import * as CredentialsUri from "../sources/CredentialsUri.ts"
import * as EcsRamRole from "../sources/EcsRamRole.ts"
import * as External from "../sources/External.ts"
import * as OidcRoleArn from "../sources/OidcRoleArn.ts"
import * as RamRoleArn from "../sources/RamRoleArn.ts"
import * as RsaKeyPair from "../sources/RsaKeyPair.ts"
import * as StsToken from "../sources/StsToken.ts"
import type * as Sts from "../Sts.ts"
import type * as CliConfigFile from "../unstable/CliConfigFile.ts"
import type { Requirements } from "./CliProfile.ts"
import { cloudSsoFields, type LoginFields, oauthFields } from "./loginStore.ts"

type Made = Effect.Effect<Source.Source, InvalidConfig, Requirements>

/** A profile that was chosen, or that a chosen one builds on. */
export interface Chosen {
  readonly profile: CliConfigFile.Profile
  readonly fields: fields.Fields
  /** Where a login of this profile is kept. */
  readonly store: (fields: LoginFields) => login.Store
  /** The source of another profile of the same file. */
  readonly source: (profileName: string) => Made
}

/** What a profile's `mode` configures. */
export const modes: Readonly<Record<CliConfigFile.Mode, (chosen: Chosen) => Made>> = {
  AK: (chosen) => Effect.flatMap(pair(chosen), AccessKey.make),
  StsToken: (chosen) => Effect.flatMap(session(chosen), StsToken.make),
  RamRoleArn: (chosen) =>
    Effect.gen(function*() {
      const caller = chosen.fields.optional("sts_token") === undefined
        ? yield* Effect.flatMap(pair(chosen), AccessKey.make)
        : yield* Effect.flatMap(session(chosen), StsToken.make)
      return yield* assume(chosen, caller, chosen.fields.optional("external_id"))
    }),
  EcsRamRole: (chosen) => EcsRamRole.make({ roleName: chosen.fields.optional("ram_role_name") }),
  OIDC: (chosen) =>
    Effect.gen(function*() {
      return yield* OidcRoleArn.make({
        roleArn: yield* chosen.fields.required("ram_role_arn"),
        oidcProviderArn: yield* chosen.fields.required("oidc_provider_arn"),
        oidcTokenFilePath: yield* chosen.fields.required("oidc_token_file"),
        ...sessionOptions(chosen)
      })
    }),
  ChainableRamRoleArn: (chosen) =>
    Effect.gen(function*() {
      const caller = yield* chosen.source(yield* chosen.fields.required("source_profile"))
      return yield* assume(chosen, caller, chosen.fields.optional("external_id"))
    }),
  CloudSSO: (chosen) =>
    Effect.gen(function*() {
      return yield* cloudSso.make(chosen.store(cloudSsoFields), {
        signInUrl: yield* chosen.fields.required("cloud_sso_sign_in_url"),
        accountId: yield* chosen.fields.required("cloud_sso_account_id"),
        accessConfig: yield* chosen.fields.required("cloud_sso_access_config"),
        ...timeouts(chosen)
      })
    }),
  OAuth: (chosen) =>
    Effect.gen(function*() {
      const siteType = (yield* chosen.fields.required("oauth_site_type")).toUpperCase()
      if (siteType !== "CN" && siteType !== "INTL") {
        return yield* chosen.fields.wrong("oauth_site_type must be CN or INTL")
      }
      return yield* oauth.make(chosen.store(oauthFields), { siteType, ...timeouts(chosen) })
    }),
  External: (chosen) =>
    Effect.flatMap(chosen.fields.required("process_command"), (processCommand) => External.make({ processCommand })),
  CredentialsURI: (chosen) =>
    Effect.gen(function*() {
      const environment = yield* env.capture("CredentialsUri")
      const source = yield* CredentialsUri.make({
        credentialsUri: yield* chosen.fields.required("credentials_uri"),
        ...timeouts(chosen)
      })
      return { ...source, get: Effect.zipRight(externalSwitch.check(source.name, environment), source.get) }
    }),
  RsaKeyPair: (chosen) =>
    Effect.gen(function*() {
      const key = yield* chosen.fields.required("private_key")
      const { policy: _policy, roleSessionName: _roleSessionName, ...options } = sessionOptions(chosen)
      return yield* RsaKeyPair.make({
        publicKeyId: yield* chosen.fields.required("key_pair_name"),
        ...(isPath(key) ? { privateKeyFile: key } : { privateKey: Redacted.make(key) }),
        ...options
      })
    }),
  RamRoleArnWithRoleName: (chosen) =>
    Effect.flatMap(
      EcsRamRole.make({ roleName: chosen.fields.optional("ram_role_name") }),
      (caller) => assume(chosen, caller, undefined)
    ),
  BearerToken: (chosen) =>
    Effect.flatMap(chosen.fields.required("bearer_token"), (token) =>
      BearerToken.make({
        bearerToken: Redacted.make(token.replace(/[\r\n\0]/g, "")),
        headerName: chosen.fields.optional("bearer_token_header_key")
      })),
  Anonymous: () =>
    Effect.succeed(
      Source.fromEffect(
        "Anonymous",
        Effect.succeed(Credentials.anonymous({ providerName: "anonymous" })),
        {
          undated: "keep"
        }
      )
    )
}

/** A key that lost its first line must not pass for a path, which errors show. */
const isPath = (text: string): boolean =>
  /^(?:\/|\.{1,2}[\\/]|\\\\|[A-Za-z]:[\\/])[^\r\n]*$|^[\w.-]+\.(?:pem|key)$/.test(text)

/** The fields that set the options of the sources. */
export const optionFields = {
  accountId: "cloud_sso_account_id",
  accessConfig: "cloud_sso_access_config",
  caller: "source_profile",
  connectTimeout: "connect_timeout",
  credentialsUri: "credentials_uri",
  enableVpc: "enable_vpc",
  externalId: "external_id",
  headerName: "bearer_token_header_key",
  oidcProviderArn: "oidc_provider_arn",
  oidcTokenFilePath: "oidc_token_file",
  privateKey: "private_key",
  processCommand: "process_command",
  publicKeyId: "key_pair_name",
  roleArn: "ram_role_arn",
  roleName: "ram_role_name",
  roleSessionExpiration: "expired_seconds",
  roleSessionName: "ram_session_name",
  signInUrl: "cloud_sso_sign_in_url",
  stsEndpoint: "sts_endpoint",
  stsRegionId: "sts_region",
  timeout: "read_timeout"
} as const

/** The mode of a profile that names none, from the fields it has, as the aliyun CLI infers it. */
export const inferMode = ({ optional }: fields.Fields): CliConfigFile.Mode | undefined => {
  const has = (...names: ReadonlyArray<string>): boolean => names.every((name) => optional(name) !== undefined)
  if (has("access_key_id", "access_key_secret")) {
    return has("ram_role_arn") ? "RamRoleArn" : has("sts_token") ? "StsToken" : "AK"
  }
  const rest: ReadonlyArray<readonly [mode: CliConfigFile.Mode, ...fields: ReadonlyArray<string>]> = [
    ["RsaKeyPair", "private_key", "key_pair_name"],
    ["EcsRamRole", "ram_role_name"],
    ["External", "process_command"],
    ["OIDC", "oidc_provider_arn", "oidc_token_file", "ram_role_arn"],
    ["CloudSSO", "cloud_sso_sign_in_url"],
    ["BearerToken", "bearer_token"]
  ]
  return rest.find(([, ...names]) => has(...names))?.[0]
}

const pair = ({ fields }: Chosen): Effect.Effect<AccessKey.Config, InvalidConfig> =>
  Effect.all({
    accessKeyId: fields.required("access_key_id"),
    accessKeySecret: fields.secret("access_key_secret")
  })

const session = (chosen: Chosen): Effect.Effect<StsToken.Config, InvalidConfig> =>
  Effect.zipWith(pair(chosen), chosen.fields.secret("sts_token"), (keys, securityToken) => ({ ...keys, securityToken }))

/** The CLI's time-outs are seconds. */
const timeouts = ({ profile }: Chosen): Pick<Sts.Options, "timeout" | "connectTimeout"> => {
  const seconds = (value: number | undefined): number | undefined => value === undefined ? undefined : value * 1000
  return {
    timeout: seconds(profile.read_timeout) ?? seconds(profile.retry_timeout),
    connectTimeout: seconds(profile.connect_timeout)
  }
}

const sessionOptions = (chosen: Chosen): Sts.Options & Sts.SessionOptions => ({
  roleSessionName: chosen.fields.optional("ram_session_name"),
  roleSessionExpiration: chosen.profile.expired_seconds,
  policy: chosen.fields.optional("policy"),
  stsEndpoint: chosen.fields.optional("sts_endpoint"),
  stsRegionId: chosen.fields.optional("sts_region"),
  enableVpc: chosen.profile.enable_vpc,
  ...timeouts(chosen)
})

const assume = (chosen: Chosen, caller: RamRoleArn.Caller, externalId: string | undefined): Made =>
  Effect.flatMap(
    chosen.fields.required("ram_role_arn"),
    (roleArn) => RamRoleArn.make(caller, { roleArn, externalId, ...sessionOptions(chosen) })
  )
