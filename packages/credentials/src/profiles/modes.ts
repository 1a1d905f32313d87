/** Which source each mode of a profile configures, for `CliProfile`. */
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Credentials from "../Credentials.ts"
import type { InvalidConfig } from "../CredentialsError.ts"
import * as env from "../internal/environment/env.ts"
import * as externalSwitch from "../internal/environment/switches.ts"
import * as cloudSso from "../internal/login/cloudSso.ts"
import * as oauth from "../internal/login/oauth.ts"
import type * as login from "../internal/login/store.ts"
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
import { isKeyFile, type Mode, type Profile } from "../unstable/CliConfigProfile.ts"
import type { Requirements } from "./CliProfile.ts"
import { cloudSsoFields, type LoginFields, oauthFields } from "./loginStore.ts"

type Made = Effect.Effect<Source.Source, InvalidConfig, Requirements>

type Of<M extends Mode> = Extract<Profile, { readonly mode: M }>

type RoleProfile = Of<"RamRoleArn" | "OIDC" | "ChainableRamRoleArn" | "RamRoleArnWithRoleName">

/** What a profile needs of the file that it is in. */
export interface File {
  /** Where a login of the profile is kept. */
  readonly store: (fields: LoginFields) => login.Store
  /** The source of another profile. */
  readonly source: (profileName: string) => Made
}

/** The source that a profile configures. */
export const make = (profile: Profile, file: File): Made => {
  switch (profile.mode) {
    case "AK":
      return AccessKey.make(pair(profile))
    case "StsToken":
      return StsToken.make(session(profile, profile.sts_token))
    case "RamRoleArn":
      return Effect.flatMap(
        profile.sts_token === undefined
          ? AccessKey.make(pair(profile))
          : StsToken.make(session(profile, profile.sts_token)),
        (caller) => assume(profile, caller, profile.external_id)
      )
    case "EcsRamRole":
      return EcsRamRole.make({ roleName: profile.ram_role_name })
    case "OIDC":
      return OidcRoleArn.make({
        roleArn: profile.ram_role_arn,
        oidcProviderArn: profile.oidc_provider_arn,
        oidcTokenFilePath: profile.oidc_token_file,
        ...sessionOptions(profile)
      })
    case "ChainableRamRoleArn":
      return Effect.flatMap(
        file.source(profile.source_profile),
        (caller) => assume(profile, caller, profile.external_id)
      )
    case "CloudSSO":
      return cloudSso.make(file.store(cloudSsoFields), {
        signInUrl: profile.cloud_sso_sign_in_url,
        accountId: profile.cloud_sso_account_id,
        accessConfig: profile.cloud_sso_access_config,
        ...timeouts(profile)
      })
    case "OAuth":
      return oauth.make(file.store(oauthFields), { siteType: profile.oauth_site_type, ...timeouts(profile) })
    case "External":
      return External.make({ processCommand: Redacted.value(profile.process_command) })
    case "CredentialsURI":
      return credentialsUri(profile)
    case "RsaKeyPair": {
      const key = Redacted.value(profile.private_key)
      return RsaKeyPair.make({
        publicKeyId: profile.key_pair_name,
        ...(isKeyFile(key) ? { privateKeyFile: key } : { privateKey: profile.private_key }),
        roleSessionExpiration: profile.expired_seconds,
        ...stsOptions(profile)
      })
    }
    case "RamRoleArnWithRoleName":
      return Effect.flatMap(
        EcsRamRole.make({ roleName: profile.ram_role_name }),
        (caller) => assume(profile, caller, undefined)
      )
    case "BearerToken":
      return BearerToken.make({
        bearerToken: Redacted.make(Redacted.value(profile.bearer_token).replace(/[\r\n\0]/g, "")),
        headerName: profile.bearer_token_header_key
      })
    case "Anonymous":
      return Effect.succeed(
        Source.fromEffect("Anonymous", Effect.succeed(Credentials.anonymous({ providerName: "anonymous" })), {
          undated: "keep"
        })
      )
  }
}

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

const pair = (profile: Of<"AK" | "StsToken" | "RamRoleArn">): AccessKey.Config => ({
  accessKeyId: profile.access_key_id,
  accessKeySecret: profile.access_key_secret
})

const session = (
  profile: Of<"StsToken" | "RamRoleArn">,
  securityToken: Redacted.Redacted
): StsToken.Config => ({ ...pair(profile), securityToken })

/** The CLI's time-outs are seconds. */
const timeouts = (
  profile: RoleProfile | Of<"CloudSSO" | "OAuth" | "CredentialsURI" | "RsaKeyPair">
): Pick<Sts.Options, "timeout" | "connectTimeout"> => {
  const seconds = (value: number | undefined): number | undefined => value === undefined ? undefined : value * 1000
  return {
    timeout: seconds(profile.read_timeout) ?? seconds(profile.retry_timeout),
    connectTimeout: seconds(profile.connect_timeout)
  }
}

const stsOptions = (profile: RoleProfile | Of<"RsaKeyPair">): Sts.Options => ({
  stsEndpoint: profile.sts_endpoint,
  stsRegionId: profile.sts_region,
  enableVpc: profile.enable_vpc,
  ...timeouts(profile)
})

const sessionOptions = (profile: RoleProfile): Sts.Options & Sts.SessionOptions => ({
  roleSessionName: profile.ram_session_name,
  roleSessionExpiration: profile.expired_seconds,
  policy: profile.policy,
  ...stsOptions(profile)
})

const assume = (profile: RoleProfile, caller: RamRoleArn.Caller, externalId: string | undefined): Made =>
  RamRoleArn.make(caller, { roleArn: profile.ram_role_arn, externalId, ...sessionOptions(profile) })

const credentialsUri = (profile: Of<"CredentialsURI">): Made =>
  Effect.gen(function*() {
    const environment = yield* env.capture("CredentialsUri")
    const source = yield* CredentialsUri.make({
      credentialsUri: Redacted.value(profile.credentials_uri),
      ...timeouts(profile)
    })
    return { ...source, get: Effect.zipRight(externalSwitch.check(source.name, environment), source.get) }
  })
