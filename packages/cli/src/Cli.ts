/**
 * The command line of `alicloud-credentials`: names, options, help. Each command is a module in `commands/`,
 * loaded on use. Called by `main.ts` and by tests.
 */
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Args from "@effect/cli/Args"
import type * as CliApp from "@effect/cli/CliApp"
import * as CliConfig from "@effect/cli/CliConfig"
import * as Command from "@effect/cli/Command"
import * as HelpDoc from "@effect/cli/HelpDoc"
import * as Span from "@effect/cli/HelpDoc/Span"
import * as Options from "@effect/cli/Options"
import * as ValidationError from "@effect/cli/ValidationError"
import * as Cause from "effect/Cause"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Ref from "effect/Ref"
import type * as Scope from "effect/Scope"
import { createRequire } from "node:module"
import * as completions from "./internal/completions.ts"
import type { ExitCode } from "./internal/failure.ts"
import { BadUsage } from "./internal/failure.ts"
import * as screen from "./internal/screen.ts"
import { stoppable } from "./internal/signals.ts"
import { Sources } from "./internal/sources.ts"
import * as help from "./messages/help.ts"

const name = "alicloud-credentials"

const { version } = createRequire(import.meta.url)("@effect-alicloud/cli/package.json") as { readonly version: string }

/** The services that the commands need. */
type Machine = Layer.Layer<DefaultChain.Requirements>

const explained = (text: string, examples: ReadonlyArray<string>): HelpDoc.HelpDoc =>
  HelpDoc.blocks([HelpDoc.p(text), ...examples.map((example) => HelpDoc.p(Span.code(`  $ ${name} ${example}`)))])

const selectionOf = (sources: ReadonlyArray<string>) => ({
  profile: Options.text("profile").pipe(
    Options.withAlias("p"),
    Options.withPseudoName("name"),
    Options.withDescription(help.profile),
    Options.optional
  ),
  source: Options.choice("source", sources).pipe(Options.withDescription(help.source), Options.optional),
  strict: Options.boolean("strict").pipe(Options.withDescription(help.strict))
})

const format = (text: string) =>
  Options.choice("format", ["table", "json"]).pipe(
    Options.withAlias("f"),
    Options.withDefault("table"),
    Options.withDescription(text)
  )

/** The output without a command: an overview on one screen. */
const overview = Effect.gen(function*() {
  const { table } = yield* Effect.promise(() => import("./internal/table.ts"))
  const columns = yield* screen.width
  const rows = (pairs: typeof help.overview) =>
    table(pairs.map(([left, right]) => [screen.paint("cyan", left), right]), columns, 2)
  yield* Console.log(
    `${screen.paint("bold", name)} ${version}: ${help.summary}\n\n${rows(help.overview)}\n\n${rows(help.anywhere)}`
  )
})

/** A module of `commands/`. */
interface Module<O, E> {
  readonly run: (options: O) => Effect.Effect<ExitCode, E, DefaultChain.Requirements | Scope.Scope>
}

