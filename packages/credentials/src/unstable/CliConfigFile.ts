/**
 * The aliyun CLI's `config.json`: where it is, and how its profiles are found. For `CliProfile`, the JSON schema and
 * the command line tool; it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { CredentialsError, FileLocation, InvalidConfig, Issue, Location } from "../CredentialsError.ts"
import { atFile, invalidConfig, renderIssues, SourceUnavailable } from "../CredentialsError.ts"
import * as env from "../internal/environment/env.ts"
import * as home from "../internal/environment/home.ts"
import * as fields from "../internal/profile/fields.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import { decode, type Profile } from "./CliConfigProfile.ts"
import * as Text from "./Text.ts"
import * as TextFile from "./TextFile.ts"

/**
 * The file. Profiles stay undecoded until they are chosen, so that a broken one does not matter to the others.
 *
 * @since 0.1.0
 * @category unstable
 */
export const CliConfig = Schema.Struct({
  current: Schema.optional(Schema.String),
  profiles: Schema.Array(Schema.Unknown)
}).annotations({ identifier: "CliConfig" })

/**
 * The name of a profile, where it is (`$.profiles[2]`), and its `region_id`.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface Entry {
  readonly name: string
  readonly at: string
  readonly region: string | undefined
}

/**
 * A file that was read, and how to get at its profiles.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface Opened {
  readonly path: string
  readonly current: string | undefined
  readonly entries: ReadonlyArray<Entry>
  /** The same file as it is now. */
  readonly reread: Effect.Effect<Opened, CredentialsError>
  /** Decodes the profile `byName`. One that is missing is an error of the place that names it, by default the file. */
  readonly profile: (name: string, namedBy?: Location) => Effect.Effect<Profile, InvalidConfig>
}

const decodeObject = secretJson.decode(CliConfig)

interface Fault {
  readonly _tag: "Fault"
  readonly issues: ReadonlyArray<string>
  readonly place?: Pick<FileLocation, "line" | "column">
}

const decodeConfig = (text: string): Effect.Effect<typeof CliConfig.Type, Fault> =>
  text.trim() === ""
    ? Effect.fail({
      _tag: "Fault",
      issues: ["it is empty, which is not valid JSON: run `aliyun configure` to fill it"]
    })
    : secretJson.parseText(text).pipe(
      Effect.mapError(({ expected, ...place }): Fault => ({
        _tag: "Fault",
        issues: [expected === undefined ? secretJson.notJson : `${secretJson.notJson}: expected ${expected}`],
        place
      })),
      Effect.flatMap((json) =>
        Effect.mapError(
          decodeObject(isObject(json) ? fields.withoutUnset(json) : json),
          (issues): Fault => ({ _tag: "Fault", issues })
        )
      )
    )

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/**
 * A profile as it is written, and its place among the profiles.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface Found extends Entry {
  readonly index: number
  readonly profile: object
}

const found = (config: typeof CliConfig.Type): ReadonlyArray<Found> =>
  config.profiles.flatMap((profile, index) =>
    isObject(profile) && "name" in profile && typeof profile.name === "string"
      ? [{ name: profile.name, at: `$.profiles[${index}]`, region: regionOf(profile), index, profile }]
      : []
  )

/** The region, where it has the form of one: the aliyun CLI accepts letters, digits and `-`. */
const regionOf = (profile: object): string | undefined =>
  "region_id" in profile && typeof profile.region_id === "string" && /^[\w-]+$/.test(profile.region_id)
    ? profile.region_id
    : undefined

/**
 * The first that has the name, else the first whose name differs only in white space around it.
 *
 * @since 0.1.0
 * @category unstable
 */
export const byName = <A extends { readonly name: string }>(entries: ReadonlyArray<A>, name: string): A | undefined =>
  entries.find((entry) => entry.name === name) ?? entries.find((entry) => entry.name.trim() === name.trim())

/**
 * The first names of a file, for the error that one is missing.
 *
 * @since 0.1.0
 * @category unstable
 */
export const listNames = (names: ReadonlyArray<string>): string =>
  [...new Set(names)].slice(0, 20).map(Text.name).join(", ") || "none"

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
    const given = configFile ?? (yield* environment.text(variable))
    const named = given === undefined ? undefined : yield* TextFile.expandHome(given)
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
export const open = (source: string, configFile: string | undefined, read: TextFile.Read): Effect.Effect<
  Opened,
  CredentialsError,
  Path.Path
> =>
  Effect.gen(function*() {
    const { named, path } = yield* fileOf(source, configFile)
    return yield* openAt(source, path, named, read)
  })

const openAt = (source: string, path: string, named: boolean, read: TextFile.Read): Effect.Effect<
  Opened,
  CredentialsError
> =>
  Effect.gen(function*() {
    const file = atFile(Text.path(path))
    const wrong = (location: Location, ...issues: ReadonlyArray<string | Issue>): InvalidConfig =>
      invalidConfig(source, location, ...issues)
    const config = yield* Effect.mapError(read(path, decodeConfig), (problem) => {
      if (problem._tag === "Fault") {
        return wrong({ ...file, ...problem.place }, ...problem.issues)
      }
      return problem.missing && !named
        ? new SourceUnavailable({
          source,
          detail: `there is no file ${Text.path(path)}`,
          hint: "Run `alicloud-credentials login` or `aliyun configure` to create it."
        })
        : wrong(file, problem.issue)
    })
    const entries = found(config)
    return {
      path,
      current: config.current,
      entries,
      reread: openAt(source, path, true, read),
      profile: (name, namedBy) => {
        const entry = byName(entries, name)
        return entry === undefined
          ? wrong(
            namedBy ?? file,
            `there is no profile ${Text.name(name)}; the file has ${listNames(entries.map(({ name }) => name))}`
          )
          : Effect.mapError(decode(entry.profile), (issues) =>
            wrong(
              {
                ...file,
                profile: Text.name(entry.name),
                fields: issues.flatMap(({ field }) => field === undefined ? [] : [field])
              },
              ...issues
            ))
      }
    }
  })

/**
 * What the text of a file has: the name of the current profile, and all profiles that have a name.
 *
 * @since 0.1.0
 * @category unstable
 */
export const contentsOf = (text: string): Effect.Effect<
  { readonly current: string | undefined; readonly profiles: ReadonlyArray<Found> },
  string
> =>
  Effect.mapBoth(decodeConfig(text), {
    onFailure: ({ issues }) => issues.join("; "),
    onSuccess: (config) => ({ current: config.current, profiles: found(config) })
  })

const find = (text: string, name: string): Effect.Effect<Found, string> =>
  Effect.flatMap(contentsOf(text), ({ profiles }) => {
    const entry = byName(profiles, name)
    return entry === undefined ? Effect.fail("the profile is no longer in it") : Effect.succeed(entry)
  })

/**
 * The name of a profile as the text of the file has it.
 *
 * @since 0.1.0
 * @category unstable
 */
export const nameIn = (text: string, name: string): Effect.Effect<string, string> =>
  Effect.map(find(text, name), (entry) => entry.name)

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
  Effect.flatMap(find(text, name), (entry) =>
    Effect.mapBoth(decode(entry.profile), {
      onFailure: renderIssues,
      onSuccess: (profile) => ({ path: ["profiles", entry.index] as const, profile })
    }))
