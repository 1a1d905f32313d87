/** The schema of a world with its defaults. `World.ts`, `WorldLogins.ts` and `WorldTokens.ts` say what the fields are. */
import * as Schema from "effect/Schema"
import type { Action } from "../Action.ts"
import { Fault } from "../Fault.ts"
import type { WorldInput } from "../World.ts"
import { contradictions, defaultAccountId, roleArnPattern } from "./declared.ts"

const accountId = Schema.optionalWith(Schema.String, { default: () => defaultAccountId })

const yes = Schema.optionalWith(Schema.Boolean, { default: () => true })

const no = Schema.optionalWith(Schema.Boolean, { default: () => false })

const list = <A, I>(item: Schema.Schema<A, I>) => Schema.optionalWith(Schema.Array(item), { default: () => [] })

const seconds = (fallback: number) => Schema.optionalWith(Schema.Number, { default: () => fallback })

const text = (fallback: string) => Schema.optionalWith(Schema.NonEmptyString, { default: () => fallback })

const time = Schema.optional(Schema.DateTimeUtc)

const site = Schema.optionalWith(Schema.Literal("CN", "INTL"), { default: () => "CN" as const })

const RoleArn = Schema.String.pipe(Schema.pattern(roleArnPattern))

const User = Schema.Struct({
  name: Schema.String,
  accountId,
  accessKeyId: Schema.NonEmptyString,
  accessKeySecret: Schema.NonEmptyString,
  root: no,
  active: yes,
  canAssumeRole: yes
})

const PublicKey = Schema.Struct({
  publicKeyId: Schema.NonEmptyString,
  publicKey: Schema.NonEmptyString,
  accountId
})

const Role = Schema.Struct({
  arn: RoleArn,
  trustedUsers: Schema.optional(Schema.Union(Schema.Literal("*"), Schema.Array(Schema.String))),
  trustedRoles: list(RoleArn),
  trustedOidcProviders: list(Schema.String),
  trustedSamlProviders: list(Schema.String),
  ecs: no,
  externalId: Schema.optional(Schema.String),
  sourceIdentity: Schema.optional(Schema.String),
  maxSessionDuration: Schema.optionalWith(Schema.Int.pipe(Schema.between(3600, 43200)), { default: () => 3600 })
})

const OidcToken = Schema.Struct({
  token: Schema.String,
  providerArn: Schema.String,
  subject: Schema.String,
  expiresAt: time,
  audience: Schema.optionalWith(Schema.String, { default: () => "sts.aliyuncs.com" })
})

const OidcProvider = Schema.Struct({
  arn: Schema.NonEmptyString,
  issuer: Schema.NonEmptyString,
  clientIds: Schema.optionalWith(Schema.Array(Schema.NonEmptyString), { default: () => ["sts.aliyuncs.com"] }),
  issuanceLimitHours: Schema.optionalWith(Schema.Int.pipe(Schema.between(1, 168)), { default: () => 12 })
})

const TokenPlatform = Schema.Struct({
  platform: Schema.Literal("github-actions", "buildkite", "google", "azure", "fly"),
  issuer: Schema.optional(Schema.NonEmptyString),
  subject: Schema.optional(Schema.NonEmptyString),
  tokenSeconds: Schema.optional(Schema.Positive),
  requestToken: text("fake-secret-request-token")
})

const SamlAssertion = Schema.Struct({
  response: Schema.NonEmptyString,
  providerArn: Schema.NonEmptyString,
  subject: Schema.NonEmptyString,
  expiresAt: time
})

const BearerToken = Schema.Struct({
  token: Schema.NonEmptyString,
  name: Schema.String,
  accountId
})

const Instance = Schema.Struct({
  roleName: Schema.optional(Schema.String),
  imdsV1: yes,
  imdsV2: yes,
  sessionSeconds: seconds(21600),
  trailingNewline: no
})

const CredentialsUri = Schema.Struct({
  path: Schema.String.pipe(Schema.startsWith("/")),
  roleArn: Schema.optionalWith(RoleArn, { default: () => `acs:ram::${defaultAccountId}:role/credentials-uri` }),
  sessionSeconds: seconds(3600),
  host: Schema.optional(Schema.String)
})

