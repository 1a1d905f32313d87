import type { Scope } from "effect"
import { Effect, Exit } from "effect"
import { spawn } from "node:child_process"

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program until it ends by itself. It is killed when the scope closes. */
export const run = (
  program: string,
  args: ReadonlyArray<string>,
  options: { readonly cwd?: string; readonly env: NodeJS.ProcessEnv }
): Effect.Effect<Ended, never, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], ...options })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const output = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        output[name] += chunk
      })
    }
    return yield* Effect.async<Ended>((resume) => {
      child.on("error", (error) => resume(Effect.die(error)))
      child.on("close", (code) => resume(Exit.succeed({ code, ...output })))
    })
  })
