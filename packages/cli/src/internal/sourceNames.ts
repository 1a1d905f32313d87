/** The sources of the default chain, in its order. */
export const sourceNames = [
  "Environment",
  "OidcRoleArn",
  "CliProfile",
  "CredentialsFile",
  "EcsRamRole",
  "CredentialsUri"
] as const

export type SourceName = typeof sourceNames[number]
