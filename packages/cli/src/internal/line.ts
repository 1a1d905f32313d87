/**
 * Commands and options of the argument parser with our own rules and messages, for `program.ts`: a value is not empty, is
 * given once, and is no option; each error says where the help is.
 */
import { meant } from "@effect-alicloud/credentials/unstable/Nearest"
import { Command, Option as Flag } from "commander"
import * as usage from "../messages/usage.ts"
import { BadUsage } from "./failure.ts"

/** The name of the tool. */
export const name = "alicloud-credentials"

/** The option of a command that is written so. */
export const optionOf = (command: Command, flag: string): Flag | undefined =>
  command.options.find(({ long, short }) => long === flag || short === flag)

const hasOption = (command: Command, flag: string): boolean => optionOf(command, flag) !== undefined

/** A command whose errors are ours: `BadUsage` with the option and the way to the help. */
export class Line extends Command {
  /** The error with a message about this command. */
  wrong(message: string): BadUsage {
    const path = this.parent === null ? name : `${name} ${this.name()}`
    return new BadUsage({ message: `${message} ${usage.seeHelp(path)}` })
  }

  /** The error of a command that does not exist. */
  wrongCommand(given: string): BadUsage {
    const known = (this.parent ?? this).commands.map((command) => command.name())
    return this.wrong(usage.unknownCommand(given, meant(known, given)))
  }

  /** Fails with a message about this command. */
  refuse(message: string): never {
    throw this.wrong(message)
  }

  override createCommand(name: string): Line {
    return new Line(name)
  }

  unknownOption(given: string): never {
    const [flag = given] = given.split("=")
    const root = this.parent ?? this
    if (this === root) {
      const [first = ""] = this.args
      if (!first.startsWith("-")) {
        return this.unknownCommand()
      }
      if (root.commands.some((command) => hasOption(command, flag))) {
        const command = this.args.find((word) => root.commands.some((known) => known.name() === word)) ?? "COMMAND"
        return this.refuse(usage.optionBeforeCommand(flag, command))
      }
    }
    if (flag !== given && hasOption(this, flag)) {
      return this.refuse(usage.noValue(flag))
    }
    const known = this.options.flatMap(({ long }) => long ?? [])
    return this.refuse(usage.unknownOption(flag, flag.startsWith("--") ? meant([...known, "--help"], flag) : undefined))
  }

  unknownCommand(): never {
    throw this.wrongCommand(this.args[0] ?? "")
  }

  optionMissingArgument(option: Flag): never {
    return this.refuse(usage.missingValue(option))
  }

  missingArgument(argument: string): never {
    return this.refuse(usage.missingArgument(argument))
  }

  _excessArguments(given: ReadonlyArray<string>): never {
    return this.refuse(usage.surplus(given[this.registeredArguments.length] ?? ""))
  }
}

/** An option with a value. `read` returns `undefined` for a value that cannot be. */
export const valued = <A>(
  command: Line,
  flags: string,
  description: string,
  options: { readonly read: (text: string) => A | undefined; readonly expected?: (text: string) => string },
  change: (flag: Flag) => Flag = (flag) => flag
): void => {
  let given = false
  const flag = change(new Flag(flags, description))
  command.addOption(flag.argParser((text: string) => {
    const label = flag.long ?? flags
    if (hasOption(command, text.split("=")[0]!)) {
      return command.refuse(usage.missingValue(flag))
    }
    if (given) {
      return command.refuse(usage.givenTwice(label))
    }
    given = true
    if (text === "") {
      return command.refuse(usage.emptyValue(label))
    }
    return options.read(text) ?? command.refuse(options.expected?.(text) ?? usage.emptyValue(label))
  }))
}

/** An option with one of several values. */
export const choice = (
  command: Line,
  flags: string,
  description: string,
  values: ReadonlyArray<string>,
  byDefault?: string
): void =>
  valued(command, flags, description, {
    read: (text) => values.includes(text) ? text : undefined,
    expected: (text) => usage.notOneOf(flags, values, meant(values, text))
  }, (flag) => byDefault === undefined ? flag.choices(values) : flag.choices(values).default(byDefault))

/** An option with any text. */
export const text = (command: Line, flags: string, description: string, byDefault?: string): void =>
  valued(
    command,
    flags,
    description,
    { read: (text) => text },
    (flag) => byDefault === undefined ? flag : flag.default(byDefault)
  )
