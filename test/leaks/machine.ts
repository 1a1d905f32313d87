/** A machine that runs the library with secrets in its files, its environment, its programs and its network. */
import type { DefaultChain } from "@effect-alicloud/credentials"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import type { Fault, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import type { Command } from "@effect/platform"
import { CommandExecutor, FileSystem, HttpClient, Path } from "@effect/platform"
import { SystemError } from "@effect/platform/Error"
import {
  Array as Arr,
  Cause,
  ConfigProvider,
  Context,
  Effect,
  FiberRef,
  HashSet,
  Layer,
  Logger,
  LogLevel
} from "effect"
import type { Scope } from "effect"
import { Sink, Stream } from "effect"
import { makeClock } from "../kit/fuzzWorld.ts"
import { everything, readOnly, utf8 } from "../kit/profileWorld.ts"
import { collector, type Seen as CollectedSpan } from "../kit/spans.ts"
import type { Secret } from "./generator.ts"
import type { Subject } from "./subject.ts"
import { either, failing } from "./subject.ts"

export interface Machine {
  readonly env?: Readonly<Record<string, string>> | undefined
  readonly files?: Readonly<Record<string, string>> | undefined
  /** What exists besides everything that the sources need. */
  readonly world?: WorldInput | undefined
  readonly faults?: ReadonlyArray<Fault> | undefined
  /** Instead of the fake cloud. */
  readonly client?: HttpClient.HttpClient | undefined
  /** Whether the client makes spans of its own, which end with its own errors before anybody can change these. */
  readonly tracedClient?: boolean | undefined
  /** What programs print, or nothing where none can be started. */
  readonly program?:
    | {
      readonly stdout?: string
      readonly stderr?: string
      readonly exitCode?: number
      readonly broken?: "stdout" | "stderr"
    }
    | undefined
}

/** The errors of Node.js hold the command line. */
const commandError = (command: Command.Command, method: string): SystemError =>
  new SystemError({
    module: "Command",
    method,
    reason: "NotFound",
    pathOrDescriptor: command._tag === "StandardCommand" ? [command.command, ...command.args].join(" ") : "",
    cause: Object.assign(new Error(`${method} ENOENT`), { spawnargs: command })
  })

const executor = (program: Machine["program"]): CommandExecutor.CommandExecutor =>
  CommandExecutor.makeExecutor((command) =>
    program === undefined ? commandError(command, "spawn") : Effect.succeed({
      [CommandExecutor.ProcessTypeId]: CommandExecutor.ProcessTypeId,
      pid: CommandExecutor.ProcessId(1),
      exitCode: Effect.succeed(CommandExecutor.ExitCode(program.exitCode ?? 0)),
      isRunning: Effect.succeed(false),
      kill: () => Effect.void,
      stdin: Sink.drain,
      stdout: program.broken === "stdout"
        ? Stream.fail(commandError(command, "stdout"))
        : Stream.make(utf8(program.stdout ?? "")),
      stderr: program.broken === "stderr"
        ? Stream.fail(commandError(command, "stderr"))
        : Stream.make(utf8(program.stderr ?? ""))
    } as unknown as CommandExecutor.Process)
  )

const posix = Effect.runSync(Effect.provide(Path.Path, Path.layer))

const clientOf = (machine: Machine): Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> =>
  machine.client !== undefined
    ? Effect.succeed(machine.client)
    : FakeAlicloud.layer({ ...everything, ...machine.world, faults: machine.faults ?? [] }).pipe(
      Layer.build,
      Effect.map(Context.get(HttpClient.HttpClient)),
      Effect.orDie
    )

/** What an exporter sees of a cause that a span ends with. */
const exported = (spans: ReadonlyArray<CollectedSpan>): ReadonlyArray<CollectedSpan> =>
  spans.map((span) => ({ ...span, rest: span.rest.filter((part) => !Cause.isCause(part)) }))

/** Everything that can be seen of a run besides what comes of it. */
export interface Seen {
  readonly logs: ReadonlyArray<unknown>
  readonly spans: ReadonlyArray<CollectedSpan>
}

/** Runs an effect on a machine, on which pauses take no time. */
export const on =
  (machine: Machine, seen?: (seen: Seen) => void) =>
  <A, E>(self: Effect.Effect<A, E, DefaultChain.Requirements | Scope.Scope>): Effect.Effect<A, E> =>
    Effect.gen(function*() {
      const { spans, tracer } = collector()
      const logs: Array<unknown> = []
      const logger = Logger.make(({ annotations, cause, message }) => {
        logs.push(...Arr.ensure(message), Object.fromEntries(annotations), ...(Cause.isEmpty(cause) ? [] : [cause]))
      })
      const services = Context.make(
        FileSystem.FileSystem,
        readOnly(Arr.reduce(
          Object.entries(machine.files ?? {}),
          {} as Record<string, Uint8Array>,
          (files, [path, text]) => ({ ...files, [path]: utf8(text) })
        ))
      ).pipe(
        Context.add(HttpClient.HttpClient, yield* clientOf(machine)),
        Context.add(CommandExecutor.CommandExecutor, executor(machine.program)),
        Context.add(Path.Path, posix)
      )
      seen?.({ logs, spans })
      return yield* self.pipe(
        Effect.withSpan("user"),
        Effect.provide(services),
        Effect.withTracer(tracer),
        Effect.locally(FiberRef.currentLoggers, HashSet.make(logger)),
        Logger.withMinimumLogLevel(LogLevel.All),
        Effect.withConfigProvider(ConfigProvider.fromMap(new Map(Object.entries({ HOME: "/home", ...machine.env }))))
      )
    }).pipe(Effect.scoped, Effect.withClock(makeClock()))

const watched = (outcome: typeof either) =>
<A, E>(
  name: string,
  machine: Machine,
  self: Effect.Effect<A, E, DefaultChain.Requirements | Scope.Scope>
): Effect.Effect<ReadonlyArray<Subject>> =>
  Effect.suspend(() => {
    let seen: Seen = { logs: [], spans: [] }
    const run = on(machine, (found) => {
      seen = found
    })(self)
    return Effect.map(outcome(name, run), (subjects) => [
      ...subjects,
      {
        name: `${name}: logs and spans`,
        value: machine.tracedClient === true ? { ...seen, spans: exported(seen.spans) } : seen
      }
    ])
  })

/** What comes of an effect on a machine, and everything that can be seen of it. */
export const ending = watched(either)

/** The same of an effect that must fail. */
export const breaking = watched(failing)

/** A value of a wrong type that holds a secret. */
export const wrong = ({ text }: Secret): ReadonlyArray<unknown> => [[text], { [`x`]: text, text }, Object(text)]