const OAuthLogin = Schema.Struct({
  site,
  userName: text("developer"),
  accountId,
  refreshToken: Schema.NonEmptyString,
  refreshTokenExpiresAt: time,
  accessToken: Schema.optional(Schema.NonEmptyString),
  accessTokenExpiresAt: time,
  accessTokenSeconds: seconds(3600),
  sessionSeconds: seconds(3600),
  omitExpiresIn: no
})

const OAuthUser = Schema.Struct({
  site,
  userName: text("developer"),
  accountId,
  denies: no,
  accessTokenSeconds: seconds(3600),
  sessionSeconds: seconds(3600)
})

const CloudSsoGrant = Schema.Struct({
  accountId,
  accountName: Schema.optional(Schema.NonEmptyString),
  accessConfigurationId: Schema.NonEmptyString,
  accessConfigurationName: Schema.optional(Schema.NonEmptyString),
  sessionSeconds: seconds(3600)
})

const CloudSsoLogin = Schema.Struct({
  accessToken: Schema.NonEmptyString,
  expiresAt: time,
  userName: text("developer"),
  grants: list(CloudSsoGrant)
})

const CloudSsoUser = Schema.Struct({
  userName: text("developer"),
  denies: no,
  accessTokenSeconds: seconds(28800),
  grants: list(CloudSsoGrant)
})

const CloudSsoSite = Schema.Struct({
  host: Schema.NonEmptyString,
  logins: list(CloudSsoLogin),
  user: Schema.optional(CloudSsoUser),
  pollSeconds: seconds(5)
})

const OwnAction = Schema.declare((given: unknown): given is Action => typeof given === "function")
  .annotations({ identifier: "Action" })

const world = Schema.Struct({
  users: list(User),
  publicKeys: list(PublicKey),
  roles: list(Role),
  oidcTokens: list(OidcToken),
  oidcProviders: list(OidcProvider),
  tokenPlatforms: list(TokenPlatform),
  samlAssertions: list(SamlAssertion),
  bearerTokens: list(BearerToken),
  instance: Schema.optional(Instance),
  credentialsUris: list(CredentialsUri),
  oauthLogins: list(OAuthLogin),
  oauthUsers: list(OAuthUser),
  oauthCasing: Schema.optionalWith(Schema.Literal("camel", "pascal"), { default: () => "camel" as const }),
  oauthReuseGraceSeconds: Schema.optionalWith(Schema.NonNegative, { default: () => 0 }),
  cloudSsoSites: list(CloudSsoSite),
  stsHosts: list(Schema.String),
  actions: Schema.optionalWith(Schema.Record({ key: Schema.String, value: OwnAction }), { default: () => ({}) }),
  sessionSecondsScale: Schema.optionalWith(Schema.Positive, { default: () => 1 }),
  clockSkewSeconds: Schema.optionalWith(Schema.Number, { default: () => 0 }),
  faults: list(Fault)
}).pipe(
  Schema.filter((declared) => {
    const issues = contradictions(declared)
    return issues.length === 0 || issues.join("; ")
  }),
  Schema.annotations({ identifier: "World" })
)

/**
 * The schema of a world: it fills in the defaults, and fails where declarations contradict each other.
 *
 * @since 0.1.0
 * @category schemas
 */
export const World: Schema.Schema<typeof world.Type, WorldInput> = world

/**
 * What exists in the fake cloud, with its defaults.
 *
 * @since 0.1.0
 * @category models
 */
export type World = typeof World.Type

export type User = typeof User.Type

export type PublicKey = typeof PublicKey.Type

export type Role = typeof Role.Type

export type BearerToken = typeof BearerToken.Type

export type Instance = typeof Instance.Type

export type CredentialsUri = typeof CredentialsUri.Type

export type TokenPlatform = typeof TokenPlatform.Type

export type OAuthLogin = typeof OAuthLogin.Type

export type OAuthUser = typeof OAuthUser.Type

export type CloudSsoSite = typeof CloudSsoSite.Type
