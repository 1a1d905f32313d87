/** Runs the command of `exec`. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import { spawn } from "node:child_process"
import * as Fs from "node:fs"
import * as Os from "node:os"
import { isatty } from "node:tty"
import * as witness from "./witness.ts"

/** The command could not be started. */
export class CannotRun extends Data.TaggedError("CannotRun")<{ readonly code: string }> {}

/** Signals that are sent to this process but meant for its child. */
const forwarded: ReadonlyArray<NodeJS.Signals> = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2"]

/** Signals that a terminal sends to its whole foreground group, so that the child receives them itself. */
const ofTerminal: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGQUIT", "SIGWINCH"]

/** Whether a terminal may send signals to this process, also one that no standard stream is connected to. */
const hasTerminal = (): boolean => {
  if ([0, 1, 2].some((stream) => isatty(stream))) {
    return true
  }
  try {
    Fs.closeSync(Fs.openSync("/dev/tty", "r"))
    return true
  } catch {
    return false
  }
}

const exitCode = (code: number | null, signal: NodeJS.Signals | null): number =>
  code ?? 128 + (signal === null ? 0 : Os.constants.signals[signal])

/**
 * Runs a program, with this process' standard streams, to its end and answers with its exit code as shells do: 128 and
 * the signal's number when a signal killed it. Signals to this process go to the child; nothing ends the wait but the
 * child's end.
 */
export const run = (
  [file = "", ...args]: ReadonlyArray<string>,
  env: Readonly<Record<string, string | undefined>>
): Effect.Effect<number, CannotRun> =>
  Effect.uninterruptible(Effect.async((resume) => {
    const fail = (error: unknown): void =>
      resume(new CannotRun({ code: (error as NodeJS.ErrnoException).code ?? "unknown" }))
    try {
      const child = spawn(file, args, { stdio: "inherit", env })
      const isOnTerminal = hasTerminal()
      const group = isOnTerminal && process.platform !== "win32" ? witness.make() : undefined
      const sendOn = (signal: NodeJS.Signals): void => {
        if (!isOnTerminal) {
          child.kill(signal)
        } else if (signal !== "SIGWINCH") {
          group?.ask(signal, (isForGroup) => isForGroup || child.kill(signal))
        }
      }
      const listeners = [
        ...forwarded.map((signal) => [signal, () => child.kill(signal)] as const),
        ...ofTerminal.map((signal) => [signal, () => sendOn(signal)] as const)
      ]
      const kill = (): boolean => child.kill()
      const release = (): void => {
        group?.stop()
        process.off("exit", kill)
        for (const [signal, listener] of listeners) {
          process.off(signal, listener)
        }
      }
      process.on("exit", kill)
      for (const [signal, listener] of listeners) {
        process.on(signal, listener)
      }
      child.on("error", (error) => {
        // Also of a signal that the child may not be sent, which is no reason to leave it alone.
        if (child.pid === undefined) {
          release()
          fail(error)
        }
      })
      child.on("exit", (code, signal) => {
        release()
        resume(Effect.succeed(exitCode(code, signal)))
      })
    } catch (error) {
      fail(error)
    }
  }))
