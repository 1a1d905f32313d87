/** `--role-arn` and its companions: one more AssumeRole on top of the selected source. */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import type * as Source from "@effect-alicloud/credentials/Source"
import { printable } from "@effect-alicloud/credentials/unstable/Text"
import * as TextFile from "@effect-alicloud/credentials/unstable/TextFile"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as messages from "../messages/usage.ts"
import { BadUsage } from "./failure.ts"

/** The role, and the options of its session. What is `undefined` is left to the service. */
export interface Role {
  readonly arn: string
  readonly sessionName: string | undefined
  readonly externalId: string | undefined
  readonly sourceIdentity: string | undefined
  /** JSON, or `file://` and the path of a file with JSON. */
  readonly policy: string | undefined
  readonly seconds: number | undefined
}

export const readArn = (text: string): string | undefined =>
  /^acs:ram::\d+:role\/[\w.@/-]+$/.test(text) ? text : undefined

/** `3600`, `3600s`, `60m` or `1h`, as seconds: what the service accepts for a role that allows 12 hours. */
export const readDuration = (text: string): number | undefined => {
  const [, number, unit = "s"] = /^(\d{1,6})([smh]?)$/.exec(text.trim()) ?? []
  const seconds = Number(number) * ({ m: 60, h: 3600 }[unit] ?? 1)
  return seconds >= 900 && seconds <= 43_200 ? seconds : undefined
}

const isObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const file = "file://"

/** A policy, or where it is. */
export const readPolicy = (text: string): string | undefined =>
  (text.startsWith(file) && text.length > file.length) || isObject(text) ? text : undefined

const policyOf = Effect.fnUntraced(function*(given: string) {
  if (!given.startsWith(file)) {
    return given
  }
  const path = yield* TextFile.expandHome(given.slice(file.length))
  const text = yield* Effect.mapError(
    (yield* TextFile.reader)(path, (text) => Effect.succeed(text.trim())),
    ({ issue }) => new BadUsage({ message: messages.policyFile(printable(path), issue) })
  )
  return isObject(text)
    ? text
    : yield* new BadUsage({ message: messages.policyFile(printable(path), "it is not a JSON object") })
})

/** The role's source. The endpoint of the service is found as for a `RamRoleArn` source: from the environment. */
export const assumed: (caller: RamRoleArn.Caller, role: Role) => Effect.Effect<
  Source.Source,
  InvalidConfig | BadUsage,
  FileSystem.FileSystem | Path.Path | HttpClient.HttpClient
> = Effect.fnUntraced(function*(caller, { arn, externalId, policy, seconds, sessionName, sourceIdentity }) {
  return yield* RamRoleArn.make(caller, {
    roleArn: arn,
    roleSessionName: sessionName,
    externalId,
    sourceIdentity,
    policy: policy === undefined ? undefined : yield* policyOf(policy),
    roleSessionExpiration: seconds
  })
})
