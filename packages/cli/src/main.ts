#!/usr/bin/env node
/** The entry of the program: platform services, signals and the end of the process around `Cli.ts`. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import { run } from "./Cli.ts"
import type { ExitCode } from "./internal/failure.ts"
import { Stopped } from "./internal/failure.ts"
import { Signals } from "./internal/signals.ts"

const platform = Layer.unwrapEffect(
  Effect.map(Effect.promise(() => import("@effect-alicloud/node/NodePlatform")), ({ layer }) => layer)
)

// The reader of the output may close it early: `alicloud-credentials get | head -1`.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1))

// A log whose reader has gone must not end a server, or a child.
process.stderr.on("error", () => undefined)

/** Fails when the first SIGINT or SIGTERM arrives. A second one of its kind ends the process at once. */
const signals = Effect.map(Deferred.make<never, Stopped>(), (received) => {
  for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.once(signal, () => Deferred.unsafeDone(received, Exit.fail(new Stopped({ code }))))
  }
  return Deferred.await(received)
})

/** Ends the process once its readers have what it has written: a pipe takes 64 kB at a time. */
const end = (code: ExitCode): void => {
  process.stdout.write("", () => process.stderr.write("", () => process.exit(code)))
}

Effect.runFork(
  Effect.provideServiceEffect(run(process.argv.slice(2), platform), Signals, signals)
).addObserver((exit) => end(Exit.getOrElse(exit, () => 1)))
