import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { Nonce } from "../../Platform.ts"
import * as Text from "../../unstable/Text.ts"
import { decodeUtf8, utf8 } from "../../unstable/WebCrypto.ts"
import * as smallFile from "../source/smallFile.ts"

/**
 * Why a file was not written, in words that hold none of its content.
 *
 * - `missing`: there is no such file, or a link leads to none
 * - `readonly`: the file's folder or file system cannot be written here
 * - `locked`: its lock was held all the time
 * - `failed`: anything else
 */
export interface WriteProblem {
  readonly _tag: "WriteProblem"
  readonly reason: "missing" | "readonly" | "locked" | "failed"
  readonly issue: string
}

export const writeProblem = (reason: WriteProblem["reason"], issue: string): WriteProblem => ({
  _tag: "WriteProblem",
  reason,
  issue
})

const mode = 0o600

/** Files this old that are there for moments only were left behind by a process that was killed. */
const abandonedAfter = 60_000

const systemCode = (cause: unknown): string | undefined =>
  Predicate.hasProperty(cause, "code") ? Text.systemCode(cause.code) : undefined

/** The problem of a failed file operation; `issue` names the operation: "it cannot be replaced". */
export const explain = (issue: string) => (error: PlatformError | WriteProblem): WriteProblem => {
  if (error._tag === "WriteProblem") return error
  if (error._tag === "BadArgument") return writeProblem("failed", "its path cannot be used")
  const code = systemCode(error.cause)
  if (error.reason === "NotFound") return writeProblem("missing", "it does not exist")
  return error.reason === "PermissionDenied" || code === "EROFS" || code === "EPERM" || code === "EACCES"
    ? writeProblem("readonly", "its folder cannot be written")
    : writeProblem("failed", `${issue} (${error.reason === "Unknown" ? code ?? "Unknown" : error.reason})`)
}

const explainReading = (error: PlatformError): WriteProblem => {
  const problem = explain("it cannot be read")(error)
  return problem.reason === "readonly" ? writeProblem("failed", "it may not be read") : problem
}

