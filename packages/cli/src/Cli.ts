/**
 * Runs command lines of `alicloud-credentials`: each command is a module in `commands/`, loaded on use. Called by
 * `main.ts` and by tests.
 */
import { isAbsent, NoCredentials } from "@effect-alicloud/credentials/CredentialsError"
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Cause from "effect/Cause"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { createRequire } from "node:module"
import type { Chosen, LogLevel as Level } from "./chosen.ts"
import type { ExitCode } from "./internal/failure.ts"
import { Stopped } from "./internal/failure.ts"
import { name } from "./internal/line.ts"
import { type Failure as SourceFailure, Failures, logger } from "./internal/log.ts"
import * as machine from "./internal/machine.ts"
import { Machine, onMachine } from "./internal/machine.ts"
import { withoutSettings } from "./internal/outerExec.ts"
import * as screen from "./internal/screen.ts"
import { stoppable } from "./internal/signals.ts"
import { Sources } from "./internal/sources.ts"
import * as messages from "./messages/common.ts"
import * as help from "./messages/help.ts"
import * as usage from "./messages/usage.ts"
import * as program from "./program.ts"

const { version } = createRequire(import.meta.url)("@effect-alicloud/cli/package.json") as { readonly version: string }

/** The services that the commands need. */
type Platform = Layer.Layer<DefaultChain.Requirements>

/** The output without a command: an overview on one screen. */
const overview = Effect.gen(function*() {
  const columns = yield* screen.width
  const { table } = yield* Effect.promise(() => import("./internal/table.ts"))
  const rows = (pairs: typeof help.overview): string => {
    const painted = pairs.map(([left, right]) => [screen.paint("cyan", left), right] as const)
    return columns < 60
      ? painted.map(([left, right]) => `  ${left}\n${table([[right]], columns, 6)}`).join("\n")
      : table(painted, columns, 2)
  }
  const title = table([[`${screen.paint("bold", name)} ${version}: ${help.summary}`]], columns)
  yield* Console.log(`${title}\n\n${rows(help.overview)}\n\n${rows(help.anywhere)}`)
  return 0
})

/** A module of `commands/`. */
interface Module<O, E, R = DefaultChain.Requirements> {
  readonly run: (options: O) => Effect.Effect<ExitCode, E, R | Machine | Scope.Scope>
}

/** A failure of a command, which is reported by its message. */
type Failure = Stopped | { readonly _tag: string; readonly message: string }

/** The effect of a command. `exec` and `serve` decide themselves what signals do, the others end. */
const commandOf = (chosen: Chosen, platform: Platform): Effect.Effect<ExitCode, Failure> => {
  const onDemand = <O, E>(load: () => Promise<Module<O, E, never>>, options: O): Effect.Effect<ExitCode, E> =>
    Effect.promise(load).pipe(
      Effect.flatMap(({ run }) =>
        Effect.scoped(Effect.provideServiceEffect(run(options), Machine, machine.make(platform)))
      ),
      Effect.tapDefect((defect) => Effect.logDebug(Cause.pretty(defect)))
    )
  /** The module and what it needs are loaded only when it runs. */
  const unstoppable = <O, E>(load: () => Promise<Module<O, E>>, options: O): Effect.Effect<ExitCode, E> =>
    onDemand(() => load().then(({ run }) => ({ run: (options) => onMachine(run(options)) })), options)
  const lazily = <O, E>(load: () => Promise<Module<O, E>>, options: O) => stoppable(unstoppable(load, options))
  switch (chosen._tag) {
    case "Get":
      return stoppable(onDemand(() => import("./commands/get.ts"), chosen.options))
    case "Whoami":
      return lazily(() => import("./commands/whoami.ts"), chosen.options)
    case "Doctor":
      return lazily(() => import("./commands/doctor.ts"), chosen.options)
    case "Exec":
      return unstoppable(() => import("./commands/exec.ts"), chosen.options)
    case "Serve":
      return unstoppable(() => import("./commands/serve.ts"), chosen.options)
    case "Profiles":
      return lazily(() => import("./commands/profiles.ts"), chosen.options)
    case "Login":
      return lazily(() => import("./commands/login.ts"), chosen.options)
    case "Logout":
      return lazily(() => import("./commands/logout.ts"), chosen.options)
    case "Use":
      return lazily(() => import("./commands/use.ts"), chosen.options)
    case "Cache":
      return lazily(() => import("./commands/cache.ts"), chosen.options)
    case "Demo":
      return lazily(() => import("./commands/demo.ts"), chosen.options)
    case "Completion":
      return lazily(() => import("./commands/completion.ts"), chosen.options)
    case "Complete":
      return lazily(() => import("./commands/complete.ts"), chosen.options)
    case "Overview":
      return overview
    case "Text":
      return Effect.as(Console.log(chosen.text), 0)
  }
}

