/** Texts of `profiles` and `use`. */
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import type { Listed } from "../commands/profiles.ts"
import type { ConfigFile } from "../internal/configFile.ts"
import { paint } from "../internal/screen.ts"
import { expiresAt } from "./common.ts"

export const headings = ["profile", "mode", "region", "role or login"] as const

const login = ({ status, until }: NonNullable<Listed["login"]>, now: number): string => {
  switch (status) {
    case "missing":
      return paint("yellow", "no login")
    case "expired":
      return paint("yellow", `login expired ${until ?? ""}`.trim())
    case "valid":
      return until === undefined
        ? "login is refreshed as needed"
        : `login until ${expiresAt(until, Date.parse(until) - now)}`
  }
}

const role = ({ account, mode, role, sourceProfile }: Listed): string | undefined => {
  if (role === undefined) {
    return undefined
  }
  const shown = Text.printable(role)
  return mode === "CloudSSO"
    ? `${shown} in account ${Text.printable(account ?? "")}`
    : sourceProfile === undefined
    ? shown
    : `${shown} from profile ${Text.name(sourceProfile)}`
}

/** The cells of a row, with the current profile first in its line. */
export const row = (
  listed: Listed,
  now: number
): { readonly marked: boolean; readonly cells: ReadonlyArray<string> } => ({
  marked: listed.current,
  cells: [
    listed.current ? paint("green", Text.label(listed.name)) : Text.label(listed.name),
    listed.mode ?? "unknown",
    listed.region ?? "-",
    [
      role(listed),
      listed.login === undefined ? undefined : login(listed.login, now),
      listed.problem === undefined ? undefined : paint("red", `broken: ${listed.problem}`)
    ].filter((part) => part !== undefined).join("; ") || "-"
  ]
})

export const lineage = (end: "missing" | "cycle", path: ReadonlyArray<string>): string =>
  end === "missing"
    ? `the profile ${Text.name(path.at(-1) ?? "")} does not exist`
    : `source_profile leads back to itself: ${path.map(Text.name).join(" -> ")}`

const warning = (text: string): string => `${paint("yellow", "warning:")} ${text}`

export const overridden = ({ profileName, variable }: { readonly variable: string; readonly profileName: string }) =>
  warning(
    `${variable} selects the profile ${Text.name(profileName)} whatever the current one is. Unset it to change that.`
  )

export const switchedOff = (variable: string): string =>
  warning(`${variable} switches all profiles off. Unset it to use them.`)

/** What the list does not show. */
export const notes = (
  file: ConfigFile,
  current: string | undefined,
  override: { readonly variable: string; readonly profileName: string } | undefined
): ReadonlyArray<string> => [
  ...(file.problem === undefined
    ? file.entries.length === 0 ? [`There are no profiles in ${Text.path(file.path ?? "")}.`] : []
    : [`There are no profiles: ${file.problem.message.replace(/^\w+ is not configured: /, "")}`]),
  ...(current === undefined && file.current !== undefined && file.entries.length > 0
    ? [warning(`The current profile ${Text.name(file.current)} does not exist.`)]
    : []),
  ...file.duplicates.map(({ at, name }) =>
    warning(`${at.length} profiles are named ${Text.name(name)}; the first one is used.`)
  ),
  ...(override === undefined || override.profileName === current ? [] : [overridden(override)])
]

const quotedNames = (names: ReadonlyArray<string>): string => names.map(Text.label).join(", ")

export const noProfile = (
  name: string,
  path: string,
  near: string | undefined,
  names: ReadonlyArray<string>
): string =>
  `There is no profile ${Text.name(name)} in ${Text.path(path)}.${
    near === undefined ? "" : ` Did you mean ${Text.name(near)}?`
  }${names.length === 0 ? "" : ` Profiles: ${quotedNames(names)}.`}`

export const notWritten = (path: string, issue: string): string => `${Text.path(path)} was not changed: ${issue}.`

export const current = (name: string): string => `The current profile is now ${Text.name(name)}.`

export const alreadyCurrent = (name: string): string => `The current profile is ${Text.name(name)} already.`

export const broken = (name: string, issue: string): string =>
  warning(`the profile ${Text.name(name)} cannot be used: ${issue}.`)
