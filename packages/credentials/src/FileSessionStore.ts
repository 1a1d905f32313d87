/**
 * A store of sessions in files, for the programs of one user on one machine. The command line tool uses it by default.
 *
 * Sessions are in plain text, as logins are in the aliyun CLI's `config.json`: each in a file of mode 0600, in a folder of
 * mode 0700. Who can read these files can read `config.json`, too.
 *
 * @module
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Arr from "effect/Array"
import * as Clock from "effect/Clock"
import type * as EffectConfig from "effect/Config"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "./CredentialsError.ts"
import { NonEmptyText, unwrap, validate } from "./internal/source/options.ts"
import * as files from "./internal/store/files.ts"
import * as folder from "./internal/store/folder.ts"
import * as SessionStore from "./SessionStore.ts"

const { name } = folder

/**
 * Where the files are.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /**
   * An absolute path. The folder is made when the first session is stored. Default `alicloud-credentials` in
   * `$XDG_CACHE_HOME`, on Windows in `%LOCALAPPDATA%`, else in `~/Library/Caches` where that exists, else in `~/.cache`.
   */
  readonly directory?: string | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  directory: Schema.optional(NonEmptyText)
}).annotations({ identifier: "FileSessionStore.Config" })

type Requirements = FileSystem.FileSystem | Path.Path

const directoryOf = (config: Config): Effect.Effect<string, InvalidConfig, Requirements> =>
  Effect.flatMap(validate(name, Config)(config), ({ directory }) => folder.locate(directory))

/**
 * Makes the store. A folder that is a link, that others can write, or that belongs to another user fails with
 * `InvalidConfig`. Nothing is written before a session is stored.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (config: Config = {}): Effect.Effect<SessionStore.Service, InvalidConfig, Requirements> =>
  Effect.gen(function*() {
    const directory = yield* directoryOf(config)
    yield* folder.check(directory)
    return yield* files.make(directory)
  })

/**
 * Keeps sessions in files. It fails with `InvalidConfig` for a folder that must not be used.
 *
 * @example
 * ```ts
 * import { Environment, FileSessionStore, RamRoleArn } from "@effect-alicloud/credentials"
 * import { Layer } from "effect"
 *
 * const layer = RamRoleArn.layer({ roleArn: "acs:ram::1234567890123456:role/deploy" }).pipe(
 *   Layer.provide([Environment.layer(), FileSessionStore.layer()])
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: Config = {}): Layer.Layer<SessionStore.SessionStore, InvalidConfig, Requirements> =>
  Layer.effect(SessionStore.SessionStore, make(config))

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>
): Layer.Layer<SessionStore.SessionStore, InvalidConfig, Requirements> =>
  Layer.effect(SessionStore.SessionStore, Effect.flatMap(unwrap(name, config), make))

/**
 * A session in the folder, without its secrets.
 *
 * @since 0.1.0
 * @category models
 */
export interface Listed {
  readonly roleArn: string
  readonly roleSessionName: string
  readonly accessKeyId: string
  readonly expiration: DateTime.Utc
}

/**
 * What is in the folder, and what keeps it from being used.
 *
 * @since 0.1.0
 * @category models
 */
export interface Contents {
  readonly directory: string
  /** In words that follow on the folder, for example `is a link`. */
  readonly problem: string | undefined
  /** The mode of the folder, such as `0o700`; none if there is no folder, or on Windows. */
  readonly mode: number | undefined
  /** The sessions that have not ended, the first to end first; at most 10,000. */
  readonly sessions: ReadonlyArray<Listed>
}

const mostListed = 10_000

/**
 * Reads what is in the folder. It writes nothing, and fails with `InvalidConfig` only where no folder is known.
 *
 * @since 0.1.0
 * @category accessors
 */
export const contents = (config: Config = {}): Effect.Effect<Contents, InvalidConfig, Requirements> =>
  Effect.gen(function*() {
    const directory = yield* directoryOf(config)
    const fs = yield* FileSystem.FileSystem
    const trust = yield* files.trustIn(directory)
    const now = yield* Clock.currentTimeMillis
    const info = Option.getOrUndefined(yield* Effect.option(fs.stat(directory)))
    const paths = yield* folder.filesOf(directory, ["session"], mostListed)
    const found = yield* Effect.forEach(
      paths,
      (file) => Effect.option(Effect.flatten(files.readSession(fs, file, trust)))
    )
    const sessions = found.flatMap(Option.match({
      onNone: () => [],
      onSome: ({ accessKeyId, expiration, roleArn, roleSessionName }): ReadonlyArray<Listed> =>
        DateTime.toEpochMillis(expiration) > now ? [{ roleArn, roleSessionName, accessKeyId, expiration }] : []
    }))
    return {
      directory,
      problem: yield* folder.problemOf(directory),
      mode: info === undefined || trust.windows ? undefined : info.mode & 0o777,
      sessions: Arr.sortWith(sessions, ({ expiration }) => expiration, DateTime.Order)
    }
  })

/**
 * Removes all sessions and leases from the folder and returns the number of sessions. Other files stay.
 *
 * @since 0.1.0
 * @category destructors
 */
export const clear = (
  config: Config = {}
): Effect.Effect<number, InvalidConfig | SessionStore.StoreFailed, Requirements> =>
  Effect.gen(function*() {
    const directory = yield* directoryOf(config)
    yield* folder.check(directory)
    const fs = yield* FileSystem.FileSystem
    const paths = yield* folder.filesOf(directory, ["session", "lease", "temporary"], Infinity)
    yield* Effect.forEach(paths, (file) => fs.remove(file, { force: true }), { discard: true }).pipe(
      Effect.mapError(files.failed(directory)("a session in it cannot be removed"))
    )
    return paths.filter((file) => file.endsWith(".json")).length
  })
