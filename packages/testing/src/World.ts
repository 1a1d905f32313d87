/**
 * What exists in the fake cloud: the schema of the `world` that `FakeAlicloud` and `FakeAlicloudServer` take.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"
import { Fault } from "./Fault.ts"
import { contradictions, defaultAccountId, roleArnPattern } from "./internal/declared.ts"
import { OidcProvider, OidcToken, SamlAssertion, TokenPlatform } from "./WorldTokens.ts"

/** Default `1234567890123456`. */
const accountId = Schema.optionalWith(Schema.String, { default: () => defaultAccountId })

const yes = Schema.optionalWith(Schema.Boolean, { default: () => true })

const no = Schema.optionalWith(Schema.Boolean, { default: () => false })

const list = <A, I>(item: Schema.Schema<A, I>) => Schema.optionalWith(Schema.Array(item), { default: () => [] })

const seconds = (fallback: number) => Schema.optionalWith(Schema.Number, { default: () => fallback })

const RoleArn = Schema.String.pipe(Schema.pattern(roleArnPattern))

/**
 * A RAM user, or the account itself, with its AccessKey.
 *
 * @since 0.1.0
 * @category models
 */
export const User = Schema.Struct({
  name: Schema.String,
  accountId,
  accessKeyId: Schema.NonEmptyString,
  accessKeySecret: Schema.NonEmptyString,
  /** The account itself, which may not assume roles. */
  root: no,
  /** Whether the AccessKey is enabled. */
  active: yes,
  /** Whether the user's own policies allow `sts:AssumeRole`. */
  canAssumeRole: yes
})

/**
 * A RAM user, or the account itself, with its AccessKey.
 *
 * @since 0.1.0
 * @category models
 */
export type User = typeof User.Type

/**
 * A key pair for RSA sessions.
 *
 * @since 0.1.0
 * @category models
 */
export const PublicKey = Schema.Struct({
  publicKeyId: Schema.NonEmptyString,
  /** RSA, SPKI PEM. */
  publicKey: Schema.NonEmptyString,
  accountId
})

/**
 * A key pair for RSA sessions.
 *
 * @since 0.1.0
 * @category models
 */
export type PublicKey = typeof PublicKey.Type

/**
 * A RAM role, and who may assume it.
 *
 * @since 0.1.0
 * @category models
 */
export const Role = Schema.Struct({
  arn: RoleArn,
  /**
   * Names or AccessKey IDs, or `*` for every user. Without it a role that names no other trust (roles, OIDC providers,
   * ECS) trusts the users of its own account, the others trust no user.
   */
  trustedUsers: Schema.optional(Schema.Union(Schema.Literal("*"), Schema.Array(Schema.String))),
  /** ARNs of the roles whose sessions may assume this one. */
  trustedRoles: list(RoleArn),
  /** ARNs. */
  trustedOidcProviders: list(Schema.String),
  /** ARNs. */
  trustedSamlProviders: list(Schema.String),
  /** Whether instances may have this role. */
  ecs: no,
  /** What a caller must give. */
  externalId: Schema.optional(Schema.String),
  /** What a caller must give, or have from the role whose session it is. */
  sourceIdentity: Schema.optional(Schema.String),
  /** Seconds. */
  maxSessionDuration: Schema.optionalWith(Schema.Int.pipe(Schema.between(3600, 43200)), { default: () => 3600 })
})

/**
 * A RAM role, and who may assume it.
 *
 * @since 0.1.0
 * @category models
 */
export type Role = typeof Role.Type

/**
 * A bearer token and the user it belongs to.
 *
 * @since 0.1.0
 * @category models
 */
export const BearerToken = Schema.Struct({
  token: Schema.NonEmptyString,
  name: Schema.String,
  accountId
})

/**
 * A bearer token and the user it belongs to.
 *
 * @since 0.1.0
 * @category models
 */
export type BearerToken = typeof BearerToken.Type

