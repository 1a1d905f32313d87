/**
 * The tokens and assertions that others sign for the fake cloud, as part of `WorldInput`.
 *
 * @module
 * @since 0.1.0
 */

/**
 * An OIDC token that is accepted as it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface OidcToken {
  readonly token: string
  /** `acs:ram::<account id>:oidc-provider/<name>`; roles name it in `trustedOidcProviders`. */
  readonly providerArn: string
  /** Who the token is for, its `sub`. */
  readonly subject: string
  /** When the token ends: ISO 8601, default never. */
  readonly expiresAt?: string | undefined
  /** Default `sts.aliyuncs.com`. */
  readonly audience?: string | undefined
}

/**
 * An OIDC provider as it is registered in RAM, for tokens that the platforms of the world or `signOidcToken` sign.
 *
 * @since 0.1.0
 * @category models
 */
export interface OidcProvider {
  /** `acs:ram::<account id>:oidc-provider/<name>`. */
  readonly arn: string
  /** The `iss` of its tokens. */
  readonly issuer: string
  /** The audiences of which a token must have one, default `sts.aliyuncs.com`. */
  readonly clientIds?: ReadonlyArray<string> | undefined
  /** How old a token may be, 1 to 168 hours, default 12. */
  readonly issuanceLimitHours?: number | undefined
}

/**
 * A platform on which the code runs, and which gives it OIDC tokens.
 *
 * @since 0.1.0
 * @category models
 */
export interface TokenPlatform {
  /**
   * - `github-actions` at `*.actions.githubusercontent.com`
   * - `buildkite` at `agent.buildkite.com`
   * - `google` at `metadata.google.internal`
   * - `azure` at `169.254.169.254`
   * - `fly` at `localhost`, path `/v1/tokens/oidc`; the client in memory serves it for every Unix socket
   */
  readonly platform: "github-actions" | "buildkite" | "google" | "azure" | "fly"
  /** The `iss` of its tokens, default that of the platform. */
  readonly issuer?: string | undefined
  /** The `sub` of its tokens, default one that looks like those of the platform. */
  readonly subject?: string | undefined
  /** How long its tokens live, default as long as those of the platform. */
  readonly tokenSeconds?: number | undefined
  /** The secret that requests for a token must carry, where the platform has one. Default `fake-secret-request-token`. */
  readonly requestToken?: string | undefined
}

/**
 * A SAML response that is accepted as it is.
 *
 * @since 0.1.0
 * @category models
 */
export interface SamlAssertion {
  /** The SAML response; requests carry it in Base64. */
  readonly response: string
  /** `acs:ram::<account id>:saml-provider/<name>`; roles name it in `trustedSamlProviders`. */
  readonly providerArn: string
  /** Names the sessions. */
  readonly subject: string
  /** When the response ends: ISO 8601, default never. */
  readonly expiresAt?: string | undefined
}
