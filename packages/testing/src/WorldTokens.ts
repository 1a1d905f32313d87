/**
 * What exists in the fake cloud of tokens and assertions that others sign, as part of `World`.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * An OIDC token that is accepted as it is.
 *
 * @since 0.1.0
 * @category models
 */
export const OidcToken = Schema.Struct({
  token: Schema.String,
  providerArn: Schema.String,
  subject: Schema.String,
  /** ISO 8601; default never. */
  expiresAt: Schema.optional(Schema.DateTimeUtc),
  /** Default `sts.aliyuncs.com`. */
  audience: Schema.optionalWith(Schema.String, { default: () => "sts.aliyuncs.com" })
})

/**
 * An OIDC provider as it is registered in RAM, for tokens that the platforms of the world or `signOidcToken` sign.
 *
 * @since 0.1.0
 * @category models
 */
export const OidcProvider = Schema.Struct({
  /** `acs:ram::<account id>:oidc-provider/<name>`. */
  arn: Schema.NonEmptyString,
  /** The `iss` of its tokens. */
  issuer: Schema.NonEmptyString,
  /** The audiences of which a token must have one, default `sts.aliyuncs.com`. */
  clientIds: Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { default: () => ["sts.aliyuncs.com"] }),
  /** How old a token may be, default 12 hours. */
  issuanceLimitHours: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 168)), { default: () => 12 })
})

/**
 * An OIDC provider as it is registered in RAM.
 *
 * @since 0.1.0
 * @category models
 */
export type OidcProvider = typeof OidcProvider.Type

/**
 * A platform on which the code runs, and which gives it OIDC tokens:
 *
 * - `github-actions` at `*.actions.githubusercontent.com`
 * - `buildkite` at `agent.buildkite.com`
 * - `google` at `metadata.google.internal`
 * - `azure` at `169.254.169.254`
 * - `fly` at `localhost`, path `/v1/tokens/oidc`; the client in memory serves it for every Unix socket
 *
 * @since 0.1.0
 * @category models
 */
export const TokenPlatform = Schema.Struct({
  platform: Schema.Literal("github-actions", "buildkite", "google", "azure", "fly"),
  /** The `iss` of its tokens, default that of the platform. */
  issuer: Schema.optional(Schema.NonEmptyString),
  /** The `sub` of its tokens, default one that looks like those of the platform. */
  subject: Schema.optional(Schema.NonEmptyString),
  /** How long its tokens live, default as long as those of the platform. */
  tokenSeconds: Schema.optional(Schema.Positive),
  /** The secret that requests for a token must carry, where the platform has one. */
  requestToken: Schema.optionalWith(Schema.NonEmptyString, { default: () => "fake-secret-request-token" })
})

/**
 * A platform on which the code runs, and which gives it OIDC tokens.
 *
 * @since 0.1.0
 * @category models
 */
export type TokenPlatform = typeof TokenPlatform.Type

/**
 * A SAML response that is accepted as it is.
 *
 * @since 0.1.0
 * @category models
 */
export const SamlAssertion = Schema.Struct({
  /** The SAML response; requests carry it in Base64. */
  response: Schema.NonEmptyString,
  /** `acs:ram::<account id>:saml-provider/<name>`. */
  providerArn: Schema.NonEmptyString,
  /** Names the sessions. */
  subject: Schema.NonEmptyString,
  /** Default never. */
  expiresAt: Schema.optional(Schema.DateTimeUtc)
})
