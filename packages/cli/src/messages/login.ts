/** Texts of `login` and `logout`. */
import type { SourceFailed } from "@effect-alicloud/credentials/CredentialsError"
import type { Choice, SignIn } from "@effect-alicloud/credentials/LoginServices"
import { command } from "@effect-alicloud/credentials/unstable/LoginProfile"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import { paint } from "../internal/screen.ts"
import { shellWord } from "../internal/shell.ts"

const cancel = "Press Ctrl-C to cancel."

const address = (text: string): string => `\n  ${paint("cyan", Text.printable(text))}\n`

/** The address is on a line of its own, never wrapped. */
export const signIn = ({ address: url, opened, pasted, userCode }: SignIn): string =>
  [
    opened
      ? "Your browser opens to sign in. If it does not, open this address:"
      : pasted
      ? "Open this address in a browser, on this machine or another one, and sign in:"
      : "Open this address in any browser, and sign in:",
    address(url),
    ...(userCode === undefined ? [] : [`Confirm there that the code is ${paint("bold", Text.printable(userCode))}.`]),
    pasted
      ? `Then paste the whole address at which the browser ends, even if it cannot load that page. It is not shown here. ${cancel}`
      : `Waiting for the sign-in. ${cancel}`
  ].join("\n")

export const wrongPaste = (issue: string): string =>
  `${
    paint("yellow", "This address cannot be used:")
  } ${issue}. Paste the address of the page at which this login ended.`

export const nothingPasted = "no address was pasted"

export const question = (what: "account" | "access configuration" | "site"): string =>
  what === "site" ? "Which site?" : `Which ${what}?`

/** Which option says what there is nobody to ask for. */
export const notAsked = (what: "account" | "access configuration" | "site", choices: ReadonlyArray<Choice>): string => {
  const flag = what === "account" ? "--account" : what === "site" ? "--site" : "--access-configuration"
  const names = choices.slice(0, 20).map(item).join(", ")
  return `there are several ${what}s and no terminal to ask at: add ${flag} with one of ${names}${
    choices.length > 20 ? `, and ${choices.length - 20} more` : ""
  }`
}

export const siteNeeded =
  "There is no terminal to ask at: add --site CN (aliyun.com) or --site INTL (alibabacloud.com)."

export const sites = [
  { id: "CN", name: "China (aliyun.com)" },
  { id: "INTL", name: "International (alibabacloud.com)" }
] as const

export const item = ({ id, name }: Choice): string =>
  name === id || id === "CN" || id === "INTL" ? Text.printable(name) : `${Text.printable(name)} (${Text.printable(id)})`

export const noMatch = "nothing matches"

export const keys = (count: number): string =>
  `${count} in the list. Type to search, Enter to choose, Ctrl-C to cancel.`

export const signInUrlNeeded =
  "CloudSSO needs --sign-in-url, for example https://signin-cn-shanghai.alibabacloudsso.com/start/login: the user portal's address, in the CloudSSO console."

export const otherMode = (name: string, mode: string | undefined, wanted: string): string =>
  `Profile ${Text.name(name)} exists and is ${
    mode === undefined ? "of an unknown mode" : `of mode ${mode}`
  }, not ${wanted}. Choose another name with --profile, or replace it with --overwrite.`

export const notWritten = (path: string, issue: string): string => `${Text.path(path)} cannot be changed: ${issue}.`

export const loggedIn = (name: string, path: string, what: string, ends: string | undefined): string =>
  `Logged in: profile ${Text.name(name)} in ${Text.path(path)} (${Text.printable(what)}). ${
    ends === undefined ? "" : `The session expires ${ends}.`
  }`.trimEnd()

/** Without the name of the source: it is the login that failed. */
export const failed = ({ code, detail, hint, requestId, status }: SourceFailed): string => {
  const facts = [
    ...(status === undefined ? [] : [`HTTP ${status}`]),
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(requestId === undefined ? [] : [`request id ${requestId}`])
  ]
  const told = facts.length === 0 ? detail : `${detail} (${facts.join(", ")})`
  return [`Login failed: ${told}.`, ...(hint === undefined ? [] : [hint])].join(" ")
}

export const current = "It is the current profile."

export const notCurrent = (name: string): string => {
  const word = shellWord(Text.label(name))
  return `It is not the current profile: add --profile ${word}, or run: alicloud-credentials use ${word}`
}

export const noProfile = (name: string, path: string): string =>
  `There is no profile ${Text.name(name)} in ${Text.path(path)}.`

export const noLogin = (name: string, mode: string | undefined): string =>
  `Profile ${Text.name(name)} is ${
    mode === undefined ? "of an unknown mode" : `of mode ${mode}`
  }, so there is no login to end. Only profiles of mode OAuth and CloudSSO have one.`

export const loggedOut = (name: string, sessions: number): string =>
  `Logged out: the login of profile ${Text.name(name)} and ${
    sessions === 1 ? "1 cached session" : `${sessions} cached sessions`
  } were removed. Sessions that other programs hold stay valid until they expire. Log in again with: ${command(name)}`
