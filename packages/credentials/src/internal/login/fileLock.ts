/**
 * A lock on a file that many processes change, kept in a second file beside it. `profiles/loginStore.ts` changes the aliyun
 * CLI's `config.json` under it.
 *
 * What always holds:
 *
 * - The holder touches its lock every two seconds. It looks at it first, so that it never touches another's.
 * - A lock is removed only by its holder, or as a stale one: when its owner has certainly ended, or when it is old and
 *   does not change while it is watched. `lockFile.ts` makes and removes it.
 * - A holder that was stopped for long can lose its lock. `stillHeld` tells; nothing is written without asking it.
 * - Inside a process fibers take turns, first come first served. Waiting can be interrupted; taking a lock and giving it
 *   back cannot.
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import { explain, writeProblem } from "./atomicFile.ts"
import type { WriteProblem } from "./atomicFile.ts"
import * as lockFile from "./lockFile.ts"
import { isSame, type Seen } from "./lockFile.ts"
import { makeTurns } from "./turns.ts"

/** How often the holder touches its lock. */
const heartbeat = Duration.seconds(2)

/** A lock that was not touched for so long is stale, */
const staleAfter = Duration.toMillis("15 seconds")

/** unless it changes while it is watched: after a sleep of the whole machine its holder is still there. */
const watchFor = Duration.toMillis("3 seconds")

const pause = { first: 10, growth: 1.4, longest: 100 }

const now = Effect.map(Clock.currentTimeNanos, (nanos) => Number(nanos / 1_000_000n))

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
  const { create, describe, discard, isOwnerDead, read, recover, touch } = yield* lockFile.make
  const random = yield* Effect.random
  const inTurn = makeTurns()

  /** Tells of one file, each time it is seen again, whether its holder is gone. */
  const makeStaleness = () => {
    let first: { readonly seen: Seen; readonly at: number } | undefined
    return (seen: Seen): Effect.Effect<boolean> =>
      Effect.gen(function*() {
        if (yield* isOwnerDead(seen)) return true
        const at = yield* now
        if (first === undefined || !isSame(first.seen)(seen)) first = { seen, at }
        const age = (yield* Clock.currentTimeMillis) - seen.mtime
        return Math.abs(age) > staleAfter && at - first.at >= watchFor
      })
  }

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
    const touchOwn = Effect.gen(function*() {
      if (!(yield* stillHeld)) return false
      yield* Effect.ignore(touch(lock, yield* Clock.currentTimeMillis))
      return true
    })
    return Effect.repeat(Effect.zipRight(Effect.sleep(heartbeat), Effect.uninterruptible(touchOwn)), {
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
