/**
 * A profile of the aliyun CLI's `config.json`, whose `mode` says which source it configures.
 *
 * @module
 * @since 0.1.0
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import type * as EffectConfig from "effect/Config"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { FileLocation } from "../CredentialsError.ts"
import { atFile, InvalidConfig, invalidConfig, renderLocation, SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as switches from "../internal/environment/switches.ts"
import { attribute, attributeConfig } from "../internal/profile/attribute.ts"
import * as circle from "../internal/profile/circle.ts"
import * as credentialsFile from "../internal/profile/credentialsFile.ts"
import { deferred } from "../internal/source/deferred.ts"
import { NonEmptyText, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as stsEndpoint from "../internal/source/stsEndpoint.ts"
import * as Source from "../Source.ts"
import * as CliConfigFile from "../unstable/CliConfigFile.ts"
import type { Profile } from "../unstable/CliConfigProfile.ts"
import * as Text from "../unstable/Text.ts"
import * as TextFile from "../unstable/TextFile.ts"
import * as loginStore from "./loginStore.ts"
import * as modes from "./modes.ts"

const name = "CliProfile"

const disabled = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"

/** The variables that name the profile, in the aliyun CLI's order. */
const profileVariables = ["ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"] as const

/**
 * What the sources of a profile need.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements =
  | CommandExecutor.CommandExecutor
  | FileSystem.FileSystem
  | HttpClient.HttpClient
  | Path.Path

/**
 * Which file and which profile.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** The file. Default `ALIBABA_CLOUD_CONFIG_FILE`, else `~/.aliyun/config.json`. */
  readonly configFile?: string | undefined
  /** The profile. Default `ALIBABA_CLOUD_PROFILE` (or the CLI's aliases of it), else the file's current profile. */
  readonly profileName?: string | undefined
}

/**
 * The schema that options must fit; where they do not, `make` fails with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  configFile: Schema.optional(NonEmptyText),
  profileName: Schema.optional(NonEmptyText)
}).annotations({ identifier: "CliProfile.Config" })

type Made = Effect.Effect<Source.Source, InvalidConfig, Requirements>

type Stores = Effect.Effect.Success<typeof loginStore.make>

/** The source of a profile and of those it builds on; `path` is how it was reached. */
const sourceOf = (
  file: CliConfigFile.Opened,
  stores: Stores,
  wanted: string,
  path: ReadonlyArray<string>
): Made =>
  Effect.gen(function*() {
    const profileName = CliConfigFile.byName(file.entries, wanted)?.name ?? wanted
    const placeOf = (profileName: string): FileLocation =>
      atFile(Text.path(file.path), { profile: Text.name(profileName) })
    const place = placeOf(profileName)
    const above = path.at(-1)
    const reached = [...path, profileName]
    if (path.includes(profileName)) {
      return yield* invalidConfig(
        name,
        place,
        `source_profile leads back to itself: ${reached.map(Text.name).join(" -> ")}`
      )
    }
    const profile = yield* file.profile(
      profileName,
      above === undefined ? undefined : { ...placeOf(above), fields: ["source_profile"] }
    )
    if (file.entries.filter((entry) => entry.name === profileName).length > 1) {
      yield* Effect.annotateLogs(
        Effect.logWarning("Several profiles of config.json have the same name, the first one is used"),
        { source: name, place: renderLocation(place) }
      )
    }
    const made = Effect.mapError(
      modes.make(profile, {
        store: (loginFields) => stores(name, file, profileName, loginFields),
        source: (other) => sourceOf(file, stores, other, reached)
      }),
      attributeConfig(name, place, modes.optionFields)
    )
    const source = yield* profile.mode === "External"
      ? circle.guard(made, {
        link: { file: file.path, profile: profileName },
        environment: yield* env.capture(name),
        wrong: (issue) =>
          new InvalidConfig({ source: name, location: place, issues: [{ problem: issue }], circle: true })
      })
      : made
    return { ...source, get: Effect.mapError(source.get, attribute(name, place, modes.optionFields)) }
  })

interface Named {
  readonly variable: string
  readonly profileName: string
}

/** The profile that the first variable which is set names. */
const profileVariable = (environment: env.Env) =>
  Effect.gen(function*() {
    for (const variable of profileVariables) {
      const profileName = yield* environment.text(variable)
      if (profileName !== undefined) {
        return { variable, profileName }
      }
    }
    return undefined
  })

/**
 * Fails when the file does not have the profile that a variable names. `CredentialsFile` reads one of these variables,
 * too: a profile that its file has is absent here, not broken.
 */
const inCredentialsFile = (
  file: CliConfigFile.Opened,
  { profileName, variable }: Named,
  environment: env.Env,
  read: TextFile.Read
): Effect.Effect<void, InvalidConfig | SourceUnavailable, Path.Path> =>
  Effect.gen(function*() {
    if (
      variable !== credentialsFile.variables.section || CliConfigFile.byName(file.entries, profileName) !== undefined
    ) {
      return
    }
    const other = yield* credentialsFile.look(environment, read, profileName)
    const wanted = `there is no profile ${Text.name(profileName)}`
    if (other?.has === true) {
      return yield* new SourceUnavailable({
        source: name,
        detail: `${wanted} in ${Text.path(file.path)}; ${Text.path(other.path)} has it`,
        hint: "Add it there, or name another one with ALIBABA_CLOUD_PROFILE."
      })
    }
    if (other !== undefined) {
      const own = CliConfigFile.listNames(file.entries.map(({ name }) => name))
      return yield* invalidConfig(
        name,
        atFile(Text.path(file.path)),
        `${wanted}: it has ${own}; ${Text.path(other.path)} has ${CliConfigFile.listNames(other.names)}`
      )
    }
  })

