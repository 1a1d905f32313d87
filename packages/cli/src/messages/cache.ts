/** Texts of `cache`. */
import type { Listed } from "@effect-alicloud/credentials/FileSessionStore"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import { paint } from "../internal/screen.ts"
import { expiresAt } from "./common.ts"

export const headings = ["role", "session name", "AccessKey ID", "expires"] as const

export const row = (
  { accessKeyId, expiration, roleArn, roleSessionName }: Listed,
  leftMillis: number
): { readonly marked: boolean; readonly cells: ReadonlyArray<string> } => ({
  marked: false,
  cells: [
    ...[roleArn, roleSessionName, accessKeyId].map(Text.printable),
    expiresAt(Rfc3339.format(expiration), leftMillis)
  ]
})

export const empty = (directory: string): string => `There are no sessions in ${Text.path(directory)}.`

export const problem = (directory: string, problem: string): string =>
  `${paint("yellow", "warning:")} ${Text.path(directory)} ${problem}, so no sessions are kept in it.`

export const cleared = (sessions: number): string =>
  sessions === 1 ? "Removed 1 session." : `Removed ${sessions} sessions.`
