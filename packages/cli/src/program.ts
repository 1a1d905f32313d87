/**
 * The command line: commands, options and their help. All parsing happens here; `Cli.ts` runs what it finds, and the
 * completions read the same commands.
 */
import { meant } from "@effect-alicloud/credentials/unstable/Nearest"
import type { Command } from "commander"
import { Argument, CommanderError, Help } from "commander"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { Chosen, LogLevel, Shell } from "./chosen.ts"
import { logLevels, shells } from "./chosen.ts"
import type { Format } from "./commands/get.ts"
import { type Syntax, syntaxes } from "./internal/assignments.ts"
import { BadUsage } from "./internal/failure.ts"
import { choice, Line, name, text, valued } from "./internal/line.ts"
import { addLogin, loginOf } from "./internal/loginOptions.ts"
import { paint } from "./internal/screen.ts"
import { addCache, addRole, addSelection, selectionOf } from "./internal/selectionOptions.ts"
import * as help from "./messages/help.ts"
import * as usage from "./messages/usage.ts"

interface Context {
  /** The names of the sources, in the order of the chain. */
  readonly sources: ReadonlyArray<string>
  readonly version: string
  /** How many columns a line may have. */
  readonly columns: number
}

const cacheActions = ["list", "clear"] as const

/** The formats that hand secrets on to another program: a broken profile must not become another identity there. */
const handingOn: ReadonlyArray<Format> = ["env", "uri", "external"]

const beneath = (term: string, _width: number, description: string, format: Help): string => {
  const lines = format.boxWrap(description, (format.helpWidth ?? 40) - 6).split("\n")
  return [`  ${term}`, ...lines.map((line) => `      ${line}`)].join("\n")
}

/** What comes after `Usage: `, on two lines where it does not fit one. */
const usageOf = (command: Command, columns: number): string => {
  const usage = new Help().commandUsage(command)
  return usage.length + 7 > columns ? usage.replace(" [", "\n       [") : usage
}

