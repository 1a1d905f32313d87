/** Texts of `exec`. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { paint } from "../internal/screen.ts"
import { needsSession } from "./common.ts"

export const emptyCommand = "The command is empty."

export const startingShell = (shell: string, name: string | undefined): string =>
  `Starting ${shell} with the credentials of ${name === undefined ? "this machine" : `"${name}"`}. To leave it: exit`

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

const hint = (text: string): string => `${paint("yellow", "hint:")} ${text}`

const external =
  "a profile of mode External whose process_command is: alicloud-credentials get --profile NAME --format external"

export const aliyunReadsNoUri = (region = "REGION"): string =>
  hint(
    `the aliyun CLI does not find these credentials, because it reads no credentials URI here. Use: exec --static -- aliyun --region ${region} …; or, without exec, ${external}`
  )

export const aliyunForgetsRegion = (region = "REGION"): string =>
  hint(
    `here the aliyun CLI uses the region cn-hangzhou, whatever the profile says. Add --region ${region}; or, without exec, use ${external}`
  )
