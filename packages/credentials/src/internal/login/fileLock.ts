/**
 * A lock on a file that many processes change, kept in a second file beside it. `profiles/loginStore.ts` changes the aliyun
 * CLI's `config.json` under it.
 *
 * What always holds:
 *
 * - A lock file says who made it, and no two have the same content. It appears with all of its content at once, by a hard
 *   link, where the file system has them.
 * - The holder touches its lock every two seconds. It looks at it first, so that it never touches another's.
 * - A lock is removed only by its holder, or as a stale one: when its owner has certainly ended, or when it is old and
 *   does not change while it is watched.
 * - To remove a lock is to move it aside, look at it once more, and put it back if it is not the expected one. A stale
 *   lock is removed by one process at a time, the one that made the mark `<lock>.break`.
 * - A holder that was stopped for long can lose its lock. `stillHeld` tells; nothing is written without asking it.
 * - Inside a process fibers take turns, first come first served. Waiting can be interrupted; taking a lock and giving it
 *   back cannot.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { LockOwner, Nonce } from "../../Platform.ts"
import { decodeUtf8 } from "../../unstable/WebCrypto.ts"
import * as smallFile from "../source/smallFile.ts"
import { explain, markName, temporaryName, writeNew, writeProblem } from "./atomicFile.ts"
import type { WriteProblem } from "./atomicFile.ts"
import { makeTurns } from "./turns.ts"

/** How often the holder touches its lock. */
const heartbeat = Duration.seconds(2)

/** A lock that was not touched for so long is stale, */
const staleAfter = Duration.toMillis("15 seconds")

/** unless it changes while it is watched: after a sleep of the whole machine its holder is still there. */
const watchFor = Duration.toMillis("3 seconds")

const pause = { first: 10, growth: 1.4, longest: 100 }

const Content = Schema.parseJson(Schema.Struct({
  owner: Schema.String,
  token: Schema.String,
  created: Schema.Number
}))

const ownerOf = (content: string): Option.Option<string> =>
  Option.map(Schema.decodeOption(Content)(content), ({ owner }) => owner)

/** A lock file as it was found: its content, empty if it may not be read, and when it was touched. */
interface Seen {
  readonly content: string
  readonly mtime: number
}

const isSame = (a: Seen) => (b: Seen): boolean => a.content === b.content && a.mtime === b.mtime

const now = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

const isMissing = (error: PlatformError | WriteProblem): boolean =>
  error._tag === "SystemError" && error.reason === "NotFound"

/** The lock that an effect runs under. */
export interface Held {
  /** Whether the lock is still ours. It can be lost by a holder that was stopped for more than 15 s. */
  readonly stillHeld: Effect.Effect<boolean>
}

export interface FileLock {
  /**
   * Runs an effect while this process alone holds `<real path>.lock`. Waits for at most `wait` (default 30 s), then
   * fails as `locked`. The lock is given back however the effect ends. A folder without the right to write fails as
   * `readonly`, a file that does not exist as `missing`.
   */
  readonly withLock: <A, E, R>(
    path: string,
    use: (held: Held) => Effect.Effect<A, E, R>,
    options?: { readonly wait?: Duration.DurationInput | undefined }
  ) => Effect.Effect<A, E | WriteProblem, R>
}

/**
 * Makes a lock that excludes other processes by a lock file, and other fibers of this process by their order. The lock
 * file names its owner: one whose process or thread has ended is removed at once, any other when it was not touched for 15 s.
 */
