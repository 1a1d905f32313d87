/**
 * A RAM role assumed with the credentials of another provider (AssumeRole).
 *
 * The role is the option `roleArn`, else `ALIBABA_CLOUD_ROLE_ARN`. The request is a signed POST to STS; the response has
 * `Credentials` with `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`.
 *
 * See [AssumeRole](https://www.alibabacloud.com/help/doc-detail/28763.html) and its
 * [error codes](https://help.aliyun.com/zh/ram/developer-reference/api-sts-2015-04-01-errorcodes).
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as EffectConfig from "effect/Config"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type * as Credentials from "../Credentials.ts"
import type { CredentialsError, InvalidConfig } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as assumeRole from "../internal/source/assumeRole.ts"
import { NonEmptyText, required, unwrap, validate } from "../internal/source/options.ts"
import * as stsOptions from "../internal/source/stsOptions.ts"
import * as Source from "../Source.ts"
import * as Sts from "../Sts.ts"

const { name } = assumeRole

/**
 * The role, and the options of the session. A `roleArn` that is neither given nor in the environment fails with
 * `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config extends Sts.Options, Sts.SessionOptions {
  /** The role's ARN, `acs:ram::<account id>:role/<name>`. Default `ALIBABA_CLOUD_ROLE_ARN`. */
  readonly roleArn?: string | undefined
  /** The external id that the role's trust policy requires of callers from other accounts. */
  readonly externalId?: string | undefined
  /**
   * Who is behind the session, 2 to 64 letters, digits, or the signs `. @ - _`. It stays the same in all roles that are
   * assumed from this one, and audit logs show it.
   */
  readonly sourceIdentity?: string | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  roleArn: Schema.optional(NonEmptyText),
  externalId: Schema.optional(NonEmptyText),
  sourceIdentity: Schema.optional(NonEmptyText),
  ...stsOptions.sessionFields,
  ...stsOptions.optionFields
}).annotations({ identifier: "RamRoleArn.Config" })

/**
 * The provider or source whose credentials sign the call. It is read at each refresh.
 *
 * @since 0.1.0
 * @category models
 */
export interface Caller {
  readonly get: Effect.Effect<Credentials.Credentials, CredentialsError>
  /** Called when the service rejects the caller's credentials, so that the next refresh uses new ones. */
  readonly invalidate?: ((rejected: Credentials.Credentials) => Effect.Effect<void>) | undefined
}

/**
 * Makes the source. The caller must have a key pair; with a bearer token or anonymous caller `get` fails with
 * `InvalidConfig`. Failures of the caller are passed through.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  caller: Caller,
  config: Config = {}
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    yield* validate(name, Schema.Struct({ caller: assumeRole.CallerFromSelf }))({ caller })
    const options = yield* validate(name, Config)(config)
    const environment = yield* env.capture(name)
    const roleArn = yield* required(
      name,
      "roleArn",
      "ALIBABA_CLOUD_ROLE_ARN",
      options.roleArn ?? (yield* environment.identity("ALIBABA_CLOUD_ROLE_ARN"))
    )
    const sessionName = yield* stsOptions.roleSessionName(options, environment)
    const sts = yield* Sts.make(name, options)
    const assume = yield* assumeRole.make
    const { get, ...shares } = assume(sts, caller, { ...options, ...sessionName, roleArn })
    return { ...Source.fromEffect(name, get), ...shares }
  })

type RoleLayer = Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  InvalidConfig,
  CredentialsProvider.CredentialsProvider | HttpClient.HttpClient
>

const ofContext = (config: Config): Effect.Effect<
  Source.Source,
  InvalidConfig,
  CredentialsProvider.CredentialsProvider | HttpClient.HttpClient
> => Effect.flatMap(CredentialsProvider.CredentialsProvider, (caller) => make(caller, config))

/**
 * Assumes the role with the credentials of the provider in the context.
 *
 * @example
 * ```ts
 * import { Environment, RamRoleArn } from "@effect-alicloud/credentials"
 * import { Layer } from "effect"
 *
 * const layer = RamRoleArn.layer({ roleArn: "acs:ram::1234567890123456:role/deploy" }).pipe(
 *   Layer.provide(Environment.layer())
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: Config = {}, options?: CredentialsProvider.Options): RoleLayer =>
  CredentialsProvider.layer(ofContext(config), options)

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): RoleLayer => CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), ofContext), options)

export { layerMany, type ManyOptions, RamRoleArns, type Role } from "./RamRoleArns.ts"
