/** Processes that update one file, for the tests of races between them. */
import type { Scope } from "effect"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import { bundleFile } from "../../kit/bundles.ts"
import { type Child, makeFolder, start as startChild } from "../../kit/children.ts"

/** A temporary folder with a file in it. */
export const makeFile = (
  text: string
): Effect.Effect<{ readonly folder: string; readonly file: string }, never, Scope.Scope> =>
  Effect.map(makeFolder("write-back-"), (folder) => {
    const file = join(folder, "config.json")
    Fs.writeFileSync(file, text, { mode: 0o644 })
    return { folder, file }
  })

/** The program of a writer. */
export const bundle: Effect.Effect<string> = bundleFile(new URL("../fixtures/writer.ts", import.meta.url))

export interface Writer extends Pick<Child, "kill" | "next"> {
  /** Starts updates without end (`forever`), holds the lock without end (`hold`), or makes so many updates. */
  readonly go: (command: "forever" | "hold" | number) => Effect.Effect<void>
}

/** Starts a writer and waits until it is ready. It is killed when the scope closes. */
export const start = (script: string, file: string, profile = 1): Effect.Effect<Writer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* startChild([script, file, `${profile}`])
    yield* child.next
    return { ...child, go: (command) => child.say(`${command}`) }
  })
