/**
 * The INI credentials file: one section per identity, whose `type` says which source it configures.
 *
 * @module
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import type * as EffectConfig from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import type { CredentialsError, InvalidConfig } from "../CredentialsError.ts"
import { atFile, invalidConfig, SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import { attribute } from "../internal/profile/attribute.ts"
import * as credentialsFile from "../internal/profile/credentialsFile.ts"
import { NonEmptyText, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as stsEndpoint from "../internal/source/stsEndpoint.ts"
import * as Source from "../Source.ts"
import { deferred } from "../unstable/Deferred.ts"
import * as Text from "../unstable/Text.ts"
import * as TextFile from "../unstable/TextFile.ts"
import * as sections from "./sections.ts"

const name = "CredentialsFile"

const { variables } = credentialsFile

/**
 * What the sources of a section need.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements = FileSystem.FileSystem | Path.Path | HttpClient.HttpClient

/**
 * Which file and which section.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /**
   * The file. Default `ALIBABA_CLOUD_CREDENTIALS_FILE`, else `~/.alibabacloud/credentials`, else
   * `~/.alibabacloud/credentials.ini`; the first that exists is used.
   */
  readonly credentialsFile?: string | undefined
  /** The section. Default `ALIBABA_CLOUD_PROFILE`, else `default`. */
  readonly profileName?: string | undefined
}

/**
 * The schema that options must fit; where they do not, `make` fails with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  credentialsFile: Schema.optional(NonEmptyText),
  profileName: Schema.optional(NonEmptyText)
}).annotations({ identifier: "CredentialsFile.Config" })

interface Wanted {
  readonly section: string
  /** Whether an option or a variable names it. */
  readonly named: boolean
}

/** The section in the first file that exists. A file that was named must exist. */
const readFirst = (
  read: TextFile.Read,
  paths: ReadonlyArray<string>,
  named: boolean,
  wanted: Wanted
): Effect.Effect<sections.Section, CredentialsError> =>
  Effect.gen(function*() {
    for (const path of paths) {
      const result = yield* Effect.either(read(path, (text) => sectionOf(path, text, wanted)))
      if (Either.isRight(result)) {
        return result.right
      }
      const error = result.left
      if (error._tag !== "FileProblem") {
        return yield* error
      }
      if (named || !error.missing) {
        return yield* invalidConfig(name, atFile(Text.path(path)), error.issue)
      }
    }
    return yield* new SourceUnavailable({
      source: name,
      detail: paths.length === 0
        ? "there is no home directory to look in"
        : `there is no file ${paths.map(Text.path).join(" or ")}`,
      hint: `Create it, or name one with ${variables.file}.`
    })
  })

const sectionOf = (path: string, text: string, { named, section }: Wanted): Effect.Effect<
  sections.Section,
  CredentialsError
> => {
  const place = atFile(Text.path(path), { section: Text.name(section) })
  const found = credentialsFile.find(text, section)
  if (Either.isLeft(found)) {
    const { issue, line } = found.left
    return invalidConfig(name, { ...place, line }, issue)
  }
  if (found.right !== undefined) {
    return Effect.succeed({ place, keys: found.right })
  }
  return named
    ? invalidConfig(name, atFile(Text.path(path)), `it has no section ${Text.name(section)}`)
    : new SourceUnavailable({
      source: name,
      detail: `${Text.path(path)} has no section ${Text.name(section)}`,
      hint: `Add it, or name another one with ${variables.section}.`
    })
}

/**
 * Makes the source. The file is read at each `get`. `#` and `;` start a comment at the start of a line, after a section
 * header, after white space and after a closing quote. Matching quotes around a value are not part of it, and nothing in
 * a value is interpolated. A malformed line is an error only in the section that is used, or where it may be its header.
 * Fields are never filled in from the environment.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: Config = {}): Effect.Effect<Source.Source, InvalidConfig, Requirements> =>
  Effect.gen(function*() {
    // A name is compared as it is before it is compared without white space around it.
    const options = { ...(yield* validate(name, Config)(config)), profileName: config.profileName }
    const environment = yield* env.capture(name)
    const read = yield* TextFile.reader
    const choose = Effect.gen(function*() {
      const { named, paths } = yield* credentialsFile.paths(environment, options.credentialsFile)
      const profileName = options.profileName ?? (yield* environment.text(variables.section))
      const section = yield* readFirst(read, paths, named, {
        section: profileName ?? "default",
        named: profileName !== undefined
      })
      const source = yield* sections.sourceOf(name, section)
      return { ...source, get: Effect.mapError(source.get, attribute(name, section.place)) }
    })
    const source = yield* deferred(name, Effect.provideService(choose, env.IdentityVariables, false), {
      undated: "reread"
    })
    return Source.withProviderPrefix(source, "profile")
  })

/**
 * The source of the default chain.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEnv: Effect.Effect<Source.Source, never, Requirements> = Effect.orDie(make())

/** The section that is used: the given one, else that of the variable. */
const sectionInUse = Effect.fnUntraced(function*(given: string | undefined) {
  return given ?? (yield* places.text(yield* env.capture(name), variables.section)) ?? "default"
})

/**
 * What there is to know of the source of the default chain.
 *
 * @since 0.1.0
 * @category models
 */
export const definition: Source.Definition<Requirements> = {
  name,
  variables: [
    ...Object.values(variables).map((name) => ({ name, kind: "identity" as const })),
    ...stsEndpoint.settings
  ],
  switches: [],
  fromEnv,
  fromProfile: (profileName) => make({ profileName }),
  profileNames: Effect.gen(function*() {
    const found = yield* credentialsFile.look(yield* env.capture(name), yield* TextFile.reader, "default")
    return found?.names ?? []
  }),
  profileInUse: (profileName) => Effect.map(sectionInUse(profileName), (name) => ({ name })),
  places: (profileName) =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const set = yield* places.setVariables(environment, Object.values(variables))
      const { paths } = yield* Effect.orElseSucceed(credentialsFile.paths(environment), () => ({ paths: [] }))
      const found = yield* Effect.forEach(paths, places.file)
      const used = found.findIndex(({ exists }) => exists)
      const section = yield* sectionInUse(profileName)
      return [
        ...set,
        ...found.slice(0, used < 0 ? undefined : used + 1).map((file) =>
          file.exists ? { ...file, at: `[${section}]` } : file
        )
      ]
    })
}

/**
 * The section as a provider that keeps its session. The layer fails with `InvalidConfig` where options are not valid;
 * the file is not read before the first `get`.
 *
 * @example
 * ```ts
 * import { CredentialsFile } from "@effect-alicloud/credentials"
 *
 * const layer = CredentialsFile.layer({ credentialsFile: "/etc/alicloud/credentials", profileName: "backup" })
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
