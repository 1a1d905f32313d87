/**
 * The profiles of the aliyun CLI's `config.json`: one schema for each mode, with the fields that the mode uses. For
 * `CliProfile`, the JSON schema and the command line tool; it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Issue } from "../CredentialsError.ts"
import * as fields from "../internal/profile/fields.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import * as printedTime from "../internal/source/printedTime.ts"
import * as Text from "./Text.ts"

const whole = { description: "a whole number" }

const Whole = Schema.Number.annotations(whole).pipe(
  Schema.filter((value) => Number.isSafeInteger(value), { ...whole, jsonSchema: { type: "integer" } })
)

/** A stored time that counts as ended: 1970. Zero counts as not set. */
const ended = 1

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) < 1e12

/** When something stored ends, in epoch seconds. Another form is understood where it can be; the rest has ended. */
const StoredTime = Schema.transform(Schema.Unknown.annotations({ jsonSchema: { type: "integer" } }), Schema.Number, {
  strict: true,
  decode: (value) =>
    isSeconds(value) ? value : Option.match(printedTime.parse(value), {
      onNone: () => ended,
      onSome: (moment) => Math.floor(DateTime.toEpochMillis(moment) / 1000)
    }),
  encode: (seconds) => seconds
})

const Secret = Schema.Redacted(Schema.String)

const Site = Schema.transform(Schema.String, Schema.String, {
  strict: true,
  decode: (site) => site.toUpperCase(),
  encode: (site) => site
}).pipe(
  Schema.filter((site): site is "CN" | "INTL" => site === "CN" || site === "INTL", { description: "CN or INTL" })
)

const text = Schema.optional(Schema.String)
const secret = Schema.optional(Secret)
const integer = Schema.optional(Whole)
const storedTime = Schema.optional(StoredTime)

const pair = { access_key_id: Schema.String, access_key_secret: Secret }

const timeouts = { read_timeout: integer, retry_timeout: integer, connect_timeout: integer }

const sts = {
  sts_region: text,
  sts_endpoint: text,
  enable_vpc: Schema.optional(Schema.Boolean),
  expired_seconds: integer,
  ...timeouts
}

const role = { ram_role_arn: Schema.String, ram_session_name: text, policy: text, ...sts }

const storedSession = { access_key_id: text, access_key_secret: secret, sts_token: secret, sts_expiration: storedTime }

const of = <const M extends string, Fields extends Schema.Struct.Fields>(mode: M, fields: Fields) =>
  Schema.Struct({ mode: Schema.Literal(mode), ...fields })

/**
 * A profile, as its mode has it. A field that the mode does not use may hold anything.
 *
 * @since 0.1.0
 * @category unstable
 */
export const Profile = Schema.Union(
  of("AK", pair),
  of("StsToken", { ...pair, sts_token: Secret }),
  of("RamRoleArn", { ...pair, sts_token: secret, external_id: text, ...role }),
  of("EcsRamRole", { ram_role_name: text }),
  of("OIDC", { oidc_provider_arn: Schema.String, oidc_token_file: Schema.String, ...role }),
  of("ChainableRamRoleArn", { source_profile: Schema.String, external_id: text, ...role }),
  of("CloudSSO", {
    cloud_sso_sign_in_url: Schema.String,
    cloud_sso_account_id: Schema.String,
    cloud_sso_access_config: Schema.String,
    access_token: secret,
    cloud_sso_access_token_expire: storedTime,
    ...storedSession,
    ...timeouts
  }),
  of("OAuth", {
    oauth_site_type: Site,
    oauth_access_token: secret,
    oauth_refresh_token: secret,
    oauth_access_token_expire: storedTime,
    ...storedSession,
    ...timeouts
  }),
  of("External", { process_command: Secret }),
  of("CredentialsURI", { credentials_uri: Secret, ...timeouts }),
  of("RsaKeyPair", { private_key: Secret, key_pair_name: Schema.String, ...sts }),
  of("RamRoleArnWithRoleName", { ram_role_name: text, ...role }),
  of("BearerToken", { bearer_token: Secret, bearer_token_header_key: text }),
  of("Anonymous", {})
).annotations({ identifier: "Profile" })

