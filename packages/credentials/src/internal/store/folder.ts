/** The folder of the sessions that `FileSessionStore` keeps: where it is, whether it can be trusted, and what is in it. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { atOptions, invalidConfig } from "../../CredentialsError.ts"
import { Nonce, UserId } from "../../Platform.ts"
import * as Text from "../../unstable/Text.ts"
import * as TextFile from "../../unstable/TextFile.ts"
import * as env from "../environment/env.ts"
import * as home from "../environment/home.ts"
import { temporaryName, writeNew } from "../login/atomicFile.ts"

export const name = "FileSessionStore"

const ownName = "alicloud-credentials"

const invalid = (issue: string): Effect.Effect<never, InvalidConfig> =>
  invalidConfig(name, atOptions("directory"), issue)

/** The folder for caches of this machine: the variable of the XDG base directories, else the usual one of the system. */
const ofMachine = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const environment = yield* env.capture(name)
  const given = [
    yield* environment.text("XDG_CACHE_HOME"),
    path.sep === "\\" ? yield* environment.text("LOCALAPPDATA") : undefined
  ].find((folder) => folder !== undefined && path.isAbsolute(folder))
  if (given !== undefined) {
    return path.join(given, ownName)
  }
  const homeDirectory = yield* home.directory(environment)
  if (homeDirectory === undefined) {
    return yield* invalid("set it or XDG_CACHE_HOME, because this user has no home directory")
  }
  const library = path.join(homeDirectory, "Library", "Caches")
  const isMac = yield* Effect.orElseSucceed(fs.exists(library), () => false)
  return path.join(isMac ? library : path.join(homeDirectory, ".cache"), ownName)
})

/** Where the sessions are: as configured, else in the folder for caches. */
export const locate = (
  configured: string | undefined
): Effect.Effect<string, InvalidConfig, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const directory = configured === undefined ? yield* ofMachine : yield* TextFile.expandHome(configured.trim())
    return path.isAbsolute(directory)
      ? path.normalize(directory)
      : yield* invalid("it must be an absolute path, else there is a folder for each working directory")
  })

/** The user of this process: known by the runtime, else seen at a file that is made in the folder. */
const userOf = (directory: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const known = yield* UserId
    if (Option.isSome(known)) {
      return known
    }
    const probe = temporaryName(path, path.join(directory, "probe"), yield* Effect.flatten(Nonce))
    const seen = writeNew(fs, probe, " ").pipe(
      Effect.zipRight(fs.stat(probe)),
      Effect.ensuring(Effect.ignore(fs.remove(probe)))
    )
    return Option.flatMap(yield* Effect.option(seen), (info) => info.uid)
  })

/** What keeps the folder from being used, so that nobody else reads or plants sessions; none if it does not exist yet. */
export const problemOf = (
  directory: string
): Effect.Effect<string | undefined, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    if (yield* Effect.isSuccess(fs.readLink(directory))) {
      return "is a link"
    }
    const info = Option.getOrUndefined(yield* Effect.option(fs.stat(directory)))
    if (info === undefined) {
      return undefined
    }
    if (info.type !== "Directory") {
      return "is not a directory"
    }
    if (path.sep === "\\") {
      return undefined
    }
    if ((info.mode & 0o022) !== 0) {
      return "can be written by other users of this machine"
    }
    const user = yield* userOf(directory)
    return Option.isSome(user) && !Option.contains(info.uid, user.value) ? "belongs to another user" : undefined
  })

/** Fails when the folder must not be used. */
export const check = (
  directory: string
): Effect.Effect<void, InvalidConfig, FileSystem.FileSystem | Path.Path> =>
  Effect.flatMap(
    problemOf(directory),
    (problem) =>
      problem === undefined
        ? Effect.void
        : invalid(`${Text.path(directory)} ${problem}: it must be a folder that only you can write`)
  )

const patterns = {
  session: /^[0-9a-f]{64}\.json$/,
  lease: /^[0-9a-f]{64}\.lease(?:\.break)?$/,
  temporary: /^\..*\.alicloud-[^.]+\.tmp$/
}

/** What there is in the folder of the store's own, at most so many files; others are none of its business. */
export const filesOf = (directory: string, kinds: ReadonlyArray<keyof typeof patterns>, atMost: number) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const names = yield* Effect.orElseSucceed(fs.readDirectory(directory), () => [])
    return names
      .filter((name) => kinds.some((kind) => patterns[kind].test(name)))
      .slice(0, atMost)
      .map((name) => path.join(directory, name))
  })

/** A lease or a file of a moment that is older than this was left behind. */
const abandonedAfter = 60_000

/** A sweep is part of storing a session, so it ends soon; the next one goes on. */
const mostSwept = 1000

/** Removes sessions that have ended, whose files have that as their time, and what killed processes left behind. */
export const sweep = (directory: string): Effect.Effect<void, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const now = yield* Clock.currentTimeMillis
    const files = yield* filesOf(directory, ["session", "lease", "temporary"], mostSwept)
    yield* Effect.forEach(files, (file) =>
      Effect.ignore(Effect.flatMap(fs.stat(file), ({ mtime }) => {
        const endsAt = file.endsWith(".json") ? now : now - abandonedAfter
        return Option.exists(mtime, (time) => time.getTime() <= endsAt) ? fs.remove(file) : Effect.void
      })), { discard: true })
  })
