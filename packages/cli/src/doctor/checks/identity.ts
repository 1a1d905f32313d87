/** The check of `doctor` that gets the identity of the credentials from STS, as `whoami` does. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { CredentialsProvider, make } from "@effect-alicloud/credentials/CredentialsProvider"
import * as Source from "@effect-alicloud/credentials/Source"
import { endpoint } from "@effect-alicloud/credentials/Sts"
import type { ApiError, OpenApiError } from "@effect-alicloud/openapi/OpenApiError"
import { isRetryable } from "@effect-alicloud/openapi/OpenApiError"
import * as Sts from "@effect-alicloud/openapi/Sts"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import type * as Scope from "effect/Scope"
import { step } from "../../internal/progress.ts"
import { checkingIdentity } from "../../messages/common.ts"
import * as fixes from "../../messages/fixes.ts"
import * as messages from "../../messages/identity.ts"
import type { Identity, Source as Described } from "../Report.ts"
import type { Finding } from "./Finding.ts"

/** What STS says of the credentials, for the report. */
export interface Checked {
  readonly identity: Pick<Identity, "verdict" | "accountId" | "arn" | "identityType" | "principalId">
  readonly finding: Finding
}

/** STS answers at once or not at all: its reachability has been tested before. */
const limits = { timeout: "5 seconds", connectTimeout: "3 seconds", retries: 1 } as const

/** The credentials as they are: where STS refuses them, they are not resolved again. What it warns of is in the report. */
const caller = (credentials: Credentials): Effect.Effect<
  Sts.CallerIdentity,
  OpenApiError,
  HttpClient.HttpClient | Scope.Scope
> =>
  Effect.gen(function*() {
    const provider = yield* make(Source.fromEffect("doctor", Effect.succeed(credentials)))
    const sts = yield* Effect.provideService(
      Sts.make({ endpoint: yield* endpoint("doctor"), ...limits }),
      CredentialsProvider,
      provider
    )
    return yield* sts.getCallerIdentity
  }).pipe(Logger.withMinimumLogLevel(LogLevel.Error))

const isRefusal = (error: OpenApiError): error is ApiError => error._tag === "ApiError" && !isRetryable(error)

/** Gets the identity of what `winner` found. `isReachable` says whether STS answered before. */
export const check: (credentials: Credentials, winner: Described, isReachable: boolean) => Effect.Effect<
  Checked,
  never,
  HttpClient.HttpClient | Scope.Scope
> = Effect.fnUntraced(function*(credentials, winner, isReachable) {
  const about = { check: "identity", subject: messages.ownerOf(winner) } as const
  if (credentials._tag === "Bearer" || credentials._tag === "Anonymous") {
    return {
      identity: { verdict: "notApplicable" },
      finding: { ...about, level: "info", message: messages.notApplicable[credentials._tag] }
    }
  }
  if (!isReachable) {
    return {
      identity: { verdict: "unknown" },
      finding: { ...about, level: "warning", message: messages.unreachable }
    }
  }
  const told = yield* Effect.either(step(checkingIdentity, caller(credentials)))
  if (told._tag === "Right") {
    const { accountId, arn, identityType, principalId } = told.right
    return {
      identity: { verdict: "accepted", accountId, arn, identityType, principalId },
      finding: { ...about, level: "ok", message: messages.accepted }
    }
  }
  return isRefusal(told.left)
    ? {
      identity: { verdict: "refused" },
      finding: {
        ...about,
        level: "error",
        message: messages.refused(told.left),
        fix: fixes.rejected(told.left.code, winner) ?? fixes.replace(winner)
      }
    }
    : {
      identity: { verdict: "unknown" },
      finding: { ...about, level: "warning", message: messages.unchecked(told.left), fix: messages.tryAgain }
    }
})
