/** What `exec` says. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { needsSession } from "./common.ts"

export const noCommand = "There is no command to run; it comes after --, as in: exec -- node app.js"

/** A key would have to be copied, and that is not done unasked. */
export const needsStatic = (credentials: Credentials): string =>
  credentials._tag === "Anonymous"
    ? needsSession(credentials)
    : `${needsSession(credentials)} Or export what there is as it is: exec --static.`

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "command not found",
  EACCES: "permission denied",
  ENOEXEC: "not a program"
}

export const cannotRun = (command: string, code: string): string =>
  `${command}: ${reasons[code] ?? `cannot run (${code})`}`
