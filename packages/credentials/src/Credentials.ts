/**
 * The credential itself: one immutable value per refresh, so that an AccessKey ID, its secret and its token can never
 * come from two different refreshes.
 *
 * @module
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { quietClass } from "./internal/secrecy/quietClass.ts"

/**
 * How the credentials were obtained: the official `type` option of `@alicloud/credentials` where there is one,
 * `anonymous` for the aliyun CLI's mode without a credential, and a text of its own for a source that the official
 * clients do not have.
 *
 * @since 0.1.0
 * @category models
 */
export type CredentialsType =
  | "access_key"
  | "sts"
  | "bearer"
  | "ecs_ram_role"
  | "ram_role_arn"
  | "oidc_role_arn"
  | "credentials_uri"
  | "rsa_key_pair"
  | "anonymous"
  | (string & {})

/**
 * The schema of how credentials were obtained.
 *
 * @since 0.1.0
 * @category models
 */
export const CredentialsType: Schema.Schema<CredentialsType> = Schema.String.annotations({
  identifier: "CredentialsType"
})

const common = {
  type: CredentialsType,
  providerName: Schema.String
}

const expiration = Schema.optionalWith(Schema.DateTimeUtc, { as: "Option" })

/**
 * A pair of AccessKey ID and secret. Long-lived pairs have no `expiration`; RSA sessions and external programs may
 * give one.
 *
 * @since 0.1.0
 * @category models
 */
export class AccessKey extends quietClass(
  "AccessKey",
  Schema.TaggedClass<AccessKey>("@effect-alicloud/credentials/AccessKey")("AccessKey", {
    ...common,
    accessKeyId: Schema.String,
    accessKeySecret: Schema.Redacted(Schema.String),
    expiration
  })
) {}

/**
 * A temporary session of the Security Token Service: the pair and the token that belongs to it.
 *
 * @since 0.1.0
 * @category models
 */
export class Sts extends quietClass(
  "Sts",
  Schema.TaggedClass<Sts>("@effect-alicloud/credentials/Sts")("Sts", {
    ...common,
    accessKeyId: Schema.String,
    accessKeySecret: Schema.Redacted(Schema.String),
    securityToken: Schema.Redacted(Schema.String),
    expiration
  })
) {}

/**
 * A bearer token. `headerName` is the request header that carries it when it is not `x-acs-bearer-token`.
 *
 * @since 0.1.0
 * @category models
 */
export class Bearer extends quietClass(
  "Bearer",
  Schema.TaggedClass<Bearer>("@effect-alicloud/credentials/Bearer")("Bearer", {
    ...common,
    bearerToken: Schema.Redacted(Schema.String),
    headerName: Schema.optionalWith(Schema.String, { as: "Option" })
  })
) {}

/**
 * No credential at all: requests are sent unsigned.
 *
 * @since 0.1.0
 * @category models
 */
export class Anonymous extends quietClass(
  "Anonymous",
  Schema.TaggedClass<Anonymous>("@effect-alicloud/credentials/Anonymous")("Anonymous", {
    ...common
  })
) {}

/**
 * What a source hands out. Decoding and encoding go through this schema; encoding is the one deliberate way to write
 * the secrets out, every other rendering shows `<redacted>`. What is decoded from outside goes through `SecretJson`:
 * the errors of `Schema` quote what they reject.
 *
 * @since 0.1.0
 * @category models
 */
export const Credentials = Schema.Union(AccessKey, Sts, Bearer, Anonymous).annotations({ identifier: "Credentials" })

/**
 * What a source hands out.
 *
 * @since 0.1.0
 * @category models
 */
export type Credentials = AccessKey | Sts | Bearer | Anonymous

/**
 * Credentials that can sign a request: a pair, with or without a token.
 *
 * @since 0.1.0
 * @category models
 */
export type Signing = AccessKey | Sts

/**
 * The parts that `accessKey` and `sts` share. Secrets may be given as plain strings; they are wrapped at once. White
 * space around a key, secret or token is dropped.
 *
 * @since 0.1.0
 * @category models
 */
export interface PairFields {
  readonly type: CredentialsType
  readonly providerName: string
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted | string
  readonly expiration?: DateTime.Utc | undefined
}

/** A secret that a user pasted or read from a file often ends with a line feed, which no service accepts. */
const redacted = (secret: Redacted.Redacted | string): Redacted.Redacted =>
  Redacted.make((Redacted.isRedacted(secret) ? Redacted.value(secret) : secret).trim())

/**
 * Every field is typed here, so the constructors of the classes need not validate.
 */
const trusted = { disableValidation: true }

/**
 * Makes an `AccessKey`.
 *
 * @example
 * ```ts
 * import { Credentials } from "@effect-alicloud/credentials"
 *
 * const key = Credentials.accessKey({
 *   type: "access_key",
 *   providerName: "static_ak",
 *   accessKeyId: "LTAI5tExample",
 *   accessKeySecret: "secret"
 * })
 * console.log(String(key).includes("secret\"")) // false
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const accessKey = (fields: PairFields): AccessKey =>
  new AccessKey({
    type: fields.type,
    providerName: fields.providerName,
    accessKeyId: fields.accessKeyId.trim(),
    accessKeySecret: redacted(fields.accessKeySecret),
    expiration: Option.fromNullable(fields.expiration)
  }, trusted)

/**
 * Makes an `Sts` session.
 *
 * @since 0.1.0
 * @category constructors
 */
export const sts = (fields: PairFields & { readonly securityToken: Redacted.Redacted | string }): Sts =>
  new Sts({
    type: fields.type,
    providerName: fields.providerName,
    accessKeyId: fields.accessKeyId.trim(),
    accessKeySecret: redacted(fields.accessKeySecret),
    securityToken: redacted(fields.securityToken),
    expiration: Option.fromNullable(fields.expiration)
  }, trusted)

/**
 * Makes a `Bearer` token.
 *
 * @since 0.1.0
 * @category constructors
 */
export const bearer = (fields: {
  readonly type?: CredentialsType | undefined
  readonly providerName: string
  readonly bearerToken: Redacted.Redacted | string
  readonly headerName?: string | undefined
}): Bearer =>
  new Bearer({
    type: fields.type ?? "bearer",
    providerName: fields.providerName,
    bearerToken: redacted(fields.bearerToken),
    headerName: Option.fromNullable(fields.headerName)
  }, trusted)

/**
 * Makes `Anonymous` credentials.
 *
 * @since 0.1.0
 * @category constructors
 */
export const anonymous = (fields: { readonly providerName: string }): Anonymous =>
  new Anonymous({ type: "anonymous", providerName: fields.providerName }, trusted)

/**
 * When the credentials end, `None` when they do not say.
 *
 * @since 0.1.0
 * @category accessors
 */
export const expirationOf = (self: Credentials): Option.Option<DateTime.Utc> =>
  self._tag === "AccessKey" || self._tag === "Sts" ? self.expiration : Option.none()

/**
 * The same credentials under another provenance, as a wrapping source reports them: `default/env`,
 * `cli_profile/static_ak`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withProviderName = (self: Credentials, providerName: string): Credentials => {
  switch (self._tag) {
    case "AccessKey":
      return new AccessKey({ ...self, providerName }, trusted)
    case "Sts":
      return new Sts({ ...self, providerName }, trusted)
    case "Bearer":
      return new Bearer({ ...self, providerName }, trusted)
    case "Anonymous":
      return new Anonymous({ ...self, providerName }, trusted)
  }
}