/** A name beside a file, which the next replacement recognizes and removes if it was left behind. */
export const temporaryName = (path: Path.Path, file: string, nonce: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.alicloud-${nonce}.tmp`)

/** The file that keeps all but one from removing a stale lock. */
export const markName = (lock: string): string => `${lock}.break`

const isMomentary = (base: string) => (name: string): boolean =>
  (name.startsWith(`.${base}.`) && /\.alicloud-[^.]+\.tmp$/.test(name)) || name === markName(`${base}.lock`)

/** Makes a file that only its owner can read; fails when it exists. A file that could not be written whole is removed. */
export const writeNew = <E = never>(
  fs: FileSystem.FileSystem,
  file: string,
  text: string,
  finish: (file: FileSystem.File) => Effect.Effect<void, E> = () => Effect.void
): Effect.Effect<void, E | PlatformError> =>
  Effect.uninterruptible(Effect.scoped(Effect.flatMap(
    fs.open(file, { flag: "wx", mode }),
    (opened) =>
      Effect.onError(
        Effect.zipRight(opened.writeAll(utf8(text)), finish(opened)),
        () => Effect.ignore(fs.remove(file))
      )
  )))

export interface AtomicFile {
  /** Reads the text of a file such that writing it again gives the same bytes; at most 1 MiB. */
  readonly read: (path: string) => Effect.Effect<string, WriteProblem>
  /**
   * Replaces the content of a file that exists: readers see all of the old text or all of the new one, also after a crash.
   * A symbolic link is followed and stays. The file then has mode 0600, the same owner, and, where the writer may, the same
   * group. A file with several hard links is refused: the others would keep the old text.
   */
  readonly replace: (path: string, text: string) => Effect.Effect<void, WriteProblem>
  /**
   * Whether `replace` would work now, with a text that is a little longer: tried with white space in a file beside it, so
   * that a full disk, another owner or a hard link is found out before it matters.
   */
  readonly canReplace: (path: string) => Effect.Effect<boolean>
}

/** A login's fields are shorter. */
const growthBytes = 16 * 1024

export const make: Effect.Effect<AtomicFile, never, FileSystem.FileSystem | Path.Path> = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const nonce = yield* Nonce

  const regular = (file: string) =>
    Effect.filterOrFail(
      fs.stat(file),
      ({ type }) => type === "File",
      () => writeProblem("failed", "it is not a regular file")
    )

  const read: AtomicFile["read"] = (file) =>
    smallFile.read(fs, file).pipe(
      Effect.mapError((error) =>
        error._tag === "Unreadable" ? writeProblem("failed", error.issue) : explainReading(error)
      ),
      Effect.flatMap(({ bytes }) => {
        const text = decodeUtf8(bytes)
        return text === undefined
          ? Effect.fail(writeProblem("failed", "it is not plain UTF-8 text: save it as UTF-8"))
          : Effect.succeed(text)
      })
    )

  /**
   * Only root can keep another owner; for others the file would change hands, and its owner could not read it any more.
   * The group is kept where the writer may.
   */
  const keepOwner = Effect.fnUntraced(function*(before: FileSystem.File.Info, temporary: string) {
    const after = yield* fs.stat(temporary)
    const [uid, gid] = [Option.orElse(before.uid, () => after.uid), Option.orElse(before.gid, () => after.gid)]
    if (Option.isNone(uid) || Option.isNone(gid)) return
    const isOwn = Option.contains(after.uid, uid.value)
    if (isOwn && Option.contains(after.gid, gid.value)) return
    yield* Effect.catchAll(
      fs.chown(temporary, uid.value, gid.value),
      () => isOwn ? Effect.void : Effect.fail(writeProblem("readonly", "it belongs to another user"))
    )
  })

  /** Where folders cannot be synced, the system's own pace has to do. */
  const syncFolder = (folder: string) =>
    Effect.ignore(Effect.scoped(Effect.flatMap(fs.open(folder, { flag: "r" }), (opened) => opened.sync)))

  const sweep = (folder: string, base: string) =>
    Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const names = (yield* fs.readDirectory(folder)).filter(isMomentary(base))
      yield* Effect.forEach(names, (name) => {
        const file = path.join(folder, name)
        return Effect.ignore(Effect.flatMap(fs.stat(file), ({ mtime }) =>
          Option.exists(mtime, (time) => now - time.getTime() > abandonedAfter)
            ? fs.remove(file)
            : Effect.void))
      }, { discard: true })
    }).pipe(Effect.ignore)

  /** Writes a text beside a file, ready to take its place. */
  const writeBeside = Effect.fnUntraced(function*(file: string, text: string) {
    const target = yield* fs.realPath(file)
    const before = yield* regular(target)
    if (Option.exists(before.nlink, (links) => links > 1)) {
      return yield* Effect.fail(
        writeProblem("failed", "it has several hard links, and the others would keep the old text")
      )
    }
    if (utf8(text).length > smallFile.maxBytes) {
      return yield* Effect.fail(writeProblem("failed", "it would be larger than 1 MiB"))
    }
    const temporary = temporaryName(path, target, yield* nonce)
    yield* writeNew(fs, temporary, text, (opened) => Effect.zipRight(keepOwner(before, temporary), opened.sync))
    return { target, temporary }
  })

  const replace: AtomicFile["replace"] = (file, text) =>
    Effect.gen(function*() {
      const { target, temporary } = yield* writeBeside(file, text)
      yield* Effect.onError(fs.rename(temporary, target), () => Effect.ignore(fs.remove(temporary)))
      yield* syncFolder(path.dirname(target))
      yield* sweep(path.dirname(target), path.basename(target))
    }).pipe(
      Effect.uninterruptible,
      Effect.mapError(explain("it cannot be replaced"))
    )

  const canReplace: AtomicFile["canReplace"] = (file) =>
    Effect.gen(function*() {
      const { size } = yield* fs.stat(file)
      const { temporary } = yield* writeBeside(file, " ".repeat(Number(size) + growthBytes))
      yield* fs.remove(temporary)
    }).pipe(
      Effect.uninterruptible,
      Effect.isSuccess
    )

  return { read, replace, canReplace }
})
