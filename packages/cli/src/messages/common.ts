/** What several commands say. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { CallerIdentity } from "@effect-alicloud/openapi/Sts"
import { paint, printable } from "../internal/screen.ts"

export const strictAlone = "--strict is about the default chain; leave out --source and --profile."

export const profileOf = (source: string | undefined, withProfiles: ReadonlyArray<string>): string =>
  `${source ?? "The chain"} has no profiles; --profile goes with --source ${withProfiles.join(" or ")}, or alone.`

export const asking = (source: string): string => `Asking ${source}`

export const askingWho = "Asking STS who this is"

const kind = (credentials: Credentials): string => {
  switch (credentials._tag) {
    case "AccessKey":
      return "a pair of AccessKey ID and secret"
    case "Sts":
      return "a session"
    case "Bearer":
      return "a bearer token"
    case "Anonymous":
      return "anonymous"
  }
}

const found = (credentials: Credentials): string =>
  `What was found is ${kind(credentials)} (${credentials.providerName}).`

export const needsSession = (credentials: Credentials): string =>
  `${
    found(credentials)
  } Only a session with a security token can be handed on this way: configure a role, for example a RamRoleArn profile of the aliyun CLI.`

export const needsPair = (credentials: Credentials): string =>
  `${found(credentials)} An external program can hand on a pair or a session only; use --format json.`

export const nothingToExport = "What was found is anonymous: there is nothing to export."

const hidden = paint("gray", "********")

const duration = (millis: number): string => {
  const minutes = Math.floor(millis / 60_000)
  return minutes < 1
    ? `${Math.max(0, Math.floor(millis / 1000))} s`
    : minutes < 120
    ? `${minutes} min`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

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
  rows.push(["expires", end === undefined ? "no end is known" : `${end.moment}, in ${duration(end.left)}`])
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
