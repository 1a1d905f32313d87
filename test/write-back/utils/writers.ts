import type { Scope } from "effect"
import { Deferred, Effect, Exit, Queue } from "effect"
import { spawn } from "node:child_process"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"

/** A temporary folder with a file in it. */
export const makeFile = (
  text: string
): Effect.Effect<{ readonly folder: string; readonly file: string }, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => {
      const folder = Fs.mkdtempSync(join(tmpdir(), "write-back-"))
      const file = join(folder, "config.json")
      Fs.writeFileSync(file, text, { mode: 0o644 })
      return { folder, file }
    }),
    ({ folder }) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
  )

interface Bundler {
  readonly buildSync: (options: {
    readonly entryPoints: ReadonlyArray<string>
    readonly outfile: string
    readonly bundle: true
    readonly platform: "node"
    readonly format: "cjs"
  }) => unknown
}

/** Puts the writer into one file, by the compiler that tsx brings: it starts eight times as fast. */
export const bundle: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const require = createRequire(createRequire(import.meta.url).resolve("tsx"))
    const outfile = join(Fs.mkdtempSync(join(tmpdir(), "writer-")), "writer.cjs")
    const { buildSync } = require("esbuild") as Bundler
    buildSync({
      entryPoints: [fileURLToPath(new URL("../fixtures/writer.ts", import.meta.url))],
      outfile,
      bundle: true,
      platform: "node",
      format: "cjs"
    })
    return outfile
  }),
  (outfile) => Effect.sync(() => Fs.rmSync(join(outfile, ".."), { recursive: true, force: true }))
)

export interface Writer {
  readonly pid: number
  /** Starts updates without end (`forever`), holds the lock without end (`hold`), or makes so many updates. */
  readonly go: (command: "forever" | "hold" | number) => Effect.Effect<void>
  /** What the writer says next. */
  readonly next: Effect.Effect<string>
  /** Kills the writer and gives everything it had still said. */
  readonly kill: Effect.Effect<ReadonlyArray<string>>
}

/** Starts a writer and waits until it is ready. It is killed when the scope closes. */
export const start = (script: string, file: string, profile = 1): Effect.Effect<Writer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const lines = yield* Queue.unbounded<string>()
    const closed = yield* Deferred.make<void>()
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(process.execPath, [script, file, `${profile}`], { stdio: ["pipe", "pipe", "inherit"] })),
      (child) => Effect.zipRight(Effect.sync(() => child.kill("SIGKILL")), Deferred.await(closed))
    )
    child.stdin.on("error", () => undefined)
    createInterface({ input: child.stdout }).on("line", (line) => Queue.unsafeOffer(lines, line))
    child.on("close", () => Deferred.unsafeDone(closed, Exit.void))
    const next = Effect.raceFirst(
      Queue.take(lines),
      Effect.zipRight(Deferred.await(closed), Effect.dieMessage("the writer has ended"))
    )
    yield* next
    return {
      pid: child.pid ?? 0,
      go: (command) => Effect.sync(() => void child.stdin.write(`${command}\n`)),
      next,
      kill: Effect.sync(() => child.kill("SIGKILL")).pipe(
        Effect.zipRight(Deferred.await(closed)),
        Effect.zipRight(Effect.map(Queue.takeAll(lines), (said) => Array.from(said)))
      )
    }
  })
