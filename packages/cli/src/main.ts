#!/usr/bin/env node
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import * as NodePath from "@effect/platform-node/NodePath"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as Terminal from "@effect/platform/Terminal"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import { run } from "./Cli.ts"
import { interrupted } from "./internal/interrupted.ts"

const platform = Layer.unwrapEffect(
  Effect.map(Effect.promise(() => import("@effect-alicloud/node/NodePlatform")), ({ layer }) => layer)
)

/** Opens the standard input when something is asked: only `--wizard` does. */
const terminal = Layer.scoped(
  Terminal.Terminal,
  Effect.gen(function*() {
    const scope = yield* Effect.scope
    const opened = yield* Effect.cached(
      Effect.flatMap(
        Effect.promise(() => import("@effect/platform-node/NodeTerminal")),
        ({ make }) => Scope.extend(make(), scope)
      )
    )
    return Terminal.Terminal.of({
      columns: Effect.flatMap(opened, ({ columns }) => columns),
      rows: Effect.flatMap(opened, ({ rows }) => rows),
      isTTY: Effect.flatMap(opened, ({ isTTY }) => isTTY),
      readInput: Effect.flatMap(opened, ({ readInput }) => readInput),
      readLine: Effect.flatMap(opened, ({ readLine }) => readLine),
      display: (text) => Effect.flatMap(opened, ({ display }) => display(text))
    })
  })
)

// Whoever reads our output may stop doing so: `alicloud-credentials get | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))

// A log that nobody reads any more must not end a server, or a child.
process.stderr.on("error", () => undefined)

process.once("SIGTERM", () => {
  interrupted.code = interrupted.code === 130 ? 143 : interrupted.code
})

/** Ends the process once what it has written is with its readers: a pipe takes 64 kB at a time. */
const drained = (end: () => void): void => {
  process.stdout.write("", () => process.stderr.write("", end))
}

NodeRuntime.runMain(
  Effect.provide(run(process.argv, platform), Layer.mergeAll(NodeFileSystem.layer, NodePath.layer, terminal)),
  {
    disablePrettyLogger: true,
    teardown: (exit, onExit) =>
      drained(() => onExit(Exit.match(exit, { onFailure: () => interrupted.code, onSuccess: (code) => Number(code) })))
  }
)
