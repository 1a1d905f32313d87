/** What the scenarios tell of credentials and errors: no secret, and nothing that differs from run to run. No Node.js module. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { expirationOf } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

/** The parts of the fake cloud's sessions have one number, so that parts of two sessions would be seen. */
export const isWhole = (credentials: Credentials): boolean => {
  if (credentials._tag === "Anonymous") return false
  if (credentials._tag === "Bearer") return Redacted.value(credentials.bearerToken) === "s3cr3t-bearer"
  const number = /\.Fake(\d+)$/.exec(credentials.accessKeyId)?.[1]
  const isRight = (value: Redacted.Redacted, kind: "secret" | "token"): boolean =>
    number === undefined
      ? Redacted.value(value).startsWith("s3cr3t-")
      : Redacted.value(value) === `fake-${kind}-${number}`
  return isRight(credentials.accessKeySecret, "secret") &&
    (credentials._tag === "AccessKey" || isRight(credentials.securityToken, "token"))
}

export const describe = (credentials: Credentials): object => ({
  tag: credentials._tag,
  type: credentials.type,
  providerName: credentials.providerName,
  ...("accessKeyId" in credentials ? { accessKeyId: credentials.accessKeyId.replace(/\d{4}$/, "") } : {}),
  expires: Option.isSome(expirationOf(credentials)),
  whole: isWhole(credentials)
})

export const describeError = (error: CredentialsError): object => ({
  tag: error._tag,
  ...("source" in error ? { source: error.source } : {}),
  ...(error._tag === "InvalidConfig" ? { location: error.where } : {}),
  ...(error._tag === "SourceFailed" ? { reason: error.reason, status: error.status, retryable: error.retryable } : {})
})
