/** What a command line says: the command that was chosen, with its options. `program.ts` makes it, `Cli.ts` runs it. */
import type * as Option from "effect/Option"
import type * as Redacted from "effect/Redacted"
import type { Options as CacheOptions } from "./commands/cache.ts"
import type { Options as GetOptions } from "./commands/get.ts"
import type { Options as LoginOptions } from "./commands/login.ts"
import type { Selection } from "./internal/selection.ts"

export const logLevels = ["all", "trace", "debug", "info", "warning", "error", "fatal", "none"] as const

/** The values of `--log-level`. */
export type LogLevel = typeof logLevels[number]

/** The shells that have completions. */
export const shells = ["bash", "zsh", "fish", "powershell"] as const

export type Shell = typeof shells[number]

/** A command that was chosen, with its options. */
export type Chosen =
  | { readonly _tag: "Get"; readonly options: GetOptions }
  | { readonly _tag: "Whoami" | "Doctor"; readonly options: Selection & { readonly format: "table" | "json" } }
  | {
    readonly _tag: "Exec"
    readonly options: Selection & { readonly static: boolean; readonly command: ReadonlyArray<string> }
  }
  | {
    readonly _tag: "Serve"
    readonly options: Selection & {
      readonly host: string
      readonly port: number
      readonly token: Option.Option<Redacted.Redacted>
      readonly imds: boolean
      readonly format: "table" | "json"
    }
  }
  | { readonly _tag: "Profiles"; readonly options: { readonly format: "table" | "json" } }
  | { readonly _tag: "Login"; readonly options: LoginOptions }
  | { readonly _tag: "Logout"; readonly options: { readonly profile: Option.Option<string> } }
  | { readonly _tag: "Use"; readonly options: { readonly profile: string } }
  | { readonly _tag: "Cache"; readonly options: CacheOptions }
  | { readonly _tag: "Demo"; readonly options: {} }
  | { readonly _tag: "Completion"; readonly options: { readonly shell: Shell } }
  | { readonly _tag: "Complete"; readonly options: { readonly words: ReadonlyArray<string> } }
  /** All commands on one screen. */
  | { readonly _tag: "Overview" }
  /** Help or the version: text that is printed as it is. */
  | { readonly _tag: "Text"; readonly text: string }
