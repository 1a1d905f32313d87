/** Runs the program of `External`. Nothing here shows its arguments or its output, not even a log. */
import * as Command from "@effect/platform/Command"
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Stream from "effect/Stream"
import * as show from "../../unstable/Text.ts"

/** What went wrong with a program. */
export interface ProcessProblem {
  readonly _tag: "ProcessProblem"
  /** In words that hold none of its arguments and none of its output. */
  readonly issue: string
  /** The end of what the program wrote to standard error. It may hold secrets. */
  readonly stderr: string
  readonly exitCode?: number | undefined
}

const problem = (issue: string, stderr = "", exitCode?: number): ProcessProblem => ({
  _tag: "ProcessProblem",
  issue,
  stderr,
  exitCode
})

const maxBytes = 1024 * 1024

/** How much of the end of the standard error is kept. */
const maxErrorChars = 16 * 1024

/** How long a program, and each one that runs in it, may take to end after SIGTERM. */
const grace = Duration.millis(500)

/** Waits for the end of all that the program has started. SIGCONT does nothing to them, and fails when they are gone. */
const allEnded = (process: CommandExecutor.Process) =>
  Effect.forever(Effect.zipLeft(process.kill("SIGCONT"), Effect.sleep("20 millis")))

/**
 * Ends the program and everything it has started. What ignores the request is killed, not before a program that has to
 * pass the request on to another group of processes, as we do here, had the time to.
 */
const stop = (process: CommandExecutor.Process, inner: number): Effect.Effect<void> =>
  Effect.interruptible(Effect.zipRight(process.kill("SIGTERM"), allEnded(process))).pipe(
    Effect.timeout(Duration.times(grace, 1 + inner)),
    Effect.ignore,
    Effect.zipRight(Effect.ignore(process.kill("SIGKILL")))
  )

/** The system's code of a failure to start a program, which holds its command line. */
const codeOf = (failure: unknown): string => {
  const cause = Predicate.hasProperty(failure, "cause") && failure.cause !== undefined ? failure.cause : failure
  const code = Predicate.hasProperty(cause, "code") ? show.systemCode(cause.code) : undefined
  return code ?? "no code is known"
}

const cannotStart = (failure: unknown): Effect.Effect<never, ProcessProblem> =>
  Effect.fail(problem(`cannot be started (${codeOf(failure)})`))

/**
 * Runs a program without a shell and answers what it printed, at most 1 MiB. It has no standard input. When time is up,
 * or the reader is interrupted, its whole process group ends. `inner` programs may run in it that it ends itself.
 */
export const run = (
  argv: readonly [string, ...Array<string>],
  timeout: Duration.Duration,
  { inner, variables }: { readonly variables: Readonly<Record<string, string>>; readonly inner: number } = {
    variables: {},
    inner: 0
  }
): Effect.Effect<string, ProcessProblem, CommandExecutor.CommandExecutor> =>
  Effect.scoped(Effect.gen(function*() {
    let ended = false
    // Some systems throw where others fail, for a file in place of a folder, a link loop or too long a command line.
    const process = yield* Command.start(Command.env(Command.make(...argv), variables)).pipe(
      Effect.catchAll(cannotStart),
      Effect.catchAllDefect(cannotStart)
    )
    yield* Effect.addFinalizer(() => ended ? Effect.void : stop(process, inner))
    yield* Effect.forkScoped(Effect.ignore(Stream.run(Stream.empty, process.stdin)))
    let size = 0
    const stdout = process.stdout.pipe(
      Stream.mapError(() => problem("has output that cannot be read")),
      Stream.mapEffect((chunk) => {
        size += chunk.byteLength
        return size <= maxBytes ? Effect.succeed(chunk) : Effect.fail(problem("printed more than 1 MiB"))
      }),
      Stream.decodeText(),
      Stream.mkString
    )
    // Its error holds the command line, and Effect logs what the fiber of a stream fails with.
    const stderr = process.stderr.pipe(
      Stream.mapError(() => problem("has output that cannot be read")),
      Stream.decodeText(),
      Stream.runFold("", (text, more) => (text + more).slice(-maxErrorChars)),
      Effect.orElseSucceed(() => "")
    )
    const exitCode = Effect.mapError(process.exitCode, () => problem("was ended by a signal"))
    const [text, code, errors] = yield* Effect.all([stdout, exitCode, stderr], {
      concurrency: "unbounded"
    })
    ended = true
    return code === 0 ? text : yield* Effect.fail(problem(`ended with exit code ${code}`, errors, code))
  })).pipe(
    Effect.timeoutFail({
      duration: timeout,
      onTimeout: () => problem(`did not end within ${Duration.format(timeout)}`)
    })
  )
