/**
 * The aliyun CLI's `config.json`: where it is and what its fields are.
 *
 * @since 0.1.0
 */
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CredentialsError } from "../CredentialsError.ts"
import { InvalidConfig, SourceUnavailable } from "../CredentialsError.ts"
import * as env from "../internal/env.ts"
import type * as files from "../internal/files.ts"
import * as home from "../internal/home.ts"
import * as secretJson from "../internal/secretJson.ts"
import * as show from "../internal/show.ts"

const Text = Schema.optional(Schema.NullOr(Schema.String))
const Secret = Schema.optional(Schema.NullOr(Schema.Redacted(Schema.String)))
const Whole = Schema.optional(Schema.NullOr(Schema.Int))
const Switch = Schema.optional(Schema.NullOr(Schema.Boolean))

/**
 * One profile. Every field but the name may be missing; an empty string, `0`, `false` and `null` count as missing,
 * because the tools that write the file put them there. Fields that are not named here are kept and not looked at.
 *
 * @since 0.1.0
 * @category models
 */
export const Profile = Schema.Struct({
  name: Schema.String,
  mode: Text,
  access_key_id: Text,
  access_key_secret: Secret,
  sts_token: Secret,
  sts_expiration: Whole,
  sts_region: Text,
  sts_endpoint: Text,
  enable_vpc: Switch,
  ram_role_name: Text,
  ram_role_arn: Text,
  ram_session_name: Text,
  expired_seconds: Whole,
  policy: Text,
  external_id: Text,
  source_profile: Text,
  private_key: Secret,
  key_pair_name: Text,
  process_command: Secret,
  credentials_uri: Secret,
  oidc_provider_arn: Text,
  oidc_token_file: Text,
  cloud_sso_sign_in_url: Text,
  cloud_sso_account_id: Text,
  cloud_sso_access_config: Text,
  access_token: Secret,
  cloud_sso_access_token_expire: Whole,
  oauth_site_type: Text,
  oauth_access_token: Secret,
  oauth_refresh_token: Secret,
  oauth_access_token_expire: Whole,
  bearer_token: Secret,
  bearer_token_header_key: Text,
  read_timeout: Whole,
  retry_timeout: Whole,
  connect_timeout: Whole
}).annotations({ identifier: "Profile" })

/**
 * @since 0.1.0
 * @category models
 */
export type Profile = typeof Profile.Type

/**
 * The file. Profiles stay undecoded until they are chosen, so that a broken one does not matter to the others.
 *
 * @since 0.1.0
 * @category models
 */
export const CliConfig = Schema.Struct({
  current: Text,
  profiles: Schema.Array(Schema.Unknown)
}).annotations({ identifier: "CliConfig" })

/**
 * A file that was read, and how to get at its profiles.
 *
 * @since 0.1.0
 * @category models
 */
export interface Opened {
  readonly path: string
  readonly current: string | undefined
  readonly names: ReadonlyArray<string>
  /** The same file as it is now. */
  readonly reread: Effect.Effect<Opened, CredentialsError>
  /** Decodes the profile of that name. */
  readonly profile: (name: string) => Effect.Effect<Profile, InvalidConfig>
}

const decodeConfig = secretJson.decodeText(CliConfig)
const decodeProfile = secretJson.decode(Profile)

const nameOf = (profile: unknown): unknown =>
  typeof profile === "object" && profile !== null && "name" in profile ? profile.name : undefined

/**
 * Reads the file: the given one, else that of `ALIBABA_CLOUD_CONFIG_FILE`, else `~/.aliyun/config.json`. A file that was
 * named must exist.
 *
 * @since 0.1.0
 * @category constructors
 */
export const open = (source: string, configFile: string | undefined, read: files.ReadText): Effect.Effect<
  Opened,
  CredentialsError,
  Path.Path
> =>
  Effect.gen(function*() {
    const environment = yield* env.capture(source)
    const named = configFile ?? (yield* environment.text("ALIBABA_CLOUD_CONFIG_FILE"))
    const directory = yield* home.directory(environment)
    if (named === undefined && directory === undefined) {
      return yield* new SourceUnavailable({
        source,
        reason: "there is no home directory to look in",
        hint: "Set HOME, or name the file with ALIBABA_CLOUD_CONFIG_FILE."
      })
    }
    const { join } = yield* Path.Path
    return yield* openAt(source, named ?? join(directory ?? "", ".aliyun", "config.json"), named !== undefined, read)
  })

const openAt = (source: string, path: string, named: boolean, read: files.ReadText): Effect.Effect<
  Opened,
  CredentialsError
> =>
  Effect.gen(function*() {
    const wrong = (issues: ReadonlyArray<string>): InvalidConfig =>
      new InvalidConfig({ source, location: show.path(path), issues })
    const text = yield* Effect.mapError(read(path), (problem) =>
      problem.missing && !named
        ? new SourceUnavailable({
          source,
          reason: `there is no file ${show.path(path)}`,
          hint: "Run `aliyun configure` to create it."
        })
        : wrong([problem.issue]))
    const config = yield* Effect.mapError(decodeConfig(text), wrong)
    const names = config.profiles.map(nameOf).filter((known) => typeof known === "string")
    const profile = (name: string): Effect.Effect<Profile, InvalidConfig> => {
      const index = config.profiles.findIndex((candidate) => nameOf(candidate) === name)
      if (index < 0) {
        const list = names.length === 0 ? "it has none" : `it has ${names.slice(0, 20).map(show.name).join(", ")}`
        return wrong([`there is no profile ${show.name(name)}: ${list}`])
      }
      return Effect.mapError(decodeProfile(config.profiles[index]), (issues) =>
        wrong(issues.map((issue) => `profiles[${index}].${issue}`)))
    }
    return {
      path,
      current: config.current?.trim() || undefined,
      names,
      reread: openAt(source, path, true, read),
      profile
    }
  })

/**
 * Where in the text of the file the profile of that name is, for an edit in place.
 *
 * @internal
 */
export const pathOf = (text: string, name: string): Effect.Effect<readonly ["profiles", number], string> =>
  Effect.flatMap(Effect.mapError(decodeConfig(text), (issues) => issues.join("; ")), ({ profiles }) => {
    const index = profiles.findIndex((candidate) => nameOf(candidate) === name)
    return index < 0 ? Effect.fail("the profile is no longer in it") : Effect.succeed(["profiles", index] as const)
  })
