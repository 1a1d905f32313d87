/**
 * Credentials for the official Alibaba Cloud clients.
 *
 * @module @effect-alicloud/sdk
 * @since 0.1.0
 */
export * as AlicloudCredential from "./AlicloudCredential.ts"
export * as ClientError from "./ClientError.ts"
export * as CredentialOptions from "./CredentialOptions.ts"
export * as CredentialsClosed from "./CredentialsClosed.ts"
export * as OssCredentials from "./OssCredentials.ts"
export * as PopCoreCredentials from "./PopCoreCredentials.ts"
export * as Rejection from "./Rejection.ts"
export { createCredential, type StandaloneCredential } from "./Standalone.ts"
