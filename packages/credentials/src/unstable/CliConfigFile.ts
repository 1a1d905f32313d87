/**
 * The aliyun CLI's `config.json`: where it is, what its fields are, and how its profiles are read. For `CliProfile`, the
 * JSON schema and the command line tool; it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CredentialsError, InvalidConfig, Issue, Location } from "../CredentialsError.ts"
import { atFile, invalidConfig, renderIssues, SourceUnavailable } from "../CredentialsError.ts"
import * as env from "../internal/environment/env.ts"
import * as home from "../internal/environment/home.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import * as Text from "./Text.ts"
import type * as TextFile from "./TextFile.ts"

/**
 * Everything that a profile's `mode` may be.
 *
 * @since 0.1.0
 * @category unstable
 */
export const Mode = Schema.Literal(
  "AK",
  "StsToken",
  "RamRoleArn",
  "EcsRamRole",
  "OIDC",
  "ChainableRamRoleArn",
  "CloudSSO",
  "OAuth",
  "External",
  "CredentialsURI",
  "RsaKeyPair",
  "RamRoleArnWithRoleName",
  "BearerToken",
  "Anonymous"
).annotations({ identifier: "Mode" })

/**
 * What a profile's `mode` may be.
 *
 * @since 0.1.0
 * @category unstable
 */
export type Mode = typeof Mode.Type

/** Any word decodes: an unknown one is told with the known ones. */
const ModeName = Schema.String.annotations({ jsonSchema: { type: "string", enum: [...Mode.literals] } })

const whole = { description: "a whole number" }

const Whole = Schema.Number.annotations(whole).pipe(
  Schema.filter((value) => Number.isSafeInteger(value), { ...whole, jsonSchema: { type: "integer" } })
)

const optional = <A, I>(schema: Schema.Schema<A, I>) => (description: string) =>
  Schema.optional(schema).annotations({ description })

const text = optional(Schema.String)
const secret = optional(Schema.Redacted(Schema.String))
const integer = optional(Whole)
const flag = optional(Schema.Boolean)

/**
 * One profile. Every field but the name may be missing; white space, `0`, `false` and `null` count as missing, because
 * the tools that write the file put them there. Fields that are not named here are kept and not looked at.
 *
 * @since 0.1.0
 * @category unstable
 */
