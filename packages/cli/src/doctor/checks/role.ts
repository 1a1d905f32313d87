/** The check of `doctor` that assumes the role of `--role-arn` with the credentials that were found. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig, SourceError } from "@effect-alicloud/credentials/CredentialsError"
import { attemptsOf } from "@effect-alicloud/credentials/CredentialsError"
import { make } from "@effect-alicloud/credentials/CredentialsProvider"
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Source from "@effect-alicloud/credentials/Source"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import { assumed } from "../../internal/assumedRole.ts"
import type { BadUsage } from "../../internal/failure.ts"
import { step } from "../../internal/progress.ts"
import type { Role } from "../../internal/role.ts"
import { assumingRole } from "../../messages/common.ts"
import * as fixes from "../../messages/fixes.ts"
import * as messages from "../../messages/identity.ts"
import { detailOf } from "../../messages/log.ts"
import type { Source as Described } from "../Report.ts"
import type { Finding } from "./Finding.ts"

/** The session of the role, if there is one. */
export interface Checked {
  readonly credentials: Credentials | undefined
  readonly finding: Finding
}

/** A wrong clock is a finding of its own. */
const fixOf = (arn: string, error: SourceError | undefined, winner: Described): string | undefined =>
  error?._tag !== "SourceFailed" || error.reason === "Expired"
    ? undefined
    : fixes.rejected(error.code, winner) ?? (error.hint === undefined ? undefined : messages.roleFix(arn, error.hint))

/** Assumes the role once. `isReachable` says whether STS answered before. What is warned of is in the report. */
export const check: (
  role: Role,
  found: { readonly credentials: Credentials; readonly winner: Described },
  isReachable: boolean
) => Effect.Effect<Checked, InvalidConfig | BadUsage, DefaultChain.Requirements | Scope.Scope> = Effect.fnUntraced(
  function*(role, { credentials, winner }, isReachable) {
    const about = { check: "role", subject: role.arn } as const
    const owner = messages.ownerOf(winner)
    const source = yield* assumed(yield* make(Source.fromEffect("doctor", Effect.succeed(credentials))), role)
    if (!isReachable) {
      return {
        credentials: undefined,
        finding: { ...about, level: "warning", message: messages.roleUnreachable }
      }
    }
    const session = yield* Effect.either(
      Logger.withMinimumLogLevel(step(assumingRole, source.get), LogLevel.Error)
    )
    if (Either.isRight(session)) {
      return {
        credentials: session.right,
        finding: { ...about, level: "ok", message: messages.roleAssumed(owner) }
      }
    }
    const [error] = attemptsOf(session.left)
    const fix = fixOf(role.arn, error, winner)
    return {
      credentials: undefined,
      finding: {
        ...about,
        level: "error",
        message: messages.roleRefused(owner, error === undefined ? session.left.message : detailOf(error)),
        ...(fix === undefined ? {} : { fix })
      }
    }
  }
)
