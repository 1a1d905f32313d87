/**
 * Reads the bytes of a small file of which only the path is known. For `unstable/TextFile.ts`, which reads what people
 * write, and for `internal/login`, which reads config.json and its lock.
 *
 * A path can lead to anything: a named pipe that nothing is written to, a device without an end, a file on a server that is
 * gone, and another one of these when it is looked at again. So the type and the size are those of the file that was
 * opened, and reading ends after 1 MiB, after five seconds, and when the reader is interrupted.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"

/** Why a file is not read, in words that hold none of its content. */
export interface Unreadable {
  readonly _tag: "Unreadable"
  readonly issue: string
}

const unreadable = (issue: string): Effect.Effect<never, Unreadable> => Effect.fail({ _tag: "Unreadable", issue })

export const maxBytes = 1024 * 1024

const tooLarge = unreadable("it is larger than 1 MiB")

const fitting = (info: FileSystem.File.Info): Effect.Effect<FileSystem.File.Info, Unreadable> =>
  info.type !== "File"
    ? unreadable(info.type === "Directory" ? "it is a directory, not a file" : "it is not a regular file")
    : info.size > maxBytes
    ? tooLarge
    : Effect.succeed(info)

export interface SmallFile {
  readonly bytes: Uint8Array
  readonly info: FileSystem.File.Info
}

const chunkBytes = 64 * 1024

/** Reads to the end, however large the file said it was. */
const contentOf = (file: FileSystem.File, info: FileSystem.File.Info) =>
  Effect.gen(function*() {
    let bytes = new Uint8Array(0)
    while (true) {
      const wanted = Math.max(Number(info.size) + 1 - bytes.length, chunkBytes)
      const chunk = Option.getOrElse(yield* file.readAlloc(FileSystem.Size(wanted)), () => new Uint8Array(0))
      if (bytes.length + chunk.length > maxBytes) return yield* tooLarge
      const all = new Uint8Array(bytes.length + chunk.length)
      all.set(bytes)
      all.set(chunk, bytes.length)
      bytes = all
      if (chunk.length < wanted) return bytes
    }
  })

/** Stops waiting after that time, and when it is interrupted, also for an effect that cannot be interrupted itself. */
export const within = <A, E>(effect: Effect.Effect<A, E>, seconds: number): Effect.Effect<Option.Option<A>, E> => {
  // The system takes real time, also where a test sets the time.
  const late = Effect.as(Effect.withClock(Effect.sleep(seconds * 1000), Clock.make()), Option.none())
  return Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDaemon(Effect.interruptible(Effect.raceFirst(Effect.asSome(Effect.disconnect(effect)), late))),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interruptFork(fiber))
    )
  )
}

/**
 * Ends the wait of a named pipe that was opened for reading, by opening it for writing. The wait takes a thread, and the
 * process cannot end before the thread does.
 */
const letGo = (fs: FileSystem.FileSystem, path: string): Effect.Effect<void> =>
  fs.stat(path).pipe(
    Effect.filterOrFail(({ type }) => type === "FIFO"),
    Effect.zipRight(Effect.scoped(fs.open(path, { flag: "r+" }))),
    (opening) => Effect.ignore(within(opening, 1))
  )

/** Reads a regular file of at most 1 MiB. */
export const read = (
  fs: FileSystem.FileSystem,
  path: string
): Effect.Effect<SmallFile, PlatformError | Unreadable> =>
  Effect.flatMap(fs.stat(path), fitting).pipe(
    Effect.zipRight(Effect.scoped(Effect.gen(function*() {
      const file = yield* fs.open(path, { flag: "r" })
      const info = yield* Effect.flatMap(file.stat, fitting)
      return { bytes: yield* contentOf(file, info), info }
    }))),
    (reading) => within(reading, 5),
    Effect.onInterrupt(() => letGo(fs, path)),
    Effect.flatMap(Option.match({
      onNone: () => Effect.zipRight(letGo(fs, path), unreadable("reading it takes longer than 5 seconds")),
      onSome: Effect.succeed
    }))
  )
