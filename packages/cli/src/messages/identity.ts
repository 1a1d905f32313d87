/** Texts of `doctor` about whom the credentials belong to: its title, its first rows, and what STS said. */
import type { ApiError, OpenApiError } from "@effect-alicloud/openapi/OpenApiError"
import type { Identity, Source } from "../doctor/Report.ts"
import { expiresAt, withoutEnd } from "./common.ts"
import { nameOf } from "./log.ts"

/** The profile that a source was chosen for, if it has profiles. */
export const profileOf = ({ lookedAt }: Pick<Source, "lookedAt">): string | undefined =>
  lookedAt.flatMap((place) => place.kind === "file" && place.name !== undefined ? [place.name] : [])[0]

/** The profile that gave the credentials, or the source where it has no profiles. */
export const ownerOf = (source: Pick<Source, "source" | "lookedAt">): string => {
  const profile = profileOf(source)
  return profile === undefined ? source.source : `profile "${profile}"`
}

export const unresolved = "No usable credentials found."

/** `role deploy, account 1234567890123456`. */
const person = ({ accountId, arn = "", identityType }: Identity): string => {
  const [kind, name] = arn.split(":").slice(4).join(":").split("/")
  return kind === "assumed-role" && name !== undefined
    ? `role ${name}, account ${accountId}`
    : kind === "user" && name !== undefined
    ? `user ${name}, account ${accountId}`
    : `${identityType === "Account" ? "root user" : arn}, account ${accountId}`
}

/** The first line of the report. */
export const title = (winner: Pick<Source, "source" | "lookedAt">, identity: Identity): string => {
  const owner = profileOf(winner) === undefined ? nameOf(winner.source) : ownerOf(winner)
  switch (identity.verdict) {
    case "accepted":
      return `Using ${owner} (${person(identity)})`
    case "refused":
      return `STS refuses the credentials of ${owner}.`
    case "unknown":
      return `Using ${owner} (${identity.type}), but STS could not check the credentials`
    case "notApplicable":
      return `Using ${owner} (${identity.type})`
  }
}

/** What the standard error says, besides the exit code 1. */
export const failure: Readonly<Partial<Record<Identity["verdict"], string>>> = {
  refused: "STS refuses the credentials.",
  unknown: "There are credentials, but STS could not check them."
}

/** The rows below the title. */
export const rows = (identity: Identity, now: number): ReadonlyArray<readonly [string, string]> => [
  ...(identity.accountId === undefined ? [] : [["account", identity.accountId] as const]),
  ...(identity.arn === undefined ? [] : [["ARN", identity.arn] as const]),
  ...(identity.accessKeyId === undefined ? [] : [["AccessKey ID", identity.accessKeyId] as const]),
  ["type", identity.type],
  ["provider", identity.providerName],
  [
    "expires",
    identity.expiration === undefined
      ? withoutEnd(identity.type === "access_key")
      : expiresAt(identity.expiration, Date.parse(identity.expiration) - now)
  ]
]

export const accepted = "STS accepts its credentials"

export const refused = ({ code, requestId, status }: ApiError): string => {
  const facts = [
    `HTTP ${status}`,
    ...(code === undefined ? [] : [`code ${code}`]),
    ...(requestId === undefined ? [] : [`request id ${requestId}`])
  ]
  return `STS refuses its credentials (${facts.join(", ")})`
}

export const unreachable = "not checked, because STS cannot be reached"

export const unchecked = (error: OpenApiError): string => `not checked: ${error.message.replace(/\.$/, "")}`

export const tryAgain = "Run doctor again later: STS gave no usable answer."

export const notApplicable = {
  Bearer: "not checked: STS does not accept bearer tokens",
  Anonymous: "not checked: there is nothing to check"
} as const

export const roleAssumed = (owner: string): string => `${owner} may assume it`

export const roleRefused = (owner: string, detail: string): string => `${owner} cannot assume it: ${detail}`

export const roleUnreachable = "not assumed, because STS cannot be reached"

export const roleFix = (arn: string, hint: string): string => `Role ${arn}: ${hint}`
