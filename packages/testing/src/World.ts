/**
 * What exists in the fake cloud: the `world` that `FakeAlicloud` and `FakeAlicloudServer` take.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import type { Action } from "./Action.ts"
import type { Fault } from "./Fault.ts"
import type { CloudSsoSite, OAuthLogin, OAuthUser } from "./WorldLogins.ts"
import type { OidcProvider, OidcToken, SamlAssertion, TokenPlatform } from "./WorldTokens.ts"

/**
 * A RAM user, or the account itself, with its AccessKey.
 *
 * @since 0.1.0
 * @category models
 */
export interface User {
  readonly name: string
  /** Default `1234567890123456`. */
  readonly accountId?: string | undefined
  readonly accessKeyId: string
  readonly accessKeySecret: string
  /** Whether this is the account itself, which may not assume roles. Default false. */
  readonly root?: boolean | undefined
  /** Whether the AccessKey is enabled, default true. */
  readonly active?: boolean | undefined
  /** Whether the user's own policies allow `sts:AssumeRole`, default true. */
  readonly canAssumeRole?: boolean | undefined
}

/**
 * A key pair for RSA sessions.
 *
 * @since 0.1.0
 * @category models
 */
export interface PublicKey {
  readonly publicKeyId: string
  /** RSA, SPKI PEM. */
  readonly publicKey: string
  /** Default `1234567890123456`. */
  readonly accountId?: string | undefined
}

/**
 * A RAM role, and who may assume it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Role {
  /** `acs:ram::<account id>:role/<name>`. */
  readonly arn: string
  /**
   * Names or AccessKey IDs, or `*` for every user. Default: a role that names no other trust (roles, OIDC or SAML providers,
   * ECS) trusts the users of its own account, the others trust no user.
   */
  readonly trustedUsers?: "*" | ReadonlyArray<string> | undefined
  /** ARNs of the roles whose sessions may assume this one, default none. */
  readonly trustedRoles?: ReadonlyArray<string> | undefined
  /** ARNs, default none. */
  readonly trustedOidcProviders?: ReadonlyArray<string> | undefined
  /** ARNs, default none. */
  readonly trustedSamlProviders?: ReadonlyArray<string> | undefined
  /** Whether instances may have this role, default false. */
  readonly ecs?: boolean | undefined
  /** What a caller must give, default nothing. */
  readonly externalId?: string | undefined
  /** What a caller must give, or have from the role whose session it is. Default nothing. */
  readonly sourceIdentity?: string | undefined
  /** The longest session in seconds, 3600 to 43200, default 3600. */
  readonly maxSessionDuration?: number | undefined
}

/**
 * A bearer token and the user it belongs to.
 *
 * @since 0.1.0
 * @category models
 */
export interface BearerToken {
  readonly token: string
  /** Of the user. */
  readonly name: string
  /** Default `1234567890123456`. */
  readonly accountId?: string | undefined
}

/**
 * The machine on which the code runs, as its metadata service describes it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Instance {
  /** The attached role; without it the service answers that there is none. */
  readonly roleName?: string | undefined
  /** Whether reads without a token are answered, default true. */
  readonly imdsV1?: boolean | undefined
  /** Whether tokens are handed out, default true. */
  readonly imdsV2?: boolean | undefined
  /** How long sessions live, default 21600. */
  readonly sessionSeconds?: number | undefined
  /** Whether the role's name comes with a line feed, default false. */
  readonly trailingNewline?: boolean | undefined
}

/**
 * An address that serves credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface CredentialsUri {
  /** Path and query, compared byte for byte. */
  readonly path: string
  /** Whose session is handed out, default `acs:ram::1234567890123456:role/credentials-uri`. */
  readonly roleArn?: string | undefined
  /** How long sessions live, default 3600. */
  readonly sessionSeconds?: number | undefined
  /** Host with or without port, default loopback (`127.0.0.1`, `localhost`) on any port. */
  readonly host?: string | undefined
}

