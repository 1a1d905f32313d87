import { InvalidConfig, renderIssues, renderLocation } from "@effect-alicloud/credentials/CredentialsError"

/** The place that an `InvalidConfig` names, as its message shows it. */
export const locationOf = (error: unknown): string | undefined =>
  error instanceof InvalidConfig ? renderLocation(error.location) : undefined

/** The problems that an `InvalidConfig` names, as its message shows them. */
export const problemsOf = (error: unknown): ReadonlyArray<string> =>
  error instanceof InvalidConfig ? error.issues.map((issue) => renderIssues([issue])) : []
