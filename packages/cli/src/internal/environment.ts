/** Reads variables as the sources do, and lists all known ones, for `doctor` and `profiles`. */
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import { Sources } from "./sources.ts"

/** A variable, as the sources read it: without surrounding white space, and none when nothing is left. */
export const text = (name: string): Effect.Effect<string | undefined> =>
  Config.string(name).pipe(
    Effect.map((value) => value.trim() || undefined),
    Effect.orElseSucceed(() => undefined)
  )

export const isSet = (name: string): Effect.Effect<boolean> => Effect.map(text(name), (value) => value !== undefined)

export const isTrue = (name: string): Effect.Effect<boolean> =>
  Effect.map(text(name), (value) => value?.toLowerCase() === "true")

/** The first of the variables that is set. */
export const firstOf: (
  names: ReadonlyArray<string>
) => Effect.Effect<{ readonly name: string; readonly value: string } | undefined> = Effect.fnUntraced(function*(names) {
  for (const name of names) {
    const value = yield* text(name)
    if (value !== undefined) {
      return { name, value }
    }
  }
  return undefined
})

export const profileVariables = ["ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"] as const

export const mainPair = ["ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"] as const

export const legacyPair = ["ALIYUN_ACCESS_KEY_ID", "ALIYUN_ACCESS_KEY_SECRET"] as const

export const token = "ALIBABA_CLOUD_SECURITY_TOKEN"

export const oidc = [
  "ALIBABA_CLOUD_ROLE_ARN",
  "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
  "ALIBABA_CLOUD_OIDC_TOKEN_FILE"
] as const

/** What takes the place of a token file. */
export const oidcTokens = ["ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM", "ALIBABA_CLOUD_OIDC_TOKEN"] as const

export const cliProfilesOff = "ALIBABA_CLOUD_CLI_PROFILE_DISABLED"

/** Variables of the official SDKs or the aliyun CLI that do not configure a source. */
const others = [
  "ALIBABA_CLOUD_BEARER_TOKEN",
  "ALIBABA_CLOUD_BEARER_TOKEN_HEADER_KEY",
  "ALIBABA_CLOUD_CLI_VERSION",
  "ALIBABA_CLOUD_ECS_IMDSV2_ENABLE",
  "ALIBABA_CLOUD_ENDPOINT",
  "ALIBABA_CLOUD_ENDPOINT_TYPE",
  "ALIBABA_CLOUD_EXTERNAL_ID",
  "ALIBABA_CLOUD_IGNORE_PROFILE",
  "ALIBABA_CLOUD_PROFILE_MODE",
  "ALIBABA_CLOUD_REGION",
  "ALIBABA_CLOUD_REGION_ID",
  "ALIBABA_CLOUD_SSO_CLIENT_ID",
  "ALIBABA_CLOUD_USER_AGENT"
]

const keys: ReadonlyArray<readonly [string, string]> = [
  ["ACCESS_KEY", "ACCESS_KEY_ID"],
  ["ACCESS_KEY_ID", "ACCESS_KEY_ID"],
  ["ACCESS_KEY_SECRET", "ACCESS_KEY_SECRET"],
  ["SECRET_KEY", "ACCESS_KEY_SECRET"],
  ["SECURITY_TOKEN", "SECURITY_TOKEN"]
]

/**
 * Names that the aliyun CLI, Terraform, tools for OSS and others read, and the default chain does not, with the names
 * that the SDKs have for the same.
 */
export const ofOtherTools: ReadonlyMap<string, string> = new Map([
  ...["ALIBABACLOUD", "ALICLOUD"].flatMap((prefix) =>
    [
      ...keys,
      ...[
        "EXTERNAL_ID",
        "ROLE_ARN",
        "OIDC_PROVIDER_ARN",
        "OIDC_TOKEN_FILE",
        "SSO_CLIENT_ID",
        "IGNORE_PROFILE",
        "REGION",
        "REGION_ID",
        "ENDPOINT",
        "ENDPOINT_TYPE"
      ].map((name) => [name, name] as const)
    ].map(([theirs, ours]) => [`${prefix}_${theirs}`, `ALIBABA_CLOUD_${ours}`] as const)
  ),
  ["ALIBABA_CLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID"],
  ["ALIBABA_CLOUD_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
  ["ALIYUN_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID"],
  ["ALIYUN_SECRET_KEY", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
  ["ALIYUN_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN"],
  ["OSS_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_ID"],
  ["OSS_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
  ["OSS_SESSION_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN"]
])

/** Every variable that has a meaning to the chain, or to the tools it shares its variables with. */
export const known: Effect.Effect<ReadonlySet<string>> = Effect.map(
  Sources,
  (sources) =>
    new Set([
      ...sources.flatMap(({ switches, variables }) => [...variables.map(({ name }) => name), ...switches]),
      ...others
    ])
)
