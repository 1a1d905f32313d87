import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"
import { Fault } from "./faults.ts"
import { importPublicKey } from "./webCrypto.ts"

export const defaultAccountId = "1234567890123456"

const accountId = Schema.optionalWith(Schema.String, { default: () => defaultAccountId })

const yes = Schema.optionalWith(Schema.Boolean, { default: () => true })

const no = Schema.optionalWith(Schema.Boolean, { default: () => false })

const list = <A, I>(item: Schema.Schema<A, I>) => Schema.optionalWith(Schema.Array(item), { default: () => [] })

const seconds = (fallback: number) => Schema.optionalWith(Schema.Number, { default: () => fallback })

const roleArnPattern = /^acs:ram::([^:]+):role\/(.+)$/

const RoleArn = Schema.String.pipe(Schema.pattern(roleArnPattern))

/** Account and name of a role, `undefined` when the text is not the ARN of one. */
export const parseRoleArn = (arn: string): { readonly accountId: string; readonly name: string } | undefined => {
  const match = roleArnPattern.exec(arn)
  return match === null ? undefined : { accountId: match[1]!, name: match[2]! }
}

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

export type User = typeof User.Type

export const PublicKey = Schema.Struct({
  publicKeyId: Schema.NonEmptyString,
  /** RSA, SPKI PEM. */
  publicKey: Schema.NonEmptyString,
  accountId
})

export type PublicKey = typeof PublicKey.Type

export const Role = Schema.Struct({
  arn: RoleArn,
  /**
   * Names or AccessKey IDs, or `*` for every user. Without it a role that names no other trust (roles, OIDC providers,
   * ECS) trusts the users of its own account, the others trust no user.
   */
  trustedUsers: Schema.optional(Schema.Union(Schema.Literal("*"), Schema.Array(Schema.String))),
  /** ARNs of the roles whose sessions may assume this one. */
  trustedRoles: list(RoleArn),
  trustedOidcProviders: list(Schema.String),
  /** Whether instances may have this role. */
  ecs: no,
  externalId: Schema.optional(Schema.String),
  /** Seconds. */
  maxSessionDuration: Schema.optionalWith(Schema.Int.pipe(Schema.between(3600, 43200)), { default: () => 3600 })
})

export type Role = typeof Role.Type

const OidcToken = Schema.Struct({
  token: Schema.String,
  providerArn: Schema.String,
  subject: Schema.String,
  expiresAt: Schema.optional(Schema.DateTimeUtc),
  audience: Schema.optionalWith(Schema.String, { default: () => "sts.aliyuncs.com" })
})

export const BearerToken = Schema.Struct({
  token: Schema.NonEmptyString,
  name: Schema.String,
  accountId
})

export type BearerToken = typeof BearerToken.Type

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

export type Instance = typeof Instance.Type

export const CredentialsUri = Schema.Struct({
  /** Path and query, compared byte for byte. */
  path: Schema.String.pipe(Schema.startsWith("/")),
  /** Whose session is handed out, default a role of the default account. */
  roleArn: Schema.optionalWith(RoleArn, { default: () => `acs:ram::${defaultAccountId}:role/credentials-uri` }),
  sessionSeconds: seconds(3600),
  /** Host with or without port, default loopback (`127.0.0.1`, `localhost`) on any port. */
  host: Schema.optional(Schema.String)
})

export type CredentialsUri = typeof CredentialsUri.Type

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

export type OAuthLogin = typeof OAuthLogin.Type

const CloudSsoGrant = Schema.Struct({
  accountId,
  accessConfigurationId: Schema.NonEmptyString,
  sessionSeconds: seconds(3600)
})

const CloudSsoLogin = Schema.Struct({
  accessToken: Schema.NonEmptyString,
  /** Default never. */
  expiresAt: Schema.optional(Schema.DateTimeUtc),
  userName: Schema.optionalWith(Schema.NonEmptyString, { default: () => "developer" }),
  grants: list(CloudSsoGrant)
})

export const CloudSsoSite = Schema.Struct({
  /** Host of the sign-in URL, with or without port. */
  host: Schema.NonEmptyString,
  logins: list(CloudSsoLogin)
})

export type CloudSsoSite = typeof CloudSsoSite.Type

const duplicates = (kind: string, keys: ReadonlyArray<string>): ReadonlyArray<string> =>
  Arr.dedupe(keys.filter((key, index) => keys.indexOf(key) !== index)).map((key) => `${kind} ${key} is declared twice`)