/**
 * A profile, decoded; every secret in it is `Redacted`.
 *
 * @since 0.1.0
 * @category unstable
 */
export type Profile = typeof Profile.Type

/**
 * What a profile's `mode` may be.
 *
 * @since 0.1.0
 * @category unstable
 */
export type Mode = Profile["mode"]

/**
 * Everything that a profile's `mode` may be.
 *
 * @since 0.1.0
 * @category unstable
 */
export const modes: ReadonlyArray<Mode> = Profile.members.map((member) => member.fields.mode.literals[0])

/** The mode of a profile that names none, from the fields it has, as the aliyun CLI infers it. */
const inferMode = (members: object): Mode | undefined => {
  const has = (...names: ReadonlyArray<string>): boolean => names.every((name) => Object.hasOwn(members, name))
  if (has("access_key_id", "access_key_secret")) {
    return has("ram_role_arn") ? "RamRoleArn" : has("sts_token") ? "StsToken" : "AK"
  }
  const rest: ReadonlyArray<readonly [mode: Mode, ...fields: ReadonlyArray<string>]> = [
    ["RsaKeyPair", "private_key", "key_pair_name"],
    ["EcsRamRole", "ram_role_name"],
    ["External", "process_command"],
    ["OIDC", "oidc_provider_arn", "oidc_token_file", "ram_role_arn"],
    ["CloudSSO", "cloud_sso_sign_in_url"],
    ["BearerToken", "bearer_token"]
  ]
  return rest.find(([, ...names]) => has(...names))?.[0]
}

/**
 * The mode of a profile as it is written, else as the aliyun CLI infers it from the fields that are set.
 *
 * @since 0.1.0
 * @category unstable
 */
export const modeOf = (profile: object): string | undefined => {
  const { mode, ...members } = fields.withoutUnset(profile) as { readonly mode?: unknown }
  return typeof mode === "string" ? mode.trim() : inferMode(members)
}

const decodeMode = secretJson.decodeIssues(Schema.Struct({ mode: Schema.optional(Schema.String) }))

const decodeProfile = secretJson.decodeIssues(Profile)

/**
 * Decodes a profile. White space, `0`, `false` and `null` count as missing; without a mode the fields that are set tell
 * it.
 *
 * @since 0.1.0
 * @category unstable
 */
export const decode = (profile: object): Effect.Effect<Profile, ReadonlyArray<Issue>> =>
  Effect.gen(function*() {
    const members = Object.fromEntries(
      Object.entries(fields.withoutUnset(profile)).map((
        [name, value]
      ) => [name, typeof value === "string" ? fields.clean(value) : value])
    )
    const { mode = inferMode(members) } = yield* decodeMode(members)
    const wrong = (problem: string): Effect.Effect<never, ReadonlyArray<Issue>> =>
      Effect.fail([{ field: "mode", problem }])
    if (mode === undefined) {
      return yield* wrong("is missing, and the fields that are there do not tell it")
    }
    if (!modes.some((known) => known === mode)) {
      return yield* wrong(`${Text.word(mode)} is not one of ${modes.join(", ")}`)
    }
    return yield* decodeProfile({ ...members, mode })
  })

/** What only a path starts or ends with. */
const pathLike = /^(?:~?[\\/]|\.{1,2}[\\/]|[A-Za-z]:[\\/])|\.(?:pem|key|p8|pk8|der|txt)$/i

/** A path of several parts, with a character that no Base64 text has, and none of those that parts rarely have. */
const parts = /^(?=.*[^A-Za-z0-9+/=\s])[^\\/?=&#:;<>'|*%$@]+(?:[\\/][^\\/?=&#:;<>'|*%$@]+)+$/

/**
 * Whether the private key of a profile is the path of its file. Errors show paths, so a key, also one without its first
 * line, must not pass for one.
 *
 * @since 0.1.0
 * @category unstable
 */
export const isKeyFile = (privateKey: string): boolean =>
  privateKey.length <= 1024 && !/[\r\n{"]|-----/.test(privateKey) &&
  (pathLike.test(privateKey) || (privateKey.length <= 255 && parts.test(privateKey)))
