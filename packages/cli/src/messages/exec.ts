/** Texts of `exec`. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { needsSession } from "./common.ts"

export const noCommand = "No command given. Example: alicloud-credentials exec -- node app.js"

/** A plain key would have to be copied, which is done only with --static. */
export const needsStatic = (credentials: Credentials): string =>
  credentials._tag === "Anonymous"
    ? needsSession(credentials)
    : `${needsSession(credentials)} Or pass the key itself: exec --static.`

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "command not found",
  EACCES: "permission denied",
  ENOEXEC: "not a program"
}

export const cannotRun = (command: string, code: string): string =>
  `alicloud-credentials: ${command}: ${reasons[code] ?? `cannot run (${code})`}`
