/** Corrects the completion scripts of `@effect/cli`. Used by `Cli.ts`. */
import * as Effect from "effect/Effect"

const valuesOf = (options: string, values: string): string =>
  `                ${options})
                    COMPREPLY=( $(compgen -W "${values}" -- "\${cur}") )
                    return 0
                    ;;
`

const everywhere = valuesOf("--completions", "bash zsh fish") +
  valuesOf("--log-level", "all trace debug info warning error fatal none")

/** The script that @effect/cli writes for bash, with what keeps it from working set right. */
const repairedBash = (script: string): string =>
  script
    // It looks for subcommands under the name of the program with underscores.
    .replaceAll(/^( +(?:cmd=")?)alicloud-credentials("|\))$/gm, "$1alicloud__credentials$2")
    // `compgen` takes words, not a list with commas.
    .replaceAll(/compgen -W "([\w,]+)"/g, (_, values: string) => `compgen -W "${values.replaceAll(",", " ")}"`)
    // A switch has no value, so what follows it is anything.
    .replaceAll(/^ +--\w+\)\n +COMPREPLY=\( "\$\{cur\}" \)\n +return 0\n +;;\n/gm, "")
    // Every command has these, too.
    .replaceAll(/case "\$\{prev\}" in\n/g, (line) => line + everywhere)
    // What follows `--` belongs to the command that is run.
    .replace(
      /^ +for i in /m,
      (line) => `    [[ " \${COMP_WORDS[*]:1:COMP_CWORD-1} " == *" -- "* ]] && return 0\n${line}`
    )
    // Bash before 4.4, as on macOS, cannot keep the order.
    .replace(/^(complete .*)-o nosort (.*)$/m, "$1-o nosort $2 2>/dev/null || $1$2")

/** zsh is not told which options are followed by a text, and would take that for a command. */
const repairedZsh = (script: string): string =>
  script.replaceAll(/^( +'(?:-p|--profile|--host|--port|--token)\[[^\]]*\])' \\$/gm, "$1:VALUE: ' \\")

const repairs: ReadonlyArray<readonly [begin: string, repair: (script: string) => string]> = [
  ["function _alicloud-credentials_bash", repairedBash],
  ["#compdef", repairedZsh]
]

/** Repairs the completion script that `self` prints. */
export const repaired = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Effect.console, (console) =>
    Effect.withConsole(self, {
      ...console,
      log: (printed) => {
        const text = String(printed)
        return console.log(repairs.find(([begin]) => text.startsWith(begin))?.[1](text) ?? text)
      }
    }))
