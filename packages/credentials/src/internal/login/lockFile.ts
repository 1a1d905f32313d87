/**
 * A file that says who holds something, and that no two make at once. `fileLock.ts` locks `config.json` with one, and
 * `FileSessionStore` leases sessions with one.
 *
 * - It says who made it, and no two have the same content. It appears with all of its content at once, by a hard link,
 *   where the file system has them.
 * - To remove one is to move it aside, look at it once more, and put it back if it is not the expected one. A stale one is
 *   removed by one process at a time, the one that made the mark `<file>.break`.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { LockOwner, Nonce } from "../../Platform.ts"
import { decodeUtf8 } from "../../unstable/WebCrypto.ts"
import * as smallFile from "../source/smallFile.ts"
import { markName, temporaryName, writeNew, writeProblem } from "./atomicFile.ts"
import type { WriteProblem } from "./atomicFile.ts"

const Content = Schema.parseJson(Schema.Struct({
  owner: Schema.String,
  token: Schema.String,
  created: Schema.Number
}))

const ownerOf = (content: string): Option.Option<string> =>
  Option.map(Schema.decodeOption(Content)(content), ({ owner }) => owner)

/** The file as it was found: its content, empty if it may not be read, and when it was touched. */
export interface Seen {
  readonly content: string
  readonly mtime: number
}

export const isSame = (a: Seen) => (b: Seen): boolean => a.content === b.content && a.mtime === b.mtime

const isMissing = (error: PlatformError | WriteProblem): boolean =>
  error._tag === "SystemError" && error.reason === "NotFound"

export interface LockFile {
  /** The content of a file that this process makes. Each is another. */
  readonly describe: Effect.Effect<string>
  readonly read: (file: string) => Effect.Effect<Seen | undefined, PlatformError | WriteProblem>
  /** Makes the file; `false` when there is one. */
  readonly create: (file: string, content: string) => Effect.Effect<boolean, PlatformError>
  /** Removes the file if it is the expected one, and tells whether it did. */
  readonly discard: (
    file: string,
    isExpected: (seen: Seen) => boolean
  ) => Effect.Effect<boolean, PlatformError | WriteProblem>
  /** Removes a stale file, one process at a time. `isStale` tells whether the mark of another such process is stale. */
  readonly recover: (
    file: string,
    stale: Seen,
    isStale: (seen: Seen) => Effect.Effect<boolean>
  ) => Effect.Effect<boolean, PlatformError | WriteProblem>
  /** Whether the process or thread that made the file has certainly ended. */
  readonly isOwnerDead: (seen: Seen) => Effect.Effect<boolean>
  /** Marks the file as touched at that moment, in epoch milliseconds. */
  readonly touch: (file: string, millis: number) => Effect.Effect<void, PlatformError>
}

export const make: Effect.Effect<LockFile, never, FileSystem.FileSystem | Path.Path> = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const nonce = yield* Nonce
  const owner = yield* LockOwner

  const describe = Effect.gen(function*() {
    const token = yield* nonce
    const created = yield* Clock.currentTimeMillis
    return Schema.encodeSync(Content)({ owner: owner.id, token, created })
  })

  const temporary = (file: string) => Effect.map(nonce, (nonce) => temporaryName(path, file, nonce))

  const seenOf = (content: string, { mtime }: FileSystem.File.Info): Seen => ({
    content,
    mtime: Option.match(mtime, { onNone: () => Number.NaN, onSome: (time) => time.getTime() })
  })

  const read: LockFile["read"] = (file) =>
    smallFile.read(fs, file).pipe(
      Effect.map(({ bytes, info }) => seenOf(decodeUtf8(bytes) ?? "", info)),
      Effect.catchTags({
        Unreadable: ({ issue }) =>
          Effect.fail(writeProblem("failed", `its lock ${path.basename(file)} cannot be used: ${issue}`)),
        SystemError: (error) =>
          error.reason === "NotFound"
            ? Effect.succeed(undefined)
            : error.reason === "PermissionDenied"
            ? Effect.map(fs.stat(file), (info) => seenOf("", info))
            : Effect.fail(error)
      }),
      Effect.catchIf(isMissing, () => Effect.succeed(undefined))
    )

  /**
   * A hard link shows it with all of its content at once; where there are no hard
   * links, a process that is killed in between leaves an empty file.
   */
  const create: LockFile["create"] = (file, content) =>
    Effect.gen(function*() {
      const source = yield* temporary(file)
      yield* writeNew(fs, source, content)
      return yield* fs.link(source, file).pipe(
        Effect.catchIf(
          (error) => !(error._tag === "SystemError" && error.reason === "AlreadyExists"),
          () => writeNew(fs, file, content)
        ),
        Effect.as(true),
        Effect.catchIf(
          (error) => error._tag === "SystemError" && error.reason === "AlreadyExists",
          () => Effect.succeed(false)
        ),
        Effect.ensuring(Effect.ignore(fs.remove(source)))
      )
    })

  /** It is moved aside first, looked at, and put back when it is another. */
  const discard: LockFile["discard"] = (file, isExpected) =>
    Effect.gen(function*() {
      const seen = yield* read(file)
      if (seen === undefined || !isExpected(seen)) return false
      const aside = yield* temporary(file)
      yield* fs.rename(file, aside)
      const moved = yield* read(aside)
      const removed = moved === undefined || isExpected(moved)
      if (!removed) yield* create(file, moved.content)
      yield* fs.remove(aside)
      return removed
    }).pipe(Effect.catchIf(isMissing, () => Effect.succeed(false)))

  /**
   * Only one process at a time may: a slower one could take the next holder's lock for the
   * stale one.
   */
  const recover: LockFile["recover"] = (lock, stale, isStale) =>
    Effect.gen(function*() {
      const mark = markName(lock)
      const content = yield* describe
      if (yield* create(mark, content)) {
        return yield* Effect.ensuring(
          discard(lock, isSame(stale)),
          Effect.ignore(discard(mark, (seen) => seen.content === content))
        )
      }
      const other = yield* read(mark)
      if (other !== undefined && (yield* isStale(other))) yield* discard(mark, isSame(other))
      return false
    })

  return {
    describe,
    read,
    create,
    discard,
    recover,
    isOwnerDead: ({ content }) =>
      Option.match(ownerOf(content), { onNone: () => Effect.succeed(false), onSome: owner.isDead }),
    touch: (file, millis) => fs.utimes(file, millis / 1000, millis / 1000)
  }
})
