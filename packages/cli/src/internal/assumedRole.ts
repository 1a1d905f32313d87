/** The role of `--role-arn` as a source. `selection.ts` loads it when there is one. */
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
import { file, isObject, type Role } from "./role.ts"

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
