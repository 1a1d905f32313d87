/**
 * The Security Token Service: AssumeRole, AssumeRoleWithOIDC, AssumeRoleWithSAML and GetCallerIdentity.
 *
 * For programs that issue sessions to others. A program that needs a role for itself uses `RamRoleArn` or `OidcRoleArn`
 * of `@effect-alicloud/credentials`, which refresh their session.
 *
 * See [AssumeRole](https://www.alibabacloud.com/help/doc-detail/28763.html) and
 * [AssumeRoleWithOIDC](https://www.alibabacloud.com/help/en/resource-access-management/latest/assumerolewithoidc).
 *
 * @module
 * @since 0.1.0
 */
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as OpenApi from "./OpenApi.ts"
import type { OpenApiError } from "./OpenApiError.ts"

/**
 * The options of a session.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface SessionOptions {
  /** `acs:ram::<account id>:role/<role name>`. */
  readonly roleArn: string
  /** How the session is named in audit logs: 2 to 64 letters, digits, or the signs `. @ - _`. */
  readonly roleSessionName: string
  /** The session's lifetime in seconds, from 900 to the role's maximum. Default 3600. */
  readonly durationSeconds?: number | undefined
  /** Restricts the session to what this policy and the role both allow. */
  readonly policy?: string | undefined
}

/**
 * A session of a role.
 *
 * @since 0.1.0
 * @category models
 */
export interface AssumedRole {
  readonly credentials: Credentials.Sts
  readonly arn: string
  readonly assumedRoleId: string
  /** Who is behind the session, if a role on the way to it was assumed with a source identity. */
  readonly sourceIdentity?: string | undefined
}

const SessionAnswer = Schema.Struct({
  AssumedRoleUser: Schema.Struct({ Arn: Schema.String, AssumedRoleId: Schema.String }),
  Credentials: Schema.Struct({
    AccessKeyId: Schema.NonEmptyString,
    AccessKeySecret: Schema.Redacted(Schema.NonEmptyString),
    SecurityToken: Schema.Redacted(Schema.NonEmptyString),
    Expiration: Schema.DateTimeUtc
  }),
  SourceIdentity: Schema.optional(Schema.String)
}).annotations({ identifier: "AssumeRoleResponse" })

const assumedRole =
  (type: "ram_role_arn" | "oidc_role_arn" | "saml_role_arn") => (answer: typeof SessionAnswer.Type): AssumedRole => ({
    credentials: Credentials.sts({
      type,
      providerName: type,
      accessKeyId: answer.Credentials.AccessKeyId,
      accessKeySecret: answer.Credentials.AccessKeySecret,
      securityToken: answer.Credentials.SecurityToken,
      expiration: answer.Credentials.Expiration
    }),
    arn: answer.AssumedRoleUser.Arn,
    assumedRoleId: answer.AssumedRoleUser.AssumedRoleId,
    ...(answer.SourceIdentity === undefined ? {} : { sourceIdentity: answer.SourceIdentity })
  })

/**
 * The identity of the caller. Only sessions of roles have a `roleId`.
 *
 * @since 0.1.0
 * @category models
 */
export const CallerIdentity = Schema.Struct({
  accountId: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("AccountId")),
  arn: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("Arn")),
  identityType: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("IdentityType")),
  principalId: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("PrincipalId")),
  userId: Schema.optional(Schema.String).pipe(Schema.fromKey("UserId")),
  roleId: Schema.optional(Schema.String).pipe(Schema.fromKey("RoleId"))
}).annotations({ identifier: "CallerIdentity" })

/**
 * The identity of the caller.
 *
 * @since 0.1.0
 * @category models
 */
export type CallerIdentity = typeof CallerIdentity.Type

/**
 * The methods of a client of the Security Token Service.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** A session of a role that trusts the caller. */
  readonly assumeRole: (
    options: SessionOptions & { readonly externalId?: string | undefined; readonly sourceIdentity?: string | undefined }
  ) => Effect.Effect<AssumedRole, OpenApiError>
  /** A session of a role that trusts the issuer of an OIDC token; needs no credentials. */
  readonly assumeRoleWithOidc: (
    options: SessionOptions & { readonly oidcProviderArn: string; readonly oidcToken: Redacted.Redacted }
  ) => Effect.Effect<AssumedRole, OpenApiError>
  /** A session of a role that trusts a SAML provider, named by the response in Base64; needs no credentials. */
  readonly assumeRoleWithSaml: (
    options: Omit<SessionOptions, "roleSessionName"> & {
      readonly samlProviderArn: string
      readonly samlAssertion: Redacted.Redacted
    }
  ) => Effect.Effect<AssumedRole, OpenApiError>
  /** The identity of the caller. */
  readonly getCallerIdentity: Effect.Effect<CallerIdentity, OpenApiError>
}