/** All commands. What is chosen goes to `choose`, what is to be printed to `print`. */
const makeProgram = (
  context: Context,
  choose: (chosen: Chosen, logLevel: LogLevel | undefined) => void,
  print: (text: string) => void
): Line => {
  const root = new Line(name).enablePositionalOptions()
  const everywhere = (command: Line): Line => {
    choice(command, "--log-level <level>", help.logLevel, logLevels)
    return command
      .helpOption("-h, --help", help.help)
      .allowExcessArguments(false)
      .exitOverride()
      .configureOutput({
        writeOut: print,
        writeErr: print,
        getOutHelpWidth: () => context.columns,
        getErrHelpWidth: () => context.columns,
        getOutHasColors: () => true
      })
      .configureHelp({
        optionDescription: help.withChoices,
        minWidthToWrap: 20,
        // Where a column beside the names would be narrow, the descriptions go beneath them.
        ...(context.columns < 70 ? { formatItem: beneath } : {}),
        commandUsage: (command) => usageOf(command, context.columns),
        styleTitle: (title) => paint("bold", title),
        styleOptionTerm: (term) => paint("cyan", term),
        styleSubcommandTerm: (term) => paint("cyan", term)
      }) as Line
  }
  const add = (
    command: string,
    description: string,
    examples: ReadonlyArray<string>,
    action: (given: Record<string, unknown>, operands: ReadonlyArray<string>) => Chosen
  ): Line => {
    const made = root.command(command).description(description) as Line
    made.action(() =>
      choose(
        action(made.opts(), made.args),
        (made.opts()["logLevel"] ?? root.opts()["logLevel"]) as LogLevel | undefined
      )
    )
    if (examples.length > 0) {
      made.addHelpText(
        "after",
        `\n${paint("bold", "Examples:")}\n${examples.map((example) => `  $ ${name} ${example}`).join("\n")}`
      )
    }
    return made
  }

  const get: Line = add(
    "get",
    help.get,
    ["get", "get --profile staging --format json", "get --format env --shell fish", "get --unset"],
    (given) => {
      const format = given["format"] as Format
      const shell = Option.fromNullable(given["shell"] as Syntax | undefined)
      const unset = given["unset"] === true
      if (unset && format !== "env" && get.getOptionValueSource("format") !== "default") {
        return get.refuse(usage.unsetWithFormat(format))
      }
      if (Option.isSome(shell) && format !== "env" && !unset) {
        return get.refuse(usage.shellWithoutEnv)
      }
      if (unset && Option.contains(shell, "dotenv")) {
        return get.refuse(usage.unsetInDotenv)
      }
      return { _tag: "Get", options: { ...selectionOf(get, given, handingOn.includes(format)), format, shell, unset } }
    }
  )
  addSelection(get, context.sources, { strict: help.byDefaultWhereSecretsGo })
  addCache(get)
  addRole(get)
  choice(get, "-f, --format <format>", help.getFormat, ["table", "json", "env", "uri", "external"], "table")
  choice(get, "--shell <shell>", help.syntax, syntaxes)
  get.option("--unset", help.unset)

  for (
    const [_tag, word, description] of [
      ["Whoami", "whoami", help.whoami],
      ["Doctor", "doctor", help.doctor]
    ] as const
  ) {
    const made: Line = add(word, description, [word, `${word} --profile staging --format json`], (given) => ({
      _tag,
      options: { ...selectionOf(made, given, false), format: given["format"] as "table" | "json" }
    }))
    addSelection(made, context.sources, { noStrict: help.byDefault })
    if (_tag === "Whoami") {
      addCache(made)
    }
    addRole(made)
    choice(made, "-f, --format <format>", help.format, ["table", "json"], "table")
  }

  const exec: Line = add("exec", help.exec, [
    "exec -- node app.js",
    "exec --profile staging -- terraform plan",
    "exec --static -- node migrate.js"
  ], (given, command) => ({
    _tag: "Exec",
    options: { ...selectionOf(exec, given, true), static: given["static"] === true, command }
  }))
  addSelection(exec, context.sources, { strict: help.byDefault })
  addCache(exec)
  addRole(exec)
  exec.option("--static", help.staticKeys).argument("[command...]", help.command).passThroughOptions()

  const serve: Line = add("serve", help.serve, [
    "serve",
    "serve --profile staging --port 8042",
    "serve --imds --format json"
  ], (given) => ({
    _tag: "Serve",
    options: {
      ...selectionOf(serve, given, true),
      host: given["host"] as string,
      port: given["port"] as number,
      token: Option.fromNullable(given["token"] as Redacted.Redacted | undefined),
      imds: given["imds"] === true,
      format: given["format"] as "table" | "json"
    }
  }))
  addSelection(serve, context.sources, { strict: help.byDefault })
  addCache(serve)
  addRole(serve)
  text(serve, "--host <address>", help.host, "127.0.0.1")
  valued(serve, "--port <number>", help.port, {
    read: (text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535 ? Number(text) : undefined,
    expected: usage.notAPort
  }, (flag) => flag.default(0))
  valued(serve, "--token <token>", help.token, { read: Redacted.make })
  serve.option("--imds", help.imds)
  choice(serve, "-f, --format <format>", help.startFormat, ["table", "json"], "table")

  const profiles = add("profiles", help.profiles, ["profiles", "profiles --format json"], (given) => ({
    _tag: "Profiles",
    options: { format: given["format"] as "table" | "json" }
  }))
  choice(profiles, "-f, --format <format>", help.format, ["table", "json"], "table")

  const login: Line = add("login", help.login, [
    "login --profile dev --site CN",
    "login --profile sso --sign-in-url https://signin-cn-shanghai.alibabacloudsso.com/start/login",
    "login --profile dev --no-browser"
  ], (given) => ({ _tag: "Login", options: loginOf(login, given) }))
  addLogin(login)

  const logout: Line = add("logout", help.logout, ["logout", "logout --profile dev"], (given) => ({
    _tag: "Logout",
    options: { profile: Option.fromNullable(given["profile"] as string | undefined) }
  }))
  text(logout, "-p, --profile <name>", help.logoutProfile)

  const use: Line = add(
    "use",
    help.use,
    ["use staging"],
    (_, [profile = ""]) =>
      profile === "" ? use.refuse(usage.emptyValue("The profile")) : { _tag: "Use", options: { profile } }
  )
  use.argument("<profile>", help.used)

  const cache: Line = add("cache", help.cache, ["cache list", "cache clear"], (given, [action = ""]) => {
    const byDefault = cache.getOptionValueSource("format") === "default"
    switch (action) {
      case "list":
        return { _tag: "Cache", options: { action, format: given["format"] as "table" | "json" } }
      case "clear":
        return byDefault ? { _tag: "Cache", options: { action } } : cache.refuse(usage.formatOfClear)
      default:
        return cache.refuse(usage.notOneOf("The action", cacheActions, meant(cacheActions, action)))
    }
  })
  cache.addArgument(new Argument("<action>", help.cacheAction).choices(cacheActions).argParser((text) => text))
  choice(cache, "-f, --format <format>", help.format, ["table", "json"], "table")

  add("demo", help.demo, [], () => ({ _tag: "Demo", options: {} }))

  const completion = add(
    "completion",
    help.completion,
    ["completion bash"],
    (_, [shell = ""]) =>
      shells.some((known) => known === shell)
        ? { _tag: "Completion", options: { shell: shell as Shell } }
        : completion.refuse(usage.notOneOf("The shell", shells, meant(shells, shell)))
  )
  completion.addArgument(new Argument("<shell>", help.shell).choices(shells).argParser((text) => text))

  root.command("complete", { hidden: true }).argument("[words...]").passThroughOptions().helpOption(false)
    .action((words: ReadonlyArray<string>) => choose({ _tag: "Complete", options: { words } }, undefined))

  const helpCommand = add("help", help.helpCommand, [], (_, [word]) => {
    const found = word === undefined ? root : root.commands.find((command) => command.name() === word)
    if (found === undefined) {
      throw helpCommand.wrongCommand(word ?? "")
    }
    return found === root ? { _tag: "Overview" } : { _tag: "Text", text: found.helpInformation() }
  })
  helpCommand.argument("[command]", help.command)

  for (const command of root.commands) {
    everywhere(command as Line)
  }
  everywhere(root).helpCommand(false).version(context.version, "-V, --version", help.version)
    .argument("[command]").action((given: string | undefined) =>
      given === undefined
        ? choose({ _tag: "Overview" }, undefined)
        : root.unknownCommand()
    )
  root.helpInformation = () => {
    choose({ _tag: "Overview" }, undefined)
    return ""
  }
  return root
}

/** The commands and their options, for the completions. */
export const describe = (sources: ReadonlyArray<string>): Command =>
  makeProgram({ sources, version: "", columns: 80 }, () => undefined, () => undefined)

/**
 * Reads a command line.
 */
export const parse = (
  words: ReadonlyArray<string>,
  context: Context
): Effect.Effect<{ readonly chosen: Chosen; readonly logLevel: LogLevel | undefined }, BadUsage> =>
  Effect.suspend(() => {
    let chosen: Chosen = { _tag: "Text", text: "" }
    let logLevel: LogLevel | undefined
    let printed = ""
    const program = makeProgram(context, (found, level) => {
      chosen = found
      logLevel = level
    }, (text) => {
      printed += text
    })
    try {
      program.parse(words, { from: "user" })
    } catch (error) {
      if (error instanceof BadUsage) {
        return error
      }
      // commander ends so after it has printed help or the version.
      if (!(error instanceof CommanderError) || error.exitCode !== 0) {
        throw error
      }
      const [first = "-"] = program.args
      if (!first.startsWith("-") && !program.commands.some((command) => command.name() === first)) {
        return program.wrongCommand(first)
      }
      if (printed !== "") {
        chosen = { _tag: "Text", text: printed.trimEnd() }
      }
    }
    return Effect.succeed({ chosen, logLevel })
  })
