/**
 * Alibaba Cloud credentials: the value, the errors, the sources, the default chain and the session cache.
 *
 * @module @effect-alicloud/credentials
 * @since 0.1.0
 */
export * as Credentials from "./Credentials.ts"
export * as CredentialsError from "./CredentialsError.ts"
export * as CredentialsProvider from "./CredentialsProvider.ts"
export * as DefaultChain from "./DefaultChain.ts"
export * as FromConfig from "./FromConfig.ts"
export * as OidcToken from "./OidcToken.ts"
export * as Platform from "./Platform.ts"
export * as CliProfile from "./profiles/CliProfile.ts"
export * as CredentialsFile from "./profiles/CredentialsFile.ts"
export * as RefreshPolicy from "./RefreshPolicy.ts"
export * as SecretJson from "./SecretJson.ts"
export * as SessionCache from "./SessionCache.ts"
export * as SessionStore from "./SessionStore.ts"
export * as Signature from "./Signature.ts"
export * as Source from "./Source.ts"
export * as AccessKey from "./sources/AccessKey.ts"
export * as BearerToken from "./sources/BearerToken.ts"
export * as CloudSso from "./sources/CloudSso.ts"
export * as CredentialsUri from "./sources/CredentialsUri.ts"
export * as EcsRamRole from "./sources/EcsRamRole.ts"
export * as Environment from "./sources/Environment.ts"
export * as External from "./sources/External.ts"
export * as OAuth from "./sources/OAuth.ts"
export * as OidcRoleArn from "./sources/OidcRoleArn.ts"
export * as RamRoleArn from "./sources/RamRoleArn.ts"
export * as RsaKeyPair from "./sources/RsaKeyPair.ts"
export * as StsToken from "./sources/StsToken.ts"
export * as Sts from "./Sts.ts"