export const make: Effect.Effect<FileLock, never, FileSystem.FileSystem | Path.Path> = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const nonce = yield* Nonce
  const owner = yield* LockOwner
  const random = yield* Effect.random
  const inTurn = makeTurns()

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

  const read = (file: string): Effect.Effect<Seen | undefined, PlatformError | WriteProblem> =>
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
   * Makes a file unless there is one. A hard link shows it with all of its content at once; where there are no hard
   * links, a process that is killed in between leaves an empty file.
   */
  const create = (file: string, content: string): Effect.Effect<boolean, PlatformError> =>
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

  /** Removes a file if it is the expected one: moved aside first, looked at, and put back when it is another. */
  const discard = (
    file: string,
    isExpected: (seen: Seen) => boolean
  ): Effect.Effect<boolean, PlatformError | WriteProblem> =>
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

  /** Tells of one file, each time it is seen again, whether its holder is gone. */
  const makeStaleness = () => {
    let first: { readonly seen: Seen; readonly at: number } | undefined
    return (seen: Seen): Effect.Effect<boolean> =>
      Effect.gen(function*() {
        const holder = ownerOf(seen.content)
        if (Option.isSome(holder) && (yield* owner.isDead(holder.value))) return true
        const at = yield* now
        if (first === undefined || !isSame(first.seen)(seen)) first = { seen, at }
        const age = (yield* Clock.currentTimeMillis) - seen.mtime
        return Math.abs(age) > staleAfter && at - first.at >= watchFor
      })
  }

  /**
   * Removes a stale lock. Only one process at a time may: a slower one could take the next holder's lock for the
   * stale one.
   */
  const recover = (lock: string, stale: Seen, isStale: (seen: Seen) => Effect.Effect<boolean>) =>
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

  /** Interrupted in its pauses only, when the lock is not ours. */
  const take = (
    lock: string,
    content: string,
    deadline: number,
    restore: <A, E>(effect: Effect.Effect<A, E>) => Effect.Effect<A, E>
  ): Effect.Effect<void, PlatformError | WriteProblem> =>
    Effect.gen(function*() {
      const isStale = makeStaleness()
      const isStaleMark = makeStaleness()
      let delay = pause.first
      while (true) {
        const seen = yield* read(lock)
        if (seen?.content === content) return
        const again = seen === undefined
          ? yield* create(lock, content)
          : (yield* isStale(seen)) && (yield* recover(lock, seen, isStaleMark))
        if (again) continue
        const left = deadline - (yield* now)
        if (left <= 0) {
          return yield* Effect.fail(writeProblem("locked", "it is locked by another process"))
        }
        const jitter = 0.5 + (yield* random.next)
        yield* restore(Effect.sleep(Duration.millis(Math.min(left, Math.ceil(delay * jitter)))))
        delay = Math.min(delay * pause.growth, pause.longest)
      }
    })

  const held = (lock: string, content: string): Held => ({
    stillHeld: Effect.match(read(lock), {
      onFailure: () => false,
      onSuccess: (seen) => seen?.content === content
    })
  })

  /** Nothing is touched any more once the lock is lost. */
  const beat = (lock: string, { stillHeld }: Held): Effect.Effect<void> => {
    const touch = Effect.gen(function*() {
      if (!(yield* stillHeld)) return false
      const time = (yield* Clock.currentTimeMillis) / 1000
      yield* Effect.ignore(fs.utimes(lock, time, time))
      return true
    })
    return Effect.repeat(Effect.zipRight(Effect.sleep(heartbeat), Effect.uninterruptible(touch)), {
      while: (isHeld) => isHeld
    })
  }

  const hold = <A, E, R>(file: string, deadline: number, use: (held: Held) => Effect.Effect<A, E, R>) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const lock = `${yield* fs.realPath(file)}.lock`
        const content = yield* describe
        const release = Effect.ignore(discard(lock, (seen) => seen.content === content))
        yield* Effect.onError(take(lock, content, deadline, restore), () => release)
        const state = held(lock, content)
        const beating = yield* Effect.fork(Effect.interruptible(beat(lock, state)))
        return yield* Effect.ensuring(
          restore(Effect.either(use(state))),
          Effect.zipRight(Fiber.interrupt(beating), release)
        )
      })
    ).pipe(
      Effect.mapError(explain("it cannot be locked")),
      Effect.flatten
    )

  return {
    withLock: (file, use, options) =>
      Effect.gen(function*() {
        const wait = Duration.decode(options?.wait ?? Duration.seconds(30))
        const deadline = (yield* now) + Duration.toMillis(wait)
        return yield* inTurn((before) =>
          Effect.zipRight(
            Effect.timeoutFail(before, {
              duration: wait,
              onTimeout: () => writeProblem("locked", "it is locked by another part of this process")
            }),
            hold(file, deadline, use)
          )
        )
      })
  }
})
