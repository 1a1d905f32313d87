import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import type { Scope } from "effect"
import { Effect, Exit } from "effect"
import { spawn } from "node:child_process"

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program of Node.js to its end, in a process whose cloud is the fake one. */
export const runOnFake = (
  command: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv
): Effect.Effect<Ended, never, FakeAlicloudServer.FakeAlicloudServer | Scope.Scope> =>
  Effect.gen(function*() {
    const server = yield* FakeAlicloudServer.FakeAlicloudServer
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, command, {
          stdio: ["ignore", "pipe", "pipe"],
          env: {
            PATH: process.env["PATH"],
            HOME: "/nonexistent",
            ...server.nodeEnvironment,
            ...env
          }
        })
      ),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const output = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        output[name] += chunk
      })
    }
    return yield* Effect.async<Ended>((resume) => {
      child.on("close", (code) => resume(Exit.succeed({ code, ...output })))
    })
  })
