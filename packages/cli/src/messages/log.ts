/** Texts of log lines. */
import type { SourceError } from "@effect-alicloud/credentials/CredentialsError"
import { renderIssues } from "@effect-alicloud/credentials/CredentialsError"
import * as Text from "@effect-alicloud/credentials/unstable/Text"

/** The text of an error without the source's name and the hint. */
export const detailOf = (error: SourceError): string => {
  switch (error._tag) {
    case "SourceUnavailable":
      return error.detail
    case "InvalidConfig":
      return `${error.where}: ${renderIssues(error.issues)}`
    case "SourceFailed":
      return `${error.detail}${Text.answerFacts(error)}`
  }
}

/** How people call a source; one that is not here goes by its name. */
const names: Readonly<Record<string, string>> = {
  Environment: "the environment variables",
  OidcRoleArn: "the OIDC role",
  CliProfile: "the aliyun CLI's profile",
  CredentialsFile: "the credentials file",
  EcsRamRole: "the ECS instance role",
  CredentialsUri: "the credentials URI"
}

/** A source in a sentence. */
export const nameOf = (source: string): string => names[source] ?? source

const fixOf = (error: SourceError): string =>
  `${
    error._tag === "InvalidConfig" || error.hint === undefined ? "" : `${error.hint} `
  }More: alicloud-credentials doctor`

export const passedOver = (error: SourceError, profile: string | undefined, winner: string): string => {
  const named = profile === undefined ? undefined : `profile ${Text.name(profile)}`
  const detail = named === undefined ? detailOf(error) : detailOf(error).replace(` ${named}`, "")
  return `${named ?? nameOf(error.source)} cannot be used (${detail}), so ${nameOf(winner)} is used instead.\n  ${
    fixOf(error)
  }`
}
