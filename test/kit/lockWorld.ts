import { LockOwner } from "@effect-alicloud/credentials/Platform"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import { Clock, Effect, Either, Fiber, TestClock } from "effect"
import type { WriteProblem } from "../../packages/credentials/src/internal/login/atomicFile.ts"
import type { FileLock, Held } from "../../packages/credentials/src/internal/login/fileLock.ts"
import * as fileLock from "../../packages/credentials/src/internal/login/fileLock.ts"
import * as memoryFiles from "./memoryFiles.ts"

export const folder = "/home/me/.aliyun"
export const file = `${folder}/config.json`
export const lockFile = `${file}.lock`
export const markFile = `${lockFile}.break`

/** Files in memory with a config file, and processes that lock it. */
export const makeWorld = () => {
  const files = memoryFiles.make()
  files.put(file, "{}")
  const dead = new Set<string>()
  /** A lock as another process makes it. */
  const process = (id: string): Effect.Effect<FileLock> =>
    fileLock.make.pipe(
      Effect.provideService(LockOwner, { id, isDead: (id) => Effect.sync(() => dead.has(id)) }),
      Effect.provideService(FileSystem.FileSystem, files.fileSystem),
      Effect.provide(Path.layer)
    )
  return { files, dead, process }
}

export const contentOf = (owner: string, token = "00"): string => JSON.stringify({ owner, token, created: 0 })

/** What a lock file or another file says about its owner. */
export const ownerIn = (text: string | undefined): unknown =>
  text === undefined ? undefined : (JSON.parse(text) as { readonly owner: unknown }).owner

/** Holds a lock and never lets go by itself. */
export const holdForever = (lock: FileLock, onHeld: (held: Held) => Effect.Effect<void> = () => Effect.void) =>
  lock.withLock(file, (held) => Effect.zipRight(onHeld(held), Effect.never))

/** The result of an effect, and the time it took. */
export const elapsed = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function*() {
    const before = yield* Clock.currentTimeMillis
    const result = yield* Effect.either(effect)
    return [result, (yield* Clock.currentTimeMillis) - before] as const
  })

export const problem = (reason: WriteProblem["reason"], issue: string): Either.Either<never, WriteProblem> =>
  Either.left({ _tag: "WriteProblem", reason, issue })

/** Lets time pass until a fiber has ended. */
export const finish = <A, E>(fiber: Fiber.Fiber<A, E>, step = 100): Effect.Effect<A, E> =>
  Effect.gen(function*() {
    while ((yield* Fiber.poll(fiber))._tag === "None") yield* TestClock.adjust(step)
    return yield* Fiber.join(fiber)
  })