/** The commands, whose exit code goes to `ended`. What follows `--` on the command line is `rest`. */
const commands = (
  sources: ReadonlyArray<string>,
  machine: Machine,
  rest: ReadonlyArray<string>,
  ended: Ref.Ref<ExitCode>
) => {
  const selection = selectionOf(sources)

  /** A command that decides itself what signals do. The module and what it needs are loaded only when it runs. */
  const unstoppable = <O, E>(load: () => Promise<Module<O, E>>) => (options: O): Effect.Effect<void, E> =>
    Effect.promise(load).pipe(
      Effect.flatMap(({ run }) => Effect.provide(Effect.scoped(run(options)), machine)),
      Effect.flatMap((code) => Ref.set(ended, code)),
      Effect.tapDefect((defect) => Effect.logDebug(Cause.pretty(defect)))
    )

  /** A command that ends when a signal arrives. */
  const lazily = <O, E>(load: () => Promise<Module<O, E>>) => {
    const run = unstoppable(load)
    return (options: O) => stoppable(run(options))
  }

  const get = Command.make("get", {
    ...selection,
    format: Options.choice("format", ["table", "json", "env", "uri", "external"]).pipe(
      Options.withAlias("f"),
      Options.withDefault("table"),
      Options.withDescription(help.getFormat)
    )
  }, lazily(() => import("./commands/get.ts"))).pipe(Command.withDescription(explained(help.get, [
    "get",
    "get --profile staging --format json",
    "get --source OidcRoleArn",
    "get --format env"
  ])))

  const whoami = Command.make(
    "whoami",
    { ...selection, format: format(help.format) },
    lazily(() => import("./commands/whoami.ts"))
  ).pipe(Command.withDescription(explained(help.whoami, ["whoami", "whoami --profile staging --format json"])))

  const doctor = Command.make(
    "doctor",
    { ...selection, format: format(help.format) },
    lazily(() => import("./commands/doctor.ts"))
  ).pipe(Command.withDescription(explained(help.doctor, ["doctor", "doctor --strict", "doctor --format json"])))

  const exec = Command.make("exec", {
    ...selection,
    static: Options.boolean("static").pipe(Options.withDescription(help.staticKeys)),
    command: Args.repeated(Args.text({ name: "command" })).pipe(
      Args.withDescription(help.command),
      Args.map((given) => [...given, ...rest])
    )
  }, unstoppable(() => import("./commands/exec.ts"))).pipe(Command.withDescription(explained(help.exec, [
    "exec -- node app.js",
    "exec --profile staging -- terraform plan",
    "exec --static -- node migrate.js"
  ])))

  const serve = Command.make("serve", {
    ...selection,
    host: Options.text("host").pipe(Options.withDefault("127.0.0.1"), Options.withDescription(help.host)),
    port: Options.integer("port").pipe(Options.withDefault(0), Options.withDescription(help.port)),
    token: Options.redacted("token").pipe(
      Options.withFallbackConfig(Config.redacted("ALICLOUD_CREDENTIALS_SERVE_TOKEN")),
      Options.optional,
      Options.withDescription(help.token)
    ),
    imds: Options.boolean("imds").pipe(Options.withDescription(help.imds)),
    format: format(help.startFormat)
  }, unstoppable(() => import("./commands/serve.ts"))).pipe(Command.withDescription(explained(help.serve, [
    "serve",
    "serve --profile staging --port 8042",
    "serve --imds --format json"
  ])))

  const demo = Command.make("demo", {}, lazily(() => import("./commands/demo.ts"))).pipe(
    Command.withDescription(explained(help.demo, ["demo"]))
  )

  return Command.make(name, {}, () => overview).pipe(
    Command.withDescription(help.summary),
    Command.withSubcommands([get, whoami, doctor, exec, serve, demo])
  )
}

/** Log lines go to the standard error, what was annotated beneath them. */
const logger = Logger.withConsoleError(Logger.make(({ annotations, logLevel, message }) => {
  const text = Array.isArray(message) ? message.join(" ") : String(message)
  return [
    `${screen.paint("yellow", logLevel.label.toLowerCase())}  ${text}`,
    ...Array.from(annotations, ([key, value]) => screen.paint("gray", `  ${key}: ${String(value)}`))
  ].join("\n")
}))

/**
 * Runs a command line and returns its exit code. Messages go to the standard error.
 */
export const run = Effect.fnUntraced(function*(
  argv: ReadonlyArray<string>,
  machine: Machine
): Effect.fn.Return<ExitCode, never, CliApp.CliApp.Environment> {
  const ended = yield* Ref.make<ExitCode>(0)
  const end = argv.indexOf("--", 2)
  const [own, rest] = end === -1 ? [argv, []] : [argv.slice(0, end), argv.slice(end + 1)]
  const takesRest = rest.length === 0 || own.includes("exec")
  const names = (yield* Sources).map(({ name }) => name)
  const commandLine = Command.run(commands(names, machine, rest, ended), {
    name,
    version,
    summary: Span.text(help.summary),
    footer: HelpDoc.p(help.footer)
  })
  const isBare = own.length === 3 && (own[2] === "--help" || own[2] === "-h")
  const ran = own.includes("--completions")
    ? completions.repaired(commandLine(own))
    : own.includes("--wizard")
    ? stoppable(commandLine(own))
    : commandLine(own)
  return yield* (isBare ? overview : takesRest ? ran : new BadUsage({ message: help.surplus(rest) })).pipe(
    Effect.zipRight(Ref.get(ended)),
    Effect.catchAll((error) => {
      if (ValidationError.isValidationError(error)) {
        return Effect.succeed(2)
      }
      if (error._tag === "Stopped") {
        return Effect.succeed(error.code)
      }
      return Effect.as(
        Console.error(`${screen.paint("red", `${name}:`)} ${error.message}`),
        error._tag === "BadUsage" ? 2 : 1
      )
    }),
    Effect.catchAllDefect(() => Effect.as(Console.error(`${screen.paint("red", `${name}:`)} ${help.unexpected}`), 1)),
    Effect.provide(CliConfig.layer({ showBuiltIns: false, showTypes: false })),
    Effect.provide(Logger.replace(Logger.defaultLogger, logger)),
    Logger.withMinimumLogLevel(LogLevel.Warning),
    screen.withColours
  )
})
