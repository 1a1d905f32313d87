/** The token that environment variables choose, for `OidcRoleArn`. */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import { atVariables, InvalidConfig, invalidConfig } from "../../CredentialsError.ts"
import * as OidcToken from "../../OidcToken.ts"
import type * as env from "../environment/env.ts"
import { source } from "./tokenEndpoint.ts"

/** The variables that say where the token is, in the order in which they take precedence. */
export const variables = {
  from: "ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM",
  file: "ALIBABA_CLOUD_OIDC_TOKEN_FILE",
  value: "ALIBABA_CLOUD_OIDC_TOKEN"
} as const

/** The variable for the audience of the tokens of platforms. */
export const audienceVariable = "ALICLOUD_CREDENTIALS_OIDC_AUDIENCE"

/** The tokens of the platforms that a variable may choose, for the audience of another. */
const platforms: Readonly<Record<string, (audience?: string) => OidcToken.OidcToken<HttpClient.HttpClient>>> = {
  "github-actions": (audience) => OidcToken.githubActions({ audience }),
  buildkite: (audience) => OidcToken.buildkite({ audience }),
  google: (audience) => OidcToken.googleMetadata({ audience }),
  azure: (resource) =>
    resource === undefined
      ? invalidConfig(
        source,
        atVariables(audienceVariable),
        "azure needs it: set it to the URI of a registered application"
      )
      : OidcToken.azureManagedIdentity({ resource }),
  fly: (audience) => OidcToken.fly({ audience })
}

/** The token that the variables choose, if any. */
export const make = (
  environment: env.Env
): Effect.Effect<OidcToken.OidcToken<FileSystem.FileSystem | HttpClient.HttpClient> | undefined, InvalidConfig> =>
  Effect.gen(function*() {
    const from = yield* environment.identity(variables.from)
    if (from !== undefined) {
      const platform = Object.hasOwn(platforms, from) ? platforms[from] : undefined
      if (platform === undefined) {
        return yield* invalidConfig(
          source,
          atVariables(variables.from),
          `it must be one of ${Object.keys(platforms).join(", ")}`
        )
      }
      return Effect.mapError(
        platform(yield* environment.identity(audienceVariable)),
        (error) =>
          error._tag === "InvalidConfig" && error.location._tag === "Options"
            ? new InvalidConfig({ ...error, location: atVariables(variables.from) })
            : error
      )
    }
    const path = yield* environment.identity(variables.file)
    if (path !== undefined) return OidcToken.file(path)
    const value = yield* environment.identity(variables.value)
    return value === undefined ? undefined : OidcToken.variable(variables.value)
  })
