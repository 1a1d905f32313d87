import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import type { Scope } from "effect"
import { Effect } from "effect"
import { type Ended, run } from "./run.ts"

/** Runs a program of Node.js to its end, in a process whose cloud is the fake one. */
export const runOnFake = (
  command: ReadonlyArray<string>,
  env: NodeJS.ProcessEnv
): Effect.Effect<Ended, never, FakeAlicloudServer.FakeAlicloudServer | Scope.Scope> =>
  Effect.flatMap(FakeAlicloudServer.FakeAlicloudServer, ({ nodeEnvironment }) =>
    run(process.execPath, command, {
      env: { PATH: process.env["PATH"], HOME: "/nonexistent", ...nodeEnvironment, ...env }
    }))
