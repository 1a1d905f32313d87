/** Texts of `cache`, and of the check of `doctor` for the same files. */
import type { Listed } from "@effect-alicloud/credentials/FileSessionStore"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import { paint } from "../internal/screen.ts"
import { variable } from "../internal/sessionCache.ts"
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

const octal = (mode: number): string => mode.toString(8).padStart(4, "0")

const count = (sessions: number): string => `${sessions} ${sessions === 1 ? "session" : "sessions"}`

export const holds = (sessions: number, mode: number | undefined, off: boolean): string =>
  [
    sessions === 0 ? "no sessions" : count(sessions),
    ...(mode === undefined ? [] : [`mode ${octal(mode)}`]),
    ...(off ? [`not used, because ${variable} is set`] : [])
  ].join(", ")

export const unusable = (problem: string): string => `${problem}, so sessions are not kept for other commands`

export const makePrivate = (path: string, word: string, mode: number | undefined): string =>
  mode === undefined || (mode & 0o022) === 0
    ? `Remove ${path}. The next command makes a folder in its place.`
    : `Run: chmod 700 ${word}`

export const cleared = (sessions: number): string => `Removed ${count(sessions)}.`
