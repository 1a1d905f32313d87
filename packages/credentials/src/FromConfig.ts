/**
 * One source from the `Config` of the official Node.js client: the same field names and units.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { atOptions, InvalidConfig, invalidConfig } from "./CredentialsError.ts"
import * as CredentialsProvider from "./CredentialsProvider.ts"
import * as DefaultChain from "./DefaultChain.ts"
import { validate } from "./internal/source/options.ts"
import type * as Source from "./Source.ts"
import * as AccessKey from "./sources/AccessKey.ts"
import * as BearerToken from "./sources/BearerToken.ts"
import * as CredentialsUri from "./sources/CredentialsUri.ts"
import * as EcsRamRole from "./sources/EcsRamRole.ts"
import * as OidcRoleArn from "./sources/OidcRoleArn.ts"
import * as RamRoleArn from "./sources/RamRoleArn.ts"
import * as RsaKeyPair from "./sources/RsaKeyPair.ts"
import * as StsToken from "./sources/StsToken.ts"
import type * as Sts from "./Sts.ts"
import * as Text from "./unstable/Text.ts"

/**
 * The fields of the official client's `Config`. Secrets may be plain strings, as there. `timeout` and `connectTimeout`
 * are milliseconds, `roleSessionExpiration` is seconds. Fields that the chosen `type` does not use are ignored, as
 * there.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  readonly type?: string | undefined
  readonly accessKeyId?: string | undefined
  readonly accessKeySecret?: Redacted.Redacted | string | undefined
  readonly securityToken?: Redacted.Redacted | string | undefined
  readonly bearerToken?: Redacted.Redacted | string | undefined
  readonly roleArn?: string | undefined
  readonly roleSessionName?: string | undefined
  readonly roleSessionExpiration?: number | undefined
  /** An older name of `roleSessionExpiration`, used when that is not given. */
  readonly durationSeconds?: number | undefined
  readonly policy?: string | undefined
  readonly externalId?: string | undefined
  readonly roleName?: string | undefined
  readonly disableIMDSv1?: boolean | undefined
  /** Accepted and ignored, as in the official client: version 2 is always tried first. */
  readonly enableIMDSv2?: boolean | undefined
  /** Accepted and ignored, as in the official client. */
  readonly metadataTokenDuration?: number | undefined
  /** Accepted and ignored: sessions are always refreshed in the background. */
  readonly asyncCredentialUpdateEnabled?: boolean | undefined
  readonly oidcProviderArn?: string | undefined
  readonly oidcTokenFilePath?: string | undefined
  readonly credentialsURI?: string | undefined
  readonly publicKeyId?: string | undefined
  readonly privateKeyFile?: string | undefined
  readonly stsEndpoint?: string | undefined
  readonly stsRegionId?: string | undefined
  readonly enableVpc?: boolean | string | undefined
  readonly timeout?: number | undefined
  readonly connectTimeout?: number | undefined
}

/** What a field holds is checked by the source that uses it. */
const anything = Schema.optional(Schema.Any)

