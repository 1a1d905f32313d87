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
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import type { FileLocation, InvalidConfig } from "../CredentialsError.ts"
import { atFile, invalidConfig, renderLocation, SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as switches from "../internal/environment/switches.ts"
import { attribute, attributeConfig } from "../internal/profile/attribute.ts"
import * as circle from "../internal/profile/circle.ts"
import * as fields from "../internal/profile/fields.ts"
import { deferred } from "../internal/source/deferred.ts"
import { NonEmptyText, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as stsEndpoint from "../internal/source/stsEndpoint.ts"
import * as Source from "../Source.ts"
import * as CliConfigFile from "../unstable/CliConfigFile.ts"
import * as Text from "../unstable/Text.ts"
import * as TextFile from "../unstable/TextFile.ts"
import * as loginStore from "./loginStore.ts"
import { inferMode, modes, optionFields } from "./modes.ts"

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

const isMode = Schema.is(CliConfigFile.Mode)

type Stores = Effect.Effect.Success<typeof loginStore.make>

/** The source of a profile and of those it builds on; `path` is how it was reached. */
const sourceOf = (
  file: CliConfigFile.Opened,
  stores: Stores,
  profileName: string,
  path: ReadonlyArray<string>
): Made =>
  Effect.gen(function*() {
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
    if (file.names.indexOf(profileName) !== file.names.lastIndexOf(profileName)) {
      yield* Effect.annotateLogs(
        Effect.logWarning("Several profiles of config.json have the same name, the first one is used"),
        { source: name, place: renderLocation(place) }
      )
    }
    const read = fields.make(name, place, (field) => {
      const value: unknown = Object.hasOwn(profile, field) ? profile[field as keyof typeof profile] : undefined
      return Redacted.isRedacted(value) ? String(Redacted.value(value)) : typeof value === "string" ? value : undefined
    })
    const mode = read.optional("mode") ?? inferMode(read)
    if (mode === undefined) {
      return yield* read.wrong("mode is missing, and the fields that are there do not tell it")
    }
    if (!isMode(mode)) {
      return yield* read.wrong(`mode ${Text.word(mode)} is not one of ${CliConfigFile.Mode.literals.join(", ")}`)
    }
    const made = Effect.mapError(
      modes[mode]({
        profile,
        fields: read,
        store: (loginFields) => stores(name, file, profileName, loginFields),
        source: (other) => sourceOf(file, stores, other, reached)
      }),
      attributeConfig(name, place, optionFields)
    )
    const source = yield* mode === "External"
      ? circle.guard(made, {
        link: { file: file.path, profile: profileName },
        environment: yield* env.capture(name),
        wrong: (issue) => invalidConfig(name, place, issue)
      })
      : made
    return { ...source, get: Effect.mapError(source.get, attribute(name, place, optionFields)) }
  })

/** The profile that the first variable which is set names. */
const profileVariable = (environment: env.Env): Effect.Effect<string | undefined, InvalidConfig> =>
  Effect.reduce(
    profileVariables,
    undefined as string | undefined,
    (found, variable) => found === undefined ? environment.text(variable) : Effect.succeed(found)
  )

/** The profile and those it builds on, as far as they can be read. */
const lineage = (
  file: CliConfigFile.Opened | undefined,
  profileName: string
): Effect.Effect<ReadonlyArray<string>> =>
  Effect.gen(function*() {
    const path: Array<string> = []
    let next: string | undefined = profileName
    while (next !== undefined && !path.includes(next)) {
      path.push(next)
      const profile: CliConfigFile.Profile | undefined = file === undefined
        ? undefined
        : Option.getOrUndefined(yield* Effect.option(file.profile(next)))
      next = profile?.mode?.trim() === "ChainableRamRoleArn" ? profile.source_profile?.trim() || undefined : undefined
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
    const options = yield* validate(name, Config)(config)
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
      const chosen = options.profileName ?? (yield* profileVariable(environment)) ?? file.current
      if (chosen === undefined && !file.names.includes("default")) {
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
      const named = profileName ?? (yield* Effect.orElseSucceed(profileVariable(environment), () => undefined))
      const current = named === undefined ? opened?.current : undefined
      const chosen = named ?? current ?? (opened?.names.includes("default") === true ? "default" : undefined)
      const profiles = chosen === undefined ? [] : yield* lineage(opened, chosen)
      return [
        ...set,
        ...(profiles.length === 0 ? [file] : current === undefined ? [] : [{ ...file, at: "$.current" }]),
        ...profiles.map((profile) => ({ ...file, profile, at: opened?.placeOf(profile) }))
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
