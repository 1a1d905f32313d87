/** Texts that several commands share. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { printable } from "@effect-alicloud/credentials/unstable/Text"
import type { CallerIdentity } from "@effect-alicloud/openapi/Sts"
import { paint } from "../internal/screen.ts"

/** After the attempts of a strict chain. */
export const endedStrictly = (source: string): string =>
  `The chain ends at ${source}, because it is configured and does not work. Fix it, or go on to the next sources with --no-strict.`

export const profileOf = (source: string | undefined, withProfiles: ReadonlyArray<string>): string =>
  source === undefined
    ? `--profile needs a source with profiles: ${withProfiles.join(" or ")}.`
    : `--profile cannot be used with --source ${source}.`

export const gettingFrom = (source: string): string => `Getting credentials from ${source}…`

export const assumingRole = "Getting credentials and assuming the role…"

export const checkingIdentity = "Checking identity…"

const kinds: Readonly<Record<Credentials["_tag"], string>> = {
  AccessKey: "a plain AccessKey",
  Sts: "temporary",
  Bearer: "a bearer token",
  Anonymous: "anonymous"
}

const found = (credentials: Credentials): string =>
  `The credentials (${credentials.providerName}) are ${kinds[credentials._tag]}.`

export const needsSession = (credentials: Credentials): string =>
  `${
    found(credentials)
  } Only temporary credentials can be served. Use a profile that assumes a role, for example of mode RamRoleArn.`

export const needsPair = (credentials: Credentials): string =>
  `${found(credentials)} process_command supports AccessKeys and STS credentials only; use --format json.`

export const nothingToExport = "The profile is Anonymous: there is nothing to export."

export const notForDotenv = (name: string): string =>
  `The value of ${name} has characters that not every reader of .env files understands. Use another --shell, or --format json.`

const hidden = paint("gray", "********")

/** A duration in minutes and hours, the same in every command. */
export const duration = (millis: number): string => {
  const minutes = Math.floor(millis / 60_000)
  return minutes < 1
    ? `${Math.max(0, Math.floor(millis / 1000))} s`
    : minutes < 120
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** When credentials expire that do not say so: a plain AccessKey never does. */
export const withoutEnd = (isPlainKey: boolean): string => isPlainKey ? "never" : "unknown"

/** A moment and the time until then, the same in every command. */
export const expiresAt = (moment: string, leftMillis: number): string =>
  `${moment.replace(/\.\d+Z$/, "Z")}, in ${duration(leftMillis)}`

export const credentialRows = (
  credentials: Credentials,
  end: { readonly moment: string; readonly left: number } | undefined
): ReadonlyArray<ReadonlyArray<string>> => {
  const rows = [
    ["type", credentials.type],
    ["provider", credentials.providerName]
  ]
  if (credentials._tag === "AccessKey" || credentials._tag === "Sts") {
    rows.push(["AccessKey ID", credentials.accessKeyId], ["AccessKey secret", hidden])
  }
  if (credentials._tag === "Sts") {
    rows.push(["security token", hidden])
  }
  if (credentials._tag === "Bearer") {
    rows.push(["bearer token", hidden])
  }
  rows.push([
    "expires",
    end === undefined ? withoutEnd(credentials._tag === "AccessKey") : expiresAt(end.moment, end.left)
  ])
  return rows.map(([name, value]) => [paint("gray", name!), value === hidden ? hidden : printable(value!)])
}

export const identityRows = (
  identity: CallerIdentity & { readonly type: string; readonly providerName: string }
): ReadonlyArray<ReadonlyArray<string>> =>
  [
    ["account", identity.accountId],
    ["ARN", identity.arn],
    ["identity type", identity.identityType],
    ["principal id", identity.principalId],
    ["credentials", `${identity.type} (${identity.providerName})`]
  ].map(([name, value]) => [paint("gray", name!), printable(value!)])