const hasDefault = (file: CliConfigFile.Opened): boolean => CliConfigFile.byName(file.entries, "default") !== undefined

/** The profile and those it builds on, as far as they can be read. */
const lineage = (
  file: CliConfigFile.Opened | undefined,
  profileName: string
): Effect.Effect<ReadonlyArray<CliConfigFile.Entry | { readonly name: string; readonly at?: undefined }>> =>
  Effect.gen(function*() {
    const path: Array<CliConfigFile.Entry | { readonly name: string }> = []
    let next: string | undefined = profileName
    while (next !== undefined) {
      const entry: CliConfigFile.Entry | undefined = CliConfigFile.byName(file?.entries ?? [], next)
      if (path.some(({ name }) => name === entry?.name)) break
      path.push(entry ?? { name: next })
      const profile: Profile | undefined = file === undefined
        ? undefined
        : Option.getOrUndefined(yield* Effect.option(file.profile(next)))
      next = profile?.mode === "ChainableRamRoleArn" ? profile.source_profile : undefined
    }
    return path
  })

/**
 * Makes the source. The file is read at each `get`. Fields are never filled in from the environment; only the profile's
 * name and the file's path are.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: Config = {}): Made =>
  Effect.gen(function*() {
    // A name is compared as it is before it is compared without white space around it.
    const options = { ...(yield* validate(name, Config)(config)), profileName: config.profileName }
    const environment = yield* env.capture(name)
    const read = yield* TextFile.reader
    const stores = yield* loginStore.make
    const choose = Effect.gen(function*() {
      if (yield* environment.isTrue(disabled)) {
        return yield* new SourceUnavailable({
          source: name,
          reason: { _tag: "SwitchedOff", variable: disabled },
          detail: `the aliyun CLI's profiles are switched off by ${disabled}`,
          hint: "Unset it to use them."
        })
      }
      const file = yield* CliConfigFile.open(name, options.configFile, read)
      const named = options.profileName === undefined ? yield* profileVariable(environment) : undefined
      if (named !== undefined) {
        yield* inCredentialsFile(file, named, environment, read)
      }
      const chosen = options.profileName ?? named?.profileName ?? file.current
      if (chosen === undefined && !hasDefault(file)) {
        return yield* new SourceUnavailable({
          source: name,
          detail: `${Text.path(file.path)} names no current profile and has none named "default"`,
          hint: "Name one with ALIBABA_CLOUD_PROFILE."
        })
      }
      return yield* sourceOf(file, stores, chosen ?? "default", [])
    })
    const source = yield* deferred(name, Effect.provideService(choose, env.IdentityVariables, false), {
      undated: "reread"
    })
    return Source.withProviderPrefix(source, "cli_profile")
  })

/**
 * The source of the default chain. `ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true` switches it off.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEnv: Effect.Effect<Source.Source, never, Requirements> = Effect.orDie(make())

/**
 * What there is to know of the source of the default chain.
 *
 * @since 0.1.0
 * @category models
 */
export const definition: Source.Definition<Requirements> = {
  name,
  variables: [
    ...[CliConfigFile.variable, ...profileVariables].map((name) => ({ name, kind: "identity" as const })),
    { name: switches.variable, kind: "setting" },
    ...stsEndpoint.settings
  ],
  switches: [disabled],
  fromEnv,
  fromProfile: (profileName) => make({ profileName }),
  profileNames: Effect.flatMap(TextFile.reader, (read) => CliConfigFile.open(name, undefined, read)).pipe(
    Effect.match({ onFailure: () => [], onSuccess: ({ entries }) => entries.map((entry) => entry.name) })
  ),
  places: (profileName) =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const selecting = profileName === undefined ? profileVariables : []
      const set = yield* places.setVariables(environment, [disabled, CliConfigFile.variable, ...selecting])
      const path = yield* Effect.option(CliConfigFile.fileOf(name, undefined))
      if (Option.isNone(path)) {
        return set
      }
      const file = yield* places.file(path.value.path)
      const opened = Option.getOrUndefined(
        yield* Effect.option(CliConfigFile.open(name, undefined, yield* TextFile.reader))
      )
      const named = profileName ??
        (yield* Effect.orElseSucceed(profileVariable(environment), () => undefined))?.profileName
      const current = named === undefined ? opened?.current : undefined
      const chosen = named ?? current ?? (opened !== undefined && hasDefault(opened) ? "default" : undefined)
      const profiles = chosen === undefined ? [] : yield* lineage(opened, chosen)
      return [
        ...set,
        ...(profiles.length === 0 ? [file] : current === undefined ? [] : [{ ...file, at: "$.current" }]),
        ...profiles.map(({ at, name }) => ({ ...file, profile: name, at }))
      ]
    })
}

/**
 * The profile as a provider that keeps its session. The layer fails with `InvalidConfig` where options are not valid;
 * the file is not read before the first `get`.
 *
 * @example
 * ```ts
 * import { CliProfile } from "@effect-alicloud/credentials"
 *
 * const layer = CliProfile.layer({ profileName: "staging" })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config: Config = {},
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, Requirements> =>
  CredentialsProvider.layer(make(config), options)

/**
 * Like `layer`, with options made of `Config` values. One that is missing or cannot be used is `InvalidConfig`, too.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, Requirements> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