/**
 * What exists in the fake cloud. Everything is optional, unknown keys are errors, and all but `actions` can be written as
 * JSON. The secrets in it are plain text: they open nothing.
 *
 * @since 0.1.0
 * @category models
 */
export interface WorldInput {
  /** Who has an AccessKey, default nobody. */
  readonly users?: ReadonlyArray<User> | undefined
  /** The key pairs for RSA sessions, default none. */
  readonly publicKeys?: ReadonlyArray<PublicKey> | undefined
  /** Default none. */
  readonly roles?: ReadonlyArray<Role> | undefined
  /** OIDC tokens that are accepted as they are, default none. */
  readonly oidcTokens?: ReadonlyArray<OidcToken> | undefined
  /** OIDC providers whose tokens are verified, default none. */
  readonly oidcProviders?: ReadonlyArray<OidcProvider> | undefined
  /** The platforms that give the code OIDC tokens, default none. */
  readonly tokenPlatforms?: ReadonlyArray<TokenPlatform> | undefined
  /** SAML responses that are accepted as they are, default none. */
  readonly samlAssertions?: ReadonlyArray<SamlAssertion> | undefined
  /** Default none. */
  readonly bearerTokens?: ReadonlyArray<BearerToken> | undefined
  /** The machine the code runs on; without it the metadata service is unreachable. */
  readonly instance?: Instance | undefined
  /** The addresses that serve credentials, default none. */
  readonly credentialsUris?: ReadonlyArray<CredentialsUri> | undefined
  /** The logins with a browser that exist from the start, default none. */
  readonly oauthLogins?: ReadonlyArray<OAuthLogin> | undefined
  /** The users who are signed in in the browser, at most one for each site. Default nobody. */
  readonly oauthUsers?: ReadonlyArray<OAuthUser> | undefined
  /** Whether the fields of an OAuth session are `accessKeyId` (`camel`, the default) or `AccessKeyId` (`pascal`). */
  readonly oauthCasing?: "camel" | "pascal" | undefined
  /** How long a used refresh token may be used again, default 0. */
  readonly oauthReuseGraceSeconds?: number | undefined
  /** Default none. */
  readonly cloudSsoSites?: ReadonlyArray<CloudSsoSite> | undefined
  /** Hosts that answer like `sts.aliyuncs.com`, with or without port. Default none. */
  readonly stsHosts?: ReadonlyArray<string> | undefined
  /**
   * APIs of your own by product and action, `Vpc.DescribeVpcs`, in RPC or ROA style. The product is as in host names:
   * `Vpc` is `vpc.aliyuncs.com`, `vpc.cn-hangzhou.aliyuncs.com` and the like. The signature is verified as for all APIs,
   * and an action that a product does not have is its error `InvalidAction.NotFound`. An action that the fake cloud has
   * itself is replaced. Default none.
   */
  readonly actions?: Readonly<Record<string, Action>> | undefined
  /** A factor for the lifetime of every session, for demonstrations that compress time. Default 1. */
  readonly sessionSecondsScale?: number | undefined
  /** How far the cloud's clock is ahead of the machine's; a negative number is behind. Default 0. */
  readonly clockSkewSeconds?: number | undefined
  /** Those that are on from the start, default none. */
  readonly faults?: ReadonlyArray<Fault> | undefined
}

export { World } from "./internal/worldSchema.ts"

/**
 * The declared world is wrong: a wrong or unknown field, something declared twice, trust in a user who is not there.
 *
 * @since 0.1.0
 * @category errors
 */
export class InvalidWorld extends Schema.TaggedError<InvalidWorld>("@effect-alicloud/testing/InvalidWorld")(
  "InvalidWorld",
  {
    /** The problems, one sentence each. */
    issues: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    return `The declared world is wrong: ${this.issues.join("; ")}`
  }
}