/**
 * The machine on which the code runs, as its metadata service describes it.
 *
 * @since 0.1.0
 * @category models
 */
export const Instance = Schema.Struct({
  /** The attached role; without it the service answers that there is none. */
  roleName: Schema.optional(Schema.String),
  /** Whether reads without a token are answered. */
  imdsV1: yes,
  /** Whether tokens are handed out. */
  imdsV2: yes,
  sessionSeconds: seconds(21600),
  /** Whether the role's name comes with a line feed. */
  trailingNewline: no
})

/**
 * The machine on which the code runs, as its metadata service describes it.
 *
 * @since 0.1.0
 * @category models
 */
export type Instance = typeof Instance.Type

/**
 * An address that serves credentials.
 *
 * @since 0.1.0
 * @category models
 */
export const CredentialsUri = Schema.Struct({
  /** Path and query, compared byte for byte. */
  path: Schema.String.pipe(Schema.startsWith("/")),
  /** Whose session is handed out, default a role of the default account. */
  roleArn: Schema.optionalWith(RoleArn, { default: () => `acs:ram::${defaultAccountId}:role/credentials-uri` }),
  sessionSeconds: seconds(3600),
  /** Host with or without port, default loopback (`127.0.0.1`, `localhost`) on any port. */
  host: Schema.optional(Schema.String)
})

/**
 * An address that serves credentials.
 *
 * @since 0.1.0
 * @category models
 */
export type CredentialsUri = typeof CredentialsUri.Type

/**
 * A login with a browser. Every refresh replaces the refresh token; one that is used twice revokes all tokens of its login,
 * but not the sessions. A login lives on as long as it is declared with the same `refreshToken`.
 *
 * @since 0.1.0
 * @category models
 */
export const OAuthLogin = Schema.Struct({
  site: Schema.optionalWith(Schema.Literal("CN", "INTL"), { default: () => "CN" as const }),
  /** Whose sessions are handed out; need not be one of `users`. */
  userName: Schema.optionalWith(Schema.NonEmptyString, { default: () => "developer" }),
  accountId,
  refreshToken: Schema.NonEmptyString,
  /** When the login ends, whatever its refresh token is by then; default never. */
  refreshTokenExpiresAt: Schema.optional(Schema.DateTimeUtc),
  accessToken: Schema.optional(Schema.NonEmptyString),
  /** When the declared access token ends, default never. */
  accessTokenExpiresAt: Schema.optional(Schema.DateTimeUtc),
  /** How long fetched access tokens live. */
  accessTokenSeconds: seconds(3600),
  sessionSeconds: seconds(3600),
  /** Whether answers keep the lifetime of access tokens to themselves. */
  omitExpiresIn: no
})

/**
 * A login with a browser.
 *
 * @since 0.1.0
 * @category models
 */
export type OAuthLogin = typeof OAuthLogin.Type

/**
 * The user who is signed in to an OAuth site in the browser: its sign-in page sends the browser back at once.
 *
 * @since 0.1.0
 * @category models
 */
export const OAuthUser = Schema.Struct({
  site: Schema.optionalWith(Schema.Literal("CN", "INTL"), { default: () => "CN" as const }),
  /** Whose sessions are handed out; need not be one of `users`. */
  userName: Schema.optionalWith(Schema.NonEmptyString, { default: () => "developer" }),
  accountId,
  /** Whether the user refuses every login. */
  denies: no,
  accessTokenSeconds: seconds(3600),
  sessionSeconds: seconds(3600)
})

/**
 * The user who is signed in to an OAuth site in the browser.
 *
 * @since 0.1.0
 * @category models
 */
export type OAuthUser = typeof OAuthUser.Type

const CloudSsoGrant = Schema.Struct({
  accountId,
  /** Default the id. */
  accountName: Schema.optional(Schema.NonEmptyString),
  accessConfigurationId: Schema.NonEmptyString,
  /** Default the id. */
  accessConfigurationName: Schema.optional(Schema.NonEmptyString),
  sessionSeconds: seconds(3600)
})