/** Whether the command line chooses a profile or a source. */
const hasSelection = (chosen: Chosen): boolean =>
  "options" in chosen && "source" in chosen.options &&
  (Option.isSome(chosen.options.profile) || Option.isSome(chosen.options.source))

/** Whether the command runs for long, so that its log needs times, and says when something is right again. */
const isServer = ({ _tag }: Chosen): boolean => _tag === "Serve" || _tag === "Exec"

const levels = {
  all: LogLevel.All,
  trace: LogLevel.Trace,
  debug: LogLevel.Debug,
  info: LogLevel.Info,
  warning: LogLevel.Warning,
  error: LogLevel.Error,
  fatal: LogLevel.Fatal,
  none: LogLevel.None
} satisfies Record<Level, LogLevel.LogLevel>

/** Bad usage that a command notices says where its help is, as what the parser notices does. */
const withHelp = ({ _tag }: Chosen, { message }: Failure): Failure => ({
  _tag: "BadUsage",
  message: `${message} ${usage.seeHelp(`${name} ${_tag.toLowerCase()}`)}`
})

/** An error of a strict chain says why the sources behind the broken one were not tried. */
const endedStrictly = (chosen: Chosen, error: Failure, last: string | undefined): Failure => {
  const isStrict = "options" in chosen && "strict" in chosen.options && chosen.options.strict
  const broken = error instanceof NoCredentials ? error.attempts.at(-1) : undefined
  return isStrict && broken !== undefined && !isAbsent(broken) && broken.source !== last
    ? { _tag: "NoCredentials", message: `${error.message}\n${messages.endedStrictly(broken.source)}` }
    : error
}

/** The program of a profile that led back to it tells so even to a caller that drops what it says. */
const codeOf = (failure: Failure): Effect.Effect<ExitCode> =>
  failure._tag === "BadUsage"
    ? Effect.succeed(2)
    : "circle" in failure && failure.circle !== undefined
    ? Effect.map(
      Effect.promise(() => import("@effect-alicloud/credentials/unstable/Circle")),
      ({ exitCode, variable }) => process.env[variable] === undefined ? 1 : exitCode
    )
    : Effect.succeed(1)

/**
 * Runs a command line, without the names of Node.js and of the program, and returns its exit code. Messages go to the
 * standard error.
 */
export const run = Effect.fnUntraced(function*(
  words: ReadonlyArray<string>,
  platform: Platform
): Effect.fn.Return<ExitCode> {
  const sources = (yield* Sources).map(({ name }) => name)
  const columns = yield* screen.width
  const failures = new Map<string, SourceFailure>()
  return yield* program.parse(words, { sources, version, columns: Math.min(columns, 100) })
    .pipe(
      Effect.flatMap(({ chosen, logLevel = isServer(chosen) ? "info" : "warning" }) =>
        (hasSelection(chosen) ? withoutSettings(commandOf(chosen, platform)) : commandOf(chosen, platform)).pipe(
          Logger.withMinimumLogLevel(levels[logLevel]),
          Effect.provide(Logger.replace(Logger.defaultLogger, logger(failures, isServer(chosen)))),
          Effect.mapError((error) =>
            error._tag === "BadUsage" ? withHelp(chosen, error) : endedStrictly(chosen, error, sources.at(-1))
          )
        )
      ),
      Effect.catchAll((error) =>
        error instanceof Stopped
          ? Effect.succeed(error.code)
          : Effect.zipRight(Console.error(`${screen.paint("red", `${name}:`)} ${error.message}`), codeOf(error))
      ),
      Effect.catchAllDefect(() => Effect.as(Console.error(`${screen.paint("red", `${name}:`)} ${help.unexpected}`), 1)),
      Effect.provideService(Failures, failures),
      screen.forPeople
    )
})
