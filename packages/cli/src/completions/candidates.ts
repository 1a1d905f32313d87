/** What the last word of a command line may become, from the commands of `program.ts`. For `complete`. */
import type { Command, Option } from "commander"
import { optionOf } from "../internal/line.ts"

export interface Candidate {
  readonly value: string
  readonly description?: string
}

export type Candidates =
  | { readonly _tag: "Values"; readonly values: ReadonlyArray<Candidate> }
  /** The names of profiles that start so, each behind `prefix`. */
  | {
    readonly _tag: "Profiles"
    readonly source: string | undefined
    readonly started: string
    readonly prefix: string
  }
  /** From this word on the line is another program's: the shell completes it. */
  | { readonly _tag: "Command"; readonly from: number }

/** Bash takes `--format=json` for three words. The number of words that each of the results was made of stays known. */
const joined = (words: ReadonlyArray<string>): ReadonlyArray<{ readonly text: string; readonly from: number }> => {
  const result: Array<{ text: string; from: number }> = []
  words.forEach((word, from) => {
    const last = result.at(-1)
    const behindEquals = last?.text.startsWith("--") === true && last.text.endsWith("=") && words[from - 1] === "="
    if (last !== undefined && (behindEquals || (word === "=" && /^--[\w-]+$/.test(last.text)))) {
      last.text += word
    } else {
      result.push({ text: word, from })
    }
  })
  return result
}

const sentence = (text: string): string => text.split(/(?<=\.) |\n/)[0]!.replace(/\.$/, "")

const starting = (started: string, values: ReadonlyArray<Candidate>): Candidates => ({
  _tag: "Values",
  values: values.filter(({ value }) => value.startsWith(started))
})

const optionsOf = (command: Command): ReadonlyArray<Candidate> =>
  command.createHelp().visibleOptions(command).map(({ description, long, short }) => ({
    value: long ?? short ?? "",
    description: sentence(description)
  }))

const commandsOf = (root: Command): ReadonlyArray<Candidate> =>
  root.createHelp().visibleCommands(root).map((command) => ({
    value: command.name(),
    description: sentence(command.description())
  }))

const operandsOf = (command: Command, root: Command): ReadonlyArray<Candidate> =>
  command === root || command.name() === "help"
    ? commandsOf(root)
    : command.registeredArguments.flatMap((argument) => (argument.argChoices ?? []).map((value) => ({ value })))

export const candidates = (root: Command, given: ReadonlyArray<string>, shell: string): Candidates => {
  const words = joined(given)
  const last = words.at(-1)?.text ?? ""
  let command = root
  let waiting: Option | undefined
  let source: string | undefined
  for (const { from, text } of words.slice(0, -1)) {
    const [flag = "", value] = /^(--[\w-]+)=(.*)$/s.exec(text)?.slice(1) ?? [text]
    const option = waiting ?? optionOf(command, flag)
    const chosen = waiting === undefined ? value : text
    if (option !== undefined) {
      source = option.long === "--source" ? chosen ?? source : source
      waiting = waiting === undefined && option.required && value === undefined ? option : undefined
    } else if (command.name() === "exec") {
      return { _tag: "Command", from: text === "--" ? from + 1 : from }
    } else if (command === root) {
      command = root.commands.find((known) => known.name() === text) ?? command
    }
  }
  const [, flag = "", started = last] = /^(--[\w-]+)=(.*)$/s.exec(last) ?? []
  const option = waiting ?? optionOf(command, flag)
  if (option !== undefined && option.required) {
    // Bash replaces the part behind `=` only.
    const prefix = waiting !== undefined || shell === "bash" ? "" : `${flag}=`
    return option.long === "--profile"
      ? { _tag: "Profiles", source, started, prefix }
      : {
        _tag: "Values",
        values: (option.argChoices ?? []).flatMap((value) =>
          value.startsWith(started) ? [{ value: `${prefix}${value}` }] : []
        )
      }
  }
  if (command.name() === "exec" && !last.startsWith("-") && last !== "") {
    return { _tag: "Command", from: given.length - 1 }
  }
  if (command.name() === "use" && !last.startsWith("-")) {
    return { _tag: "Profiles", source: undefined, started: last, prefix: "" }
  }
  return starting(last, [...(last.startsWith("-") ? [] : operandsOf(command, root)), ...optionsOf(command)])
}
