import type { Scope } from "effect"
import { Deferred, Effect, Exit, Queue } from "effect"
import { spawn } from "node:child_process"
import * as Fs from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"

/** A folder that is gone when the scope closes. */
export const makeFolder = (prefix: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => Fs.realpathSync(Fs.mkdtempSync(join(tmpdir(), prefix)))),
    (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
  )

export interface Child {
  readonly say: (line: string) => Effect.Effect<void>
  /** The next line of its output. */
  readonly next: Effect.Effect<string>
  /** Waits until it ends by itself, and gives all lines that it had still written. */
  readonly rest: Effect.Effect<ReadonlyArray<string>>
  /** Kills it and gives all lines that it had still written. */
  readonly kill: Effect.Effect<ReadonlyArray<string>>
}

/** Starts Node.js. It is killed when the scope closes. */
export const start = (
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv = process.env
): Effect.Effect<Child, never, Scope.Scope> =>
  Effect.gen(function*() {
    const lines = yield* Queue.unbounded<string>()
    const closed = yield* Deferred.make<void>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], env })),
      (child) => Effect.zipRight(Effect.sync(() => child.kill("SIGKILL")), Deferred.await(closed))
    )
    child.stdin.on("error", () => undefined)
    createInterface({ input: child.stdout }).on("line", (line) => Queue.unsafeOffer(lines, line))
    child.on("close", () => Deferred.unsafeDone(closed, Exit.void))
    const rest = Effect.zipRight(Deferred.await(closed), Effect.map(Queue.takeAll(lines), (said) => Array.from(said)))
    return {
      rest,
      say: (line) => Effect.sync(() => void child.stdin.write(`${line}\n`)),
      next: Effect.raceFirst(
        Queue.take(lines),
        Effect.zipRight(Deferred.await(closed), Effect.dieMessage("the process has ended"))
      ),
      kill: Effect.zipRight(Effect.sync(() => child.kill("SIGKILL")), rest)
    }
  })