const CloudSsoLogin = Schema.Struct({
  accessToken: Schema.NonEmptyString,
  /** Default never. */
  expiresAt: Schema.optional(Schema.DateTimeUtc),
  userName: Schema.optionalWith(Schema.NonEmptyString, { default: () => "developer" }),
  grants: list(CloudSsoGrant)
})

const CloudSsoUser = Schema.Struct({
  userName: Schema.optionalWith(Schema.NonEmptyString, { default: () => "developer" }),
  /** Whether the user refuses every login. */
  denies: no,
  accessTokenSeconds: seconds(28800),
  grants: list(CloudSsoGrant)
})

/**
 * A CloudSSO sign-in address and its logins. Its sessions are those of the role
 * `AliyunReservedSSO-<accessConfigurationId>` of the account.
 *
 * @since 0.1.0
 * @category models
 */
export const CloudSsoSite = Schema.Struct({
  /** Host of the sign-in URL, with or without port. */
  host: Schema.NonEmptyString,
  logins: list(CloudSsoLogin),
  /** The user who is signed in to the portal in the browser, and confirms the code of every page that is opened. */
  user: Schema.optional(CloudSsoUser),
  /** How long programs must wait between two questions whether a code was confirmed. */
  pollSeconds: seconds(5)
})

/**
 * A CloudSSO sign-in address and its logins.
 *
 * @since 0.1.0
 * @category models
 */
export type CloudSsoSite = typeof CloudSsoSite.Type

const fields = {
  users: list(User),
  publicKeys: list(PublicKey),
  roles: list(Role),
  oidcTokens: list(OidcToken),
  oidcProviders: list(OidcProvider),
  tokenPlatforms: list(TokenPlatform),
  samlAssertions: list(SamlAssertion),
  bearerTokens: list(BearerToken),
  /** The machine the code runs on; without it the metadata service is unreachable. */
  instance: Schema.optional(Instance),
  credentialsUris: list(CredentialsUri),
  oauthLogins: list(OAuthLogin),
  /** At most one for each site. */
  oauthUsers: list(OAuthUser),
  /** Whether the fields of an OAuth session are `accessKeyId`, or `AccessKeyId`. */
  oauthCasing: Schema.optionalWith(Schema.Literal("camel", "pascal"), { default: () => "camel" as const }),
  /** How long a used refresh token may be used again. */
  oauthReuseGraceSeconds: Schema.optionalWith(Schema.NonNegative, { default: () => 0 }),
  cloudSsoSites: list(CloudSsoSite),
  /** Hosts that answer like `sts.aliyuncs.com`, with or without port. */
  stsHosts: list(Schema.String),
  /** A factor for the lifetime of every session, for demonstrations that compress time. */
  sessionSecondsScale: Schema.optionalWith(Schema.Positive, { default: () => 1 }),
  /** How far the cloud's clock is ahead of the machine's. */
  clockSkewSeconds: Schema.optionalWith(Schema.Number, { default: () => 0 }),
  /** Those that are on from the start. */
  faults: list(Fault)
}

/**
 * What exists in the fake cloud. Everything is optional, unknown keys are errors, and it can be written as JSON. The
 * secrets in it are plain text: they open nothing.
 *
 * @since 0.1.0
 * @category models
 */
export const World = Schema.Struct(fields).pipe(
  Schema.filter((world) => {
    const issues = contradictions(world)
    return issues.length === 0 || issues.join("; ")
  }),
  Schema.annotations({ identifier: "World" })
)

/**
 * What exists in the fake cloud, decoded and with its defaults.
 *
 * @since 0.1.0
 * @category models
 */
export type World = typeof World.Type

/**
 * A world as it is written down.
 *
 * @since 0.1.0
 * @category models
 */
export type WorldInput = typeof World.Encoded

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