/**
 * A client of the Security Token Service.
 *
 * @since 0.1.0
 * @category services
 */
export class Sts extends Context.Tag("@effect-alicloud/openapi/Sts")<Sts, Service>() {}

const sessionParams = (options: Omit<SessionOptions, "roleSessionName"> & Partial<SessionOptions>): OpenApi.Params => ({
  RoleArn: options.roleArn,
  RoleSessionName: options.roleSessionName,
  DurationSeconds: options.durationSeconds,
  Policy: options.policy
})

/**
 * Makes a client. Without `endpoint` and `regionId` it calls the global `sts.aliyuncs.com`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Omit<OpenApi.Options, "product" | "version"> = {}
): Effect.Effect<Service, InvalidConfig, CredentialsProvider | HttpClient.HttpClient> =>
  Effect.map(OpenApi.make({ ...options, product: "sts", version: "2015-04-01" }), ({ call }) => ({
    assumeRole: (role) =>
      Effect.map(
        call("AssumeRole", {
          params: { ...sessionParams(role), ExternalId: role.externalId, SourceIdentity: role.sourceIdentity },
          schema: SessionAnswer,
          idempotent: true
        }),
        assumedRole("ram_role_arn")
      ),
    assumeRoleWithOidc: (role) =>
      Effect.map(
        call("AssumeRoleWithOIDC", {
          params: { ...sessionParams(role), OIDCProviderArn: role.oidcProviderArn, OIDCToken: role.oidcToken },
          schema: SessionAnswer,
          idempotent: true,
          anonymous: true
        }),
        assumedRole("oidc_role_arn")
      ),
    assumeRoleWithSaml: (role) =>
      Effect.map(
        call("AssumeRoleWithSAML", {
          params: { ...sessionParams(role), SAMLProviderArn: role.samlProviderArn, SAMLAssertion: role.samlAssertion },
          schema: SessionAnswer,
          idempotent: true,
          anonymous: true
        }),
        assumedRole("saml_role_arn")
      ),
    getCallerIdentity: call("GetCallerIdentity", { schema: CallerIdentity })
  }))

/**
 * A client as a layer. Invalid options fail with `InvalidConfig`. No request is sent before the first call.
 *
 * @example
 * ```ts
 * import { Environment } from "@effect-alicloud/credentials"
 * import { Sts } from "@effect-alicloud/openapi"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 *
 * const whoAmI = Effect.map(Sts.getCallerIdentity, (identity) => identity.arn).pipe(
 *   Effect.provide(Sts.layer().pipe(Layer.provide(Environment.layer()), Layer.provide(FetchHttpClient.layer)))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Omit<OpenApi.Options, "product" | "version">
): Layer.Layer<Sts, InvalidConfig, CredentialsProvider | HttpClient.HttpClient> => Layer.effect(Sts, make(options))

/**
 * Assumes a RAM role that trusts the caller.
 *
 * @since 0.1.0
 * @category calls
 */
export const assumeRole = (
  options: Parameters<Service["assumeRole"]>[0]
): Effect.Effect<AssumedRole, OpenApiError, Sts> => Effect.flatMap(Sts, (sts) => sts.assumeRole(options))

/**
 * Assumes a RAM role with an OIDC token; needs no credentials.
 *
 * @since 0.1.0
 * @category calls
 */
export const assumeRoleWithOidc = (
  options: Parameters<Service["assumeRoleWithOidc"]>[0]
): Effect.Effect<AssumedRole, OpenApiError, Sts> => Effect.flatMap(Sts, (sts) => sts.assumeRoleWithOidc(options))

/**
 * Assumes a RAM role with a SAML response; needs no credentials.
 *
 * @since 0.1.0
 * @category calls
 */
export const assumeRoleWithSaml = (
  options: Parameters<Service["assumeRoleWithSaml"]>[0]
): Effect.Effect<AssumedRole, OpenApiError, Sts> => Effect.flatMap(Sts, (sts) => sts.assumeRoleWithSaml(options))

/**
 * The identity of the caller.
 *
 * @since 0.1.0
 * @category calls
 */
export const getCallerIdentity: Effect.Effect<CallerIdentity, OpenApiError, Sts> = Effect.flatMap(
  Sts,
  (sts) => sts.getCallerIdentity
)