export const Profile = Schema.Struct({
  name: Schema.String.annotations({
    description: "The name by which the profile is chosen; the first of a name counts"
  }),
  mode: optional(ModeName)("Where the credentials come from; without it, the fields that are set tell"),
  access_key_id: text("AK, StsToken, RamRoleArn: the AccessKey ID; CloudSSO, OAuth: that of the stored session"),
  access_key_secret: secret("The secret of access_key_id"),
  sts_token: secret(
    "StsToken, RamRoleArn: the security token of a temporary AccessKey; CloudSSO, OAuth: the stored one"
  ),
  sts_expiration: integer("CloudSSO, OAuth: when the stored session ends, in epoch seconds"),
  sts_region: text("Role modes, OIDC, RsaKeyPair: the region whose STS endpoint is asked, such as cn-hangzhou"),
  sts_endpoint: text("Role modes, OIDC, RsaKeyPair: the STS host, instead of that of sts_region"),
  enable_vpc: flag("Role modes, OIDC, RsaKeyPair: whether to use the VPC endpoint of sts_region"),
  ram_role_name: text("EcsRamRole, RamRoleArnWithRoleName: the instance's RAM role; without it, the instance is asked"),
  ram_role_arn: text("Role modes, OIDC: the role to assume, acs:ram::<account id>:role/<name>"),
  ram_session_name: text("Role modes, OIDC: how the session is named in audit logs"),
  expired_seconds: integer(
    "Role modes, OIDC, RsaKeyPair: the session's lifetime in seconds, at least 900; default 3600"
  ),
  policy: text("Role modes, OIDC: a policy, as JSON text, that restricts the session further"),
  external_id: text("RamRoleArn, ChainableRamRoleArn: what the role's trust policy asks of other accounts"),
  source_profile: text("ChainableRamRoleArn: the profile whose credentials assume the role"),
  private_key: secret("RsaKeyPair: the private key, PKCS#8 PEM, or the path of its file"),
  key_pair_name: text("RsaKeyPair: the id of the public key"),
  process_command: secret("External: the program that prints credentials, and its arguments; no shell"),
  credentials_uri: secret("CredentialsURI: the http or https address that serves credentials"),
  oidc_provider_arn: text("OIDC: the identity provider, acs:ram::<account id>:oidc-provider/<name>"),
  oidc_token_file: text("OIDC: the path of the file that holds the token"),
  cloud_sso_sign_in_url: text("CloudSSO: the sign-in address, https://signin-<region>.alibabacloudsso.com/start/login"),
  cloud_sso_account_id: text("CloudSSO: the account whose session is wanted"),
  cloud_sso_access_config: text("CloudSSO: the id of the access configuration"),
  access_token: secret("CloudSSO: the login's access token, written by the login"),
  cloud_sso_access_token_expire: integer("CloudSSO: when access_token ends, in epoch seconds"),
  oauth_site_type: text("OAuth: CN for aliyun.com, INTL for alibabacloud.com"),
  oauth_access_token: secret("OAuth: the login's access token, written by the login"),
  oauth_refresh_token: secret("OAuth: the login's refresh token, which is replaced at each use"),
  oauth_access_token_expire: integer("OAuth: when oauth_access_token ends, in epoch seconds"),
  bearer_token: secret("BearerToken: the token"),
  bearer_token_header_key: text("BearerToken: the request header that carries the token"),
  read_timeout: integer(
    "STS, OAuth, CloudSSO, CredentialsURI: how long the server may be silent, in seconds; default 5"
  ),
  retry_timeout: integer("The older name of read_timeout, used where read_timeout is not set"),
  connect_timeout: integer("STS, OAuth, CloudSSO, CredentialsURI: how long connecting may take, in seconds; default 10")
}).annotations({ identifier: "Profile", description: "A profile of the aliyun CLI" })

/**
 * A profile, decoded; every secret in it is `Redacted`.
 *
 * @since 0.1.0
 * @category unstable
 */
export type Profile = typeof Profile.Type

/**
 * The file. Profiles stay undecoded until they are chosen, so that a broken one does not matter to the others.
 *
 * @since 0.1.0
 * @category unstable
 */
export const CliConfig = Schema.Struct({
  current: text("The profile that is used when no other is named"),
  profiles: Schema.Array(Schema.Unknown)
}).annotations({ identifier: "CliConfig" })

/**
 * A file that was read, and how to get at its profiles.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface Opened {
  readonly path: string
  readonly current: string | undefined
  readonly names: ReadonlyArray<string>
  /** Where the first profile of that name is: `$.profiles[2]`. */
  readonly placeOf: (name: string) => string | undefined
  /** The same file as it is now. */
  readonly reread: Effect.Effect<Opened, CredentialsError>
  /** Decodes the profile of that name. One that is missing is an error of the place that names it, by default the file. */
  readonly profile: (name: string, namedBy?: Location) => Effect.Effect<Profile, InvalidConfig>
}

/** What the tools that write the file put in the place of a value. */
const isUnset = (value: unknown): boolean =>
  value === null || value === 0 || value === false || (typeof value === "string" && value.trim() === "")

const withoutUnset = (value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).filter(([, member]) => !isUnset(member)))
    : value

const decodeObject = secretJson.decode(CliConfig)

const decodeConfig = (text: string): Effect.Effect<typeof CliConfig.Type, ReadonlyArray<string>> =>
  text.replace(/^\uFEFF/, "").trim() === ""
    ? Effect.fail(["it is empty, which is not valid JSON: run `aliyun configure` to fill it"])
    : secretJson.parse(text).pipe(
      Effect.mapError(() => ["not valid JSON: correct it, or write it anew with `aliyun configure`"]),
      Effect.flatMap((json) => decodeObject(withoutUnset(json)))
    )

const decodeFields = secretJson.decodeIssues(Profile)

const decodeProfile = (profile: unknown): Effect.Effect<Profile, ReadonlyArray<Issue>> =>
  decodeFields(withoutUnset(profile))

const nameOf = (profile: unknown): unknown =>
  typeof profile === "object" && profile !== null && "name" in profile ? profile.name : undefined

