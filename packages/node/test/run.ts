import { Effect } from "effect"
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

/** Runs a fixture until it ends by itself and gives what it wrote; one that does not end is killed and fails. */
export const run = (fixture: string, ...args: ReadonlyArray<string>): Effect.Effect<string, Error> =>
  Effect.async((resume) => {
    execFile(
      pathOf("../../../node_modules/.bin/tsx"),
      [pathOf(`./fixtures/${fixture}.ts`), ...args],
      { timeout: 50_000 },
      (error, stdout, stderr) => resume(error === null ? Effect.succeed(stdout + stderr) : Effect.fail(error))
    )
  })
