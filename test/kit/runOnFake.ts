import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import type { Scope } from "effect"
import { Effect, Exit } from "effect"
import { spawn } from "node:child_process"
import { createRequire } from "node:module"
import { fileURLToPath, pathToFileURL } from "node:url"
import { toFake } from "./children.ts"

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href

/** Runs a TypeScript file to its end, in a process whose whole network is the fake cloud, over HTTPS where it says so. */
export const runOnFake = (
  file: URL,
  args: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv
): Effect.Effect<Ended, never, FakeAlicloudServer.FakeAlicloudServer | Scope.Scope> =>
  Effect.gen(function*() {
    const server = yield* FakeAlicloudServer.FakeAlicloudServer
    const preload = yield* toFake
    const child = yield* Effect.acquireRelease(
      Effect.sync(() =>
        spawn(process.execPath, ["--require", preload, "--import", tsx, fileURLToPath(file), ...args], {
          stdio: ["ignore", "pipe", "pipe"],
          env: {
            PATH: process.env["PATH"],
            HOME: "/nonexistent",
            FAKE_HTTP_PORT: `${server.httpPort}`,
            FAKE_HTTPS_PORT: `${server.httpsPort}`,
            NODE_EXTRA_CA_CERTS: server.caFile,
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