/**
 * The variable that names the file.
 *
 * @since 0.1.0
 * @category unstable
 */
export const variable = "ALIBABA_CLOUD_CONFIG_FILE"

/**
 * The path of the file that `open` reads, and whether it was named.
 *
 * @since 0.1.0
 * @category unstable
 */
export const fileOf = (source: string, configFile: string | undefined): Effect.Effect<
  { readonly path: string; readonly named: boolean },
  InvalidConfig | SourceUnavailable,
  Path.Path
> =>
  Effect.gen(function*() {
    const environment = yield* env.capture(source)
    const named = configFile ?? (yield* environment.text(variable))
    const directory = yield* home.directory(environment)
    if (named === undefined && directory === undefined) {
      return yield* new SourceUnavailable({
        source,
        detail: "there is no home directory to look in",
        hint: `Set HOME to an absolute path, or name the file with ${variable}.`
      })
    }
    const { join } = yield* Path.Path
    return { path: named ?? join(directory ?? "", ".aliyun", "config.json"), named: named !== undefined }
  })

/**
 * Reads the file: the given one, else that of `ALIBABA_CLOUD_CONFIG_FILE`, else `~/.aliyun/config.json`. A file that was
 * named must exist.
 *
 * @since 0.1.0
 * @category unstable
 */
export const open = (source: string, configFile: string | undefined, read: TextFile.ReadText): Effect.Effect<
  Opened,
  CredentialsError,
  Path.Path
> =>
  Effect.gen(function*() {
    const { named, path } = yield* fileOf(source, configFile)
    return yield* openAt(source, path, named, read)
  })

const openAt = (source: string, path: string, named: boolean, read: TextFile.ReadText): Effect.Effect<
  Opened,
  CredentialsError
> =>
  Effect.gen(function*() {
    const file = atFile(Text.path(path))
    const wrong = (location: Location, ...issues: ReadonlyArray<string | Issue>): InvalidConfig =>
      invalidConfig(source, location, ...issues)
    const text = yield* Effect.mapError(read(path), (problem) =>
      problem.missing && !named
        ? new SourceUnavailable({
          source,
          detail: `there is no file ${Text.path(path)}`,
          hint: "Run `aliyun configure` to create it."
        })
        : wrong(file, problem.issue))
    const config = yield* Effect.mapError(decodeConfig(text), (issues) => wrong(file, ...issues))
    const names = config.profiles.map(nameOf).filter((known) => typeof known === "string")
    const known = [...new Set(names)].slice(0, 20).map(Text.name).join(", ")
    const indexOf = (name: string): number => config.profiles.findIndex((candidate) => nameOf(candidate) === name)
    const profile: Opened["profile"] = (name, namedBy) => {
      const index = indexOf(name)
      if (index < 0) {
        return wrong(namedBy ?? file, `there is no profile ${Text.name(name)}: it has ${known || "none"}`)
      }
      return Effect.mapError(
        decodeProfile(config.profiles[index]),
        (issues) => wrong({ ...file, profile: Text.name(name) }, ...issues)
      )
    }
    return {
      path,
      current: config.current?.trim() || undefined,
      names,
      placeOf: (name) => {
        const index = indexOf(name)
        return index < 0 ? undefined : `$.profiles[${index}]`
      },
      reread: openAt(source, path, true, read),
      profile
    }
  })

/**
 * The profile of that name, and where in the text of the file it is, for an edit in place.
 *
 * @since 0.1.0
 * @category unstable
 */
export const locate = (text: string, name: string): Effect.Effect<
  { readonly path: readonly ["profiles", number]; readonly profile: Profile },
  string
> =>
  Effect.mapError(decodeConfig(text), (issues) => issues.join("; ")).pipe(
    Effect.flatMap(({ profiles }) => {
      const index = profiles.findIndex((candidate) => nameOf(candidate) === name)
      return index < 0
        ? Effect.fail("the profile is no longer in it")
        : Effect.mapBoth(decodeProfile(profiles[index]), {
          onFailure: renderIssues,
          onSuccess: (profile) => ({ path: ["profiles", index] as const, profile })
        })
    })
  )