const fields = {
  users: list(User),
  publicKeys: list(PublicKey),
  roles: list(Role),
  oidcTokens: list(OidcToken),
  bearerTokens: list(BearerToken),
  /** The machine the code runs on; without it the metadata service is unreachable. */
  instance: Schema.optional(Instance),
  credentialsUris: list(CredentialsUri),
  oauthLogins: list(OAuthLogin),
  /** Whether the fields of an OAuth session are `accessKeyId`, or `AccessKeyId`. */
  oauthCasing: Schema.optionalWith(Schema.Literal("camel", "pascal"), { default: () => "camel" as const }),
  /** How long a used refresh token may be used again. */
  oauthReuseGraceSeconds: Schema.optionalWith(Schema.NonNegative, { default: () => 0 }),
  cloudSsoSites: list(CloudSsoSite),
  /** Hosts that answer like `sts.aliyuncs.com`, with or without port. */
  stsHosts: list(Schema.String),
  /** Every session lives this many times as long as asked for, for demonstrations that compress time. */
  sessionSecondsScale: Schema.optionalWith(Schema.Positive, { default: () => 1 }),
  /** How far the cloud's clock is ahead of the machine's. */
  clockSkewSeconds: Schema.optionalWith(Schema.Number, { default: () => 0 }),
  faults: list(Fault)
}

export const World = Schema.Struct(fields).pipe(
  Schema.filter((world) => {
    const issues = [
      ...duplicates("AccessKey ID", [
        ...world.users.map(({ accessKeyId }) => accessKeyId),
        ...world.publicKeys.map(({ publicKeyId }) => publicKeyId)
      ]),
      ...duplicates("user", world.users.map(({ accountId, name }) => `${accountId}/${name}`)),
      ...duplicates("role", world.roles.map(({ arn }) => arn)),
      ...duplicates("OAuth refresh token", world.oauthLogins.map(({ refreshToken }) => refreshToken)),
      ...duplicates(
        "OAuth access token",
        world.oauthLogins.flatMap(({ accessToken }) => accessToken === undefined ? [] : [accessToken])
      ),
      ...duplicates("CloudSSO site", world.cloudSsoSites.map(({ host }) => host)),
      ...world.cloudSsoSites.flatMap(({ logins }) =>
        duplicates("CloudSSO access token", logins.map(({ accessToken }) => accessToken))
      ),
      ...world.roles.flatMap(({ arn, trustedUsers }) =>
        trustedUsers === undefined || trustedUsers === "*" ? [] : trustedUsers
          .filter((trusted) =>
            !world.users.some(({ accessKeyId, name }) => trusted === name || trusted === accessKeyId) &&
            !world.publicKeys.some(({ publicKeyId }) => trusted === publicKeyId) &&
            !world.oauthLogins.some(({ userName }) => trusted === userName)
          )
          .map((trusted) => `role ${arn} trusts the user ${trusted}, who is not declared`)
      ),
      ...world.roles
        .filter(({ arn, ecs }) => parseRoleArn(arn)?.name === world.instance?.roleName && !ecs)
        .map(({ arn }) => `the instance has the role ${arn}, which does not say \`ecs\``)
    ]
    return issues.length === 0 || issues.join("; ")
  }),
  Schema.annotations({ identifier: "World" })
)

export type World = typeof World.Type

export type WorldInput = typeof World.Encoded

export class InvalidWorld extends Schema.TaggedError<InvalidWorld>("@effect-alicloud/testing/InvalidWorld")(
  "InvalidWorld",
  {
    /** What is wrong, one sentence each. */
    issues: Schema.Array(Schema.String)
  }
) {
  override get message(): string {
    return `The declared world is wrong: ${this.issues.join("; ")}`
  }
}

/** Every host that a world declares, with or without port. */
export const declaredHosts = (world: World): ReadonlyArray<string> => [
  ...world.stsHosts,
  ...world.cloudSsoSites.map(({ host }) => host),
  ...world.credentialsUris.flatMap(({ host }) => host ?? [])
]

const decodeUnknown = ParseResult.decodeUnknown(World, { errors: "all", onExcessProperty: "error" })

const describe = (issue: ParseResult.ParseIssue): ReadonlyArray<string> =>
  ParseResult.ArrayFormatter.formatIssueSync(issue).map(({ message, path }) =>
    path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`
  )

export const decodeWorld = (input: WorldInput): Effect.Effect<World, InvalidWorld> =>
  Effect.gen(function*() {
    const world = yield* Effect.mapError(
      decodeUnknown(input),
      (issue) => new InvalidWorld({ issues: Arr.dedupe(describe(issue)) })
    )
    const unreadable = yield* Effect.filter(
      world.publicKeys,
      ({ publicKey }) => Effect.map(importPublicKey(publicKey), (key) => key === null)
    )
    if (unreadable.length > 0) {
      return yield* new InvalidWorld({
        issues: unreadable.map(({ publicKeyId }) => `public key ${publicKeyId} is not an RSA key in SPKI PEM`)
      })
    }
    return world
  })
