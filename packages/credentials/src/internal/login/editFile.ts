/** Changes or creates `config.json` for a user, where `profiles/loginStore.ts` does so for a refresh. */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import { Nonce } from "../../Platform.ts"
import * as TextFile from "../../unstable/TextFile.ts"
import * as atomicFile from "./atomicFile.ts"
import * as fileLock from "./fileLock.ts"

/** The bit of a file's mode that lets its owner write. */
const ownerWrites = 0o200

const issueOf = (problem: string | atomicFile.WriteProblem): string =>
  typeof problem === "string" ? problem : problem.issue

const checkMode = (fs: FileSystem.FileSystem, path: string): Effect.Effect<void, string> =>
  Effect.flatMap(
    Effect.mapError(fs.stat(path), () => "it cannot be read"),
    ({ mode }) => (mode & ownerWrites) === 0 ? Effect.fail("it is read-only") : Effect.void
  )

/**
 * Replaces the text of a file under its lock. Fails with the reason why nothing was written, about the file: "its folder
 * cannot be written".
 */
export const edit = <A = string>(
  path: string,
  change: (text: string) => Effect.Effect<A, string>,
  textOf: (changed: A) => string = String
): Effect.Effect<A, string, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const lock = yield* fileLock.make
    const io = yield* atomicFile.make
    const fs = yield* FileSystem.FileSystem
    const run = (held: fileLock.Held) =>
      Effect.gen(function*() {
        const changed = yield* TextFile.whileChanging(fs, path)(
          Effect.flatMap(Effect.mapError(io.read(path), issueOf), change)
        )
        yield* checkMode(fs, path)
        if (!(yield* held.stillHeld)) {
          return yield* Effect.fail("another process has taken over its lock")
        }
        yield* Effect.mapError(io.replace(path, textOf(changed)), issueOf)
        return changed
      })
    return yield* Effect.mapError(lock.withLock(path, run, { wait: "10 seconds" }), issueOf)
  })

const explain = (error: PlatformError): string => atomicFile.explain("it cannot be created")(error).issue

/**
 * Creates a file that only its owner can read, with its folder: all of its text is there at once. Answers `false` when there
 * is one already.
 */
export const createIfMissing = (
  path: string,
  text: string
): Effect.Effect<boolean, string, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    if (yield* fs.exists(path)) return false
    yield* fs.makeDirectory(paths.dirname(path), { recursive: true, mode: 0o700 })
    const temporary = atomicFile.temporaryName(paths, path, yield* yield* Nonce)
    yield* atomicFile.writeNew(fs, temporary, text, (file) => file.sync)
    return yield* Effect.as(fs.link(temporary, path), true).pipe(
      Effect.catchIf(
        (error) => !(error._tag === "SystemError" && error.reason === "AlreadyExists"),
        // Some file systems have no hard links.
        () => Effect.as(atomicFile.writeNew(fs, path, text), true)
      ),
      Effect.catchIf(
        (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
        () => Effect.succeed(false)
      ),
      Effect.ensuring(Effect.ignore(fs.remove(temporary)))
    )
  }).pipe(Effect.uninterruptible, Effect.mapError(explain))

/** Why a file could not be changed, or created, now. */
export const check = (path: string): Effect.Effect<void, string, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const paths = yield* Path.Path
    if (yield* Effect.orElseSucceed(fs.exists(path), () => true)) {
      yield* checkMode(fs, path)
      const { canReplace } = yield* atomicFile.make
      return (yield* canReplace(path)) ? undefined : yield* Effect.fail("its folder cannot be written")
    }
    let folder = paths.dirname(path)
    while (folder !== paths.dirname(folder) && !(yield* Effect.orElseSucceed(fs.exists(folder), () => true))) {
      folder = paths.dirname(folder)
    }
    yield* Effect.mapError(fs.access(folder, { writable: true }), () => "its folder cannot be written")
  })