/**
 * The schema of the options: the fields that there are. What is in them is checked by the source of the `type`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  type: anything,
  accessKeyId: anything,
  accessKeySecret: anything,
  securityToken: anything,
  bearerToken: anything,
  roleArn: anything,
  roleSessionName: anything,
  roleSessionExpiration: anything,
  durationSeconds: anything,
  policy: anything,
  externalId: anything,
  roleName: anything,
  disableIMDSv1: anything,
  enableIMDSv2: anything,
  metadataTokenDuration: anything,
  asyncCredentialUpdateEnabled: anything,
  oidcProviderArn: anything,
  oidcTokenFilePath: anything,
  credentialsURI: anything,
  publicKeyId: anything,
  privateKeyFile: anything,
  stsEndpoint: anything,
  stsRegionId: anything,
  enableVpc: anything,
  timeout: anything,
  connectTimeout: anything
}).annotations({ identifier: "FromConfig.Config" })

const name = "FromConfig"

type Made = Effect.Effect<Source.Source, InvalidConfig, DefaultChain.Requirements>

const secret = (value: Redacted.Redacted | string | undefined): Redacted.Redacted =>
  Redacted.isRedacted(value) ? value : Redacted.make(value ?? "")

const httpOptions = (config: Config): Pick<Sts.Options, "timeout" | "connectTimeout"> => ({
  timeout: config.timeout,
  connectTimeout: config.connectTimeout
})

const stsOptions = (config: Config): Sts.Options => ({
  stsEndpoint: config.stsEndpoint,
  stsRegionId: config.stsRegionId,
  enableVpc: typeof config.enableVpc === "string" ? config.enableVpc.toLowerCase() === "true" : config.enableVpc,
  ...httpOptions(config)
})

const sessionOptions = (config: Config): Sts.Options & Sts.SessionOptions => ({
  roleSessionName: config.roleSessionName,
  roleSessionExpiration: config.roleSessionExpiration ?? config.durationSeconds,
  policy: config.policy,
  ...stsOptions(config)
})

const pair = (config: Config): AccessKey.Config => ({
  accessKeyId: config.accessKeyId ?? "",
  accessKeySecret: secret(config.accessKeySecret)
})

const session = (config: Config): StsToken.Config => ({ ...pair(config), securityToken: secret(config.securityToken) })

const types: Readonly<Record<string, (config: Config) => Made>> = {
  access_key: (config) => AccessKey.make(pair(config)),
  sts: (config) => StsToken.make(session(config)),
  bearer: (config) => BearerToken.make({ bearerToken: secret(config.bearerToken) }),
  ecs_ram_role: (config) =>
    EcsRamRole.make({ roleName: config.roleName, disableIMDSv1: config.disableIMDSv1, ...httpOptions(config) }),
  ram_role_arn: (config) =>
    Effect.flatMap(
      Effect.mapError(
        config.securityToken === undefined ? AccessKey.make(pair(config)) : StsToken.make(session(config)),
        (error) => new InvalidConfig({ ...error, source: "RamRoleArn" })
      ),
      (caller) =>
        RamRoleArn.make(caller, { roleArn: config.roleArn, externalId: config.externalId, ...sessionOptions(config) })
    ),
  oidc_role_arn: (config) =>
    OidcRoleArn.make({
      roleArn: config.roleArn,
      oidcProviderArn: config.oidcProviderArn,
      oidcTokenFilePath: config.oidcTokenFilePath,
      ...sessionOptions(config)
    }),
  credentials_uri: (config) => CredentialsUri.make({ credentialsUri: config.credentialsURI, ...httpOptions(config) }),
  rsa_key_pair: (config) =>
    RsaKeyPair.make({
      publicKeyId: config.publicKeyId ?? "",
      privateKeyFile: config.privateKeyFile,
      roleSessionExpiration: config.roleSessionExpiration ?? config.durationSeconds,
      ...stsOptions(config)
    })
}

/** The official client takes a field that is `null` or empty for one that is not given. */
const given = (config: Config): Config =>
  typeof config !== "object" || Array.isArray(config)
    ? {}
    : Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null && value !== ""))

const sourceOf = (fields: Config): Made => {
  const { type } = fields
  const make = typeof type === "string" && Object.hasOwn(types, type) ? types[type] : undefined
  if (make !== undefined) {
    return make(fields)
  }
  const known = Object.keys(types).join(", ")
  const issue = type === undefined
    ? `set it to one of ${known}`
    : `${typeof type === "string" ? Text.word(type) : "what is given"} is not one of ${known}`
  return invalidConfig(name, atOptions("type"), issue)
}

/**
 * The source of a `type`. Without a config it is the default chain. A missing or unknown `type`, and a field that does
 * not exist, are `InvalidConfig`. A field that is `null` or empty counts as not given.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromConfig = (config?: Config | null): Made =>
  config === undefined || config === null
    ? DefaultChain.make()
    // Suspended: the effect itself must not hold the secrets that are text.
    : Effect.suspend(() => Effect.flatMap(validate(name, Config)(given(config)), sourceOf))

/**
 * The source of a `type` as a provider that keeps its session; without a config, the default chain. The layer fails
 * with `InvalidConfig` where `type` is missing or unknown, or its fields are not valid.
 *
 * @example
 * ```ts
 * import { FromConfig } from "@effect-alicloud/credentials"
 *
 * const layer = FromConfig.layer({
 *   type: "ram_role_arn",
 *   accessKeyId: "LTAI5tExample",
 *   accessKeySecret: "secret",
 *   roleArn: "acs:ram::1234567890123456:role/deploy",
 *   roleSessionExpiration: 3600
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config?: Config | null,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, DefaultChain.Requirements> =>
  CredentialsProvider.layer(fromConfig(config), options)
