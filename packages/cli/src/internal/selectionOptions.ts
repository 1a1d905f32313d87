/** The options that say which credentials a command is about, and what was given for them. For `program.ts`. */
import type { Option as Flag } from "commander"
import * as Option from "effect/Option"
import * as help from "../messages/help.ts"
import * as usage from "../messages/usage.ts"
import { choice, type Line, text, valued } from "./line.ts"
import { readArn, readDuration, readPolicy, type Role } from "./role.ts"
import type { Selection } from "./selection.ts"

/** The options of every command that resolves credentials. */
export const addSelection = (
  command: Line,
  sources: ReadonlyArray<string>,
  defaults: { readonly strict?: string; readonly noStrict?: string }
): void => {
  text(command, "-p, --profile <name>", help.profile)
  choice(command, "--source <source>", help.source, sources)
  command.option("--strict", `${help.strict}${defaults.strict ?? ""}`)
    .option("--no-strict", `${help.noStrict}${defaults.noStrict ?? ""}`)
}

/** The option that keeps a command from sharing sessions with others, for every command that hands credentials on. */
export const addCache = (command: Line): void => {
  command.option("--no-cache", help.noCache)
}

/** The options of a role that is assumed on top, for every command that resolves credentials. */
export const addRole = (command: Line): void => {
  const inGroup = (flag: Flag): Flag => flag.helpGroup(help.roleOptions)
  const anything = { read: (text: string) => text }
  valued(command, "--role-arn <arn>", help.roleArn, { read: readArn, expected: usage.notAnArn }, inGroup)
  valued(command, "--role-session-name <name>", help.roleSessionName, anything, inGroup)
  valued(command, "--external-id <id>", help.externalId, anything, inGroup)
  valued(command, "--source-identity <name>", help.sourceIdentity, anything, inGroup)
  valued(command, "--policy <json>", help.policy, { read: readPolicy, expected: () => usage.notAPolicy }, inGroup)
  valued(command, "--duration <time>", help.duration, { read: readDuration, expected: usage.notADuration }, inGroup)
}

const roleOf = (command: Line, given: Record<string, unknown>): Option.Option<Role> => {
  const arn = given["roleArn"] as string | undefined
  const [companion] = ["roleSessionName", "externalId", "sourceIdentity", "policy", "duration"].filter((name) =>
    given[name] !== undefined
  )
  if (arn === undefined && companion !== undefined) {
    return command.refuse(usage.withoutRole(`--${companion.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`))
  }
  return Option.map(Option.fromNullable(arn), (arn) => ({
    arn,
    sessionName: given["roleSessionName"] as string | undefined,
    externalId: given["externalId"] as string | undefined,
    sourceIdentity: given["sourceIdentity"] as string | undefined,
    policy: given["policy"] as string | undefined,
    seconds: given["duration"] as number | undefined
  }))
}

/** Only a chain has a next source that it can go on to. */
export const selectionOf = (command: Line, given: Record<string, unknown>, strict: boolean): Selection => {
  const profile = Option.fromNullable(given["profile"] as string | undefined)
  const source = Option.fromNullable(given["source"] as string | undefined)
  const chosen = given["strict"] as boolean | undefined
  return chosen !== undefined && (Option.isSome(profile) || Option.isSome(source))
    ? command.refuse(usage.strictAlone(chosen))
    : { profile, source, strict: chosen ?? strict, role: roleOf(command, given), cache: given["cache"] === true }
}
