/**
 * The current profile of the aliyun CLI's `config.json`: which variable takes precedence over it, and how it is changed.
 * For the command line tool; it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { InvalidConfig } from "../CredentialsError.ts"
import * as env from "../internal/environment/env.ts"
import * as atomicFile from "../internal/login/atomicFile.ts"
import * as fileLock from "../internal/login/fileLock.ts"
import * as jsonEdit from "../internal/login/jsonEdit.ts"
import * as chosenProfile from "../internal/profile/chosenProfile.ts"
import * as CliConfigFile from "./CliConfigFile.ts"
import * as TextFile from "./TextFile.ts"

/**
 * The variable that names a profile, which is then used instead of the current one.
 *
 * @since 0.1.0
 * @category unstable
 */
export const override: Effect.Effect<
  { readonly variable: string; readonly profileName: string } | undefined,
  InvalidConfig
> = Effect.flatMap(env.capture("CliProfile"), chosenProfile.named)

/** The bit of a file's mode that lets its owner write. */
const ownerWrites = 0o200

/**
 * Makes a profile the current one of a file, under its lock; every other byte stays as it is. Fails with the reason why
 * nothing was written, about the file: "its folder cannot be written".
 *
 * @since 0.1.0
 * @category unstable
 */
export const set: (path: string, profileName: string) => Effect.Effect<
  void,
  string,
  FileSystem.FileSystem | Path.Path
> = Effect.fnUntraced(function*(path, profileName) {
  const lock = yield* fileLock.make
  const io = yield* atomicFile.make
  const fs = yield* FileSystem.FileSystem
  const issueOf = (problem: string | atomicFile.WriteProblem): string =>
    typeof problem === "string" ? problem : problem.issue
  const change = Effect.fnUntraced(function*(held: fileLock.Held) {
    const { current, text } = yield* TextFile.whileChanging(fs, path)(
      Effect.flatMap(
        Effect.mapError(io.read(path), issueOf),
        (text) => Effect.map(CliConfigFile.nameIn(text, profileName), (current) => ({ current, text }))
      )
    )
    const { mode } = yield* Effect.mapError(fs.stat(path), () => "it cannot be read")
    if ((mode & ownerWrites) === 0) {
      return yield* Effect.fail("it is read-only")
    }
    const edited = jsonEdit.setMembers(text, [], { current })
    if (Either.isLeft(edited)) {
      return yield* Effect.fail(edited.left)
    }
    if (!(yield* held.stillHeld)) {
      return yield* Effect.fail("another process has taken over its lock")
    }
    yield* Effect.mapError(io.replace(path, edited.right), issueOf)
  })
  yield* Effect.mapError(lock.withLock(path, change, { wait: "10 seconds" }), issueOf)
})
