/** Lines that set and unset variables, in the syntax of each shell, for `get --format env`. */
import * as Effect from "effect/Effect"
import * as messages from "../messages/common.ts"
import { Refused } from "./failure.ts"
import { quoted } from "./shell.ts"

/** The values of `--shell`. */
export const syntaxes = ["sh", "fish", "powershell", "dotenv"] as const

export type Syntax = typeof syntaxes[number]

interface Writer {
  /** No line where the value cannot be written. */
  readonly set: (name: string, value: string) => string | undefined
  /** No line where the syntax has none. */
  readonly unset: (name: string) => string | undefined
}

/** PowerShell takes typographic quotes for quotes, too. */
const powershellQuoted = (value: string): string =>
  /[\r\n]/.test(value)
    ? `"${value.replace(/[`$"\u201c-\u201e]/g, (char) => `\`${char}`).replaceAll("\r", "`r").replaceAll("\n", "`n")}"`
    : `'${value.replace(/['\u2018-\u201b]/g, (char) => char + char)}'`

/** Only what all programs that read such files understand alike. Some take quotes and escapes for part of the value. */
const dotenvQuoted = (value: string): string | undefined =>
  /^[\w./:@%+=,~-]*$/.test(value)
    ? value
    : /[\\\r\n]/.test(value)
    ? undefined
    : !value.includes("'")
    ? `'${value}'`
    : !/["$`]/.test(value)
    ? `"${value}"`
    : undefined

const writers: Readonly<Record<Syntax, Writer>> = {
  sh: {
    set: (name, value) => `export ${name}=${quoted(value)}`,
    unset: (name) => `unset ${name}`
  },
  fish: {
    set: (name, value) => `set -gx ${name} '${value.replace(/[\\']/g, (char) => `\\${char}`)}'`,
    unset: (name) => `set -e ${name}`
  },
  powershell: {
    set: (name, value) => `$env:${name} = ${powershellQuoted(value)}`,
    unset: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`
  },
  dotenv: {
    set: (name, value) => {
      const text = dotenvQuoted(value)
      return text === undefined ? undefined : `${name}=${text}`
    },
    unset: () => undefined
  }
}

/** The syntax of the user's shell. On Windows, `SHELL` is set by the shells that came from elsewhere. */
export const syntaxOf = (shell: string | undefined, platform: NodeJS.Platform): Syntax =>
  /(?:^|[\\/])fish(?:\.exe)?$/i.test(shell ?? "")
    ? "fish"
    : /(?:^|[\\/])pwsh(?:\.exe)?$/i.test(shell ?? "") || (shell === undefined && platform === "win32")
    ? "powershell"
    : "sh"

/** Lines that set the variables, and unset those without a value. */
export const assignments = (
  syntax: Syntax,
  variables: Readonly<Record<string, string | undefined>>
): Effect.Effect<string, Refused> =>
  Effect.map(
    Effect.forEach(Object.entries(variables), ([name, value]) => {
      const line = value === undefined ? writers[syntax].unset(name) : writers[syntax].set(name, value)
      return line === undefined && value !== undefined
        ? new Refused({ message: messages.notForDotenv(name) })
        : Effect.succeed(line ?? [])
    }),
    (lines) => lines.flat().join("\n")
  )
