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
import * as chosenProfile from "../internal/profile/chosenProfile.ts"
import * as circle from "../internal/profile/circle.ts"
import { NonEmptyText, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as stsEndpoint from "../internal/source/stsEndpoint.ts"
import * as Source from "../Source.ts"
import * as CliConfigFile from "../unstable/CliConfigFile.ts"
import { deferred } from "../unstable/Deferred.ts"
import * as Text from "../unstable/Text.ts"
import * as TextFile from "../unstable/TextFile.ts"
import * as loginStore from "./loginStore.ts"
import * as modes from "./modes.ts"

const name = "CliProfile"

const disabled = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"

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
        wrong: (issue, names) =>
          new InvalidConfig({ source: name, location: place, issues: [{ problem: issue }], circle: names })
      })
      : made
    return { ...source, get: Effect.mapError(source.get, attribute(name, place, modes.optionFields)) }
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
      const chosen = options.profileName ?? (yield* chosenProfile.choose(file, environment, read))
      return yield* sourceOf(file, stores, chosen, [])
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
    ...[CliConfigFile.variable, ...chosenProfile.variables].map((name) => ({ name, kind: "identity" as const })),
    { name: switches.variable, kind: "setting" },
    ...stsEndpoint.settings
  ],
  switches: [disabled],
  fromEnv,
  fromProfile: (profileName) => make({ profileName }),
  profileNames: Effect.flatMap(TextFile.reader, (read) => CliConfigFile.open(name, undefined, read)).pipe(
    Effect.match({ onFailure: () => [], onSuccess: ({ entries }) => entries.map((entry) => entry.name) })
  ),
  profileInUse: (wanted) =>
    Effect.gen(function*() {
      const read = yield* TextFile.reader
      const file = yield* CliConfigFile.open(name, undefined, read)
      const chosen = wanted ?? (yield* chosenProfile.choose(file, yield* env.capture(name), read))
      return CliConfigFile.byName(file.entries, chosen)
    }).pipe(Effect.orElseSucceed(() => undefined)),
  places: (wanted) =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const selecting = wanted === undefined ? chosenProfile.variables : []
      const set = yield* places.setVariables(environment, [disabled, CliConfigFile.variable, ...selecting])
      const path = yield* Effect.option(CliConfigFile.fileOf(name, undefined))
      if (Option.isNone(path)) {
        return set
      }
      const file = yield* places.file(path.value.path)
      const opened = Option.getOrUndefined(
        yield* Effect.option(CliConfigFile.open(name, undefined, yield* TextFile.reader))
      )
      const named = wanted ??
        (yield* Effect.orElseSucceed(chosenProfile.named(environment), () => undefined))?.profileName
      const current = named === undefined ? opened?.current : undefined
      const chosen = named ?? current ??
        (opened !== undefined && chosenProfile.hasDefault(opened) ? "default" : undefined)
      const profiles = chosen === undefined ? [] : yield* chosenProfile.lineage(opened, chosen)
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
