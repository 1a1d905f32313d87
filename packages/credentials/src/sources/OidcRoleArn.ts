/**
 * A RAM role assumed with an OIDC token from a file (AssumeRoleWithOIDC), for pods of an ACK cluster with RRSA: the
 * second source of the default chain.
 *
 * Options take precedence over `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`,
 * `ALIBABA_CLOUD_OIDC_TOKEN_FILE` and `ALIBABA_CLOUD_ROLE_SESSION_NAME`. The request is an unsigned POST to STS with the
 * role, the provider and the token; the response has `Credentials` with `AccessKeyId`, `AccessKeySecret`,
 * `SecurityToken` and `Expiration`.
 *
 * See [RRSA](https://www.alibabacloud.com/help/doc-detail/356611.html),
 * [AssumeRoleWithOIDC](https://www.alibabacloud.com/help/en/resource-access-management/latest/assumerolewithoidc) and
 * [OIDC in RAM](https://www.alibabacloud.com/help/en/ram/overview-of-oidc-based-sso).
 *
 * @module
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as EffectConfig from "effect/Config"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import * as Credentials from "../Credentials.ts"
import type { InvalidConfig } from "../CredentialsError.ts"
import { atVariables, invalidConfig, SourceFailed, SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as sessionName from "../internal/environment/sessionName.ts"
import { deferred } from "../internal/source/deferred.ts"
import { NonEmptyText, required, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as stsEndpoint from "../internal/source/stsEndpoint.ts"
import * as stsOptions from "../internal/source/stsOptions.ts"
import * as Source from "../Source.ts"
import * as Sts from "../Sts.ts"
import * as Text from "../unstable/Text.ts"
import * as TextFile from "../unstable/TextFile.ts"

const name = "OidcRoleArn"

const variables = {
  roleArn: "ALIBABA_CLOUD_ROLE_ARN",
  oidcProviderArn: "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
  oidcTokenFilePath: "ALIBABA_CLOUD_OIDC_TOKEN_FILE"
} as const

/**
 * The role, the token that it trusts, and the options of the session. Missing options are read from the documented
 * variables once, when the source is made; a required option that is missing in both places fails with
 * `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config extends Sts.Options, Sts.SessionOptions {
  /** The role's ARN, `acs:ram::<account id>:role/<name>`. Default `ALIBABA_CLOUD_ROLE_ARN`. */
  readonly roleArn?: string | undefined
  /** The ARN of the OIDC provider. Default `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`. */
  readonly oidcProviderArn?: string | undefined
  /** The file that holds the token; it is read at each refresh. Default `ALIBABA_CLOUD_OIDC_TOKEN_FILE`. */
  readonly oidcTokenFilePath?: string | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  roleArn: Schema.optional(NonEmptyText),
  oidcProviderArn: Schema.optional(NonEmptyText),
  oidcTokenFilePath: Schema.optional(NonEmptyText),
  ...stsOptions.sessionFields,
  ...stsOptions.optionFields
}).annotations({ identifier: "OidcRoleArn.Config" })

/**
 * Makes the source. An unreadable or empty token file fails with `SourceFailed` before any request is sent.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  config: Config = {}
): Effect.Effect<Source.Source, InvalidConfig, FileSystem.FileSystem | HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Config)(config)
    const environment = yield* env.capture(name)
    const setting = (option: keyof typeof variables): Effect.Effect<string, InvalidConfig> =>
      Effect.flatMap(
        environment.identity(variables[option]),
        (value) => required(name, option, variables[option], options[option] ?? value)
      )
    const roleArn = yield* setting("roleArn")
    const oidcProviderArn = yield* setting("oidcProviderArn")
    const oidcTokenFilePath = yield* Effect.flatMap(setting("oidcTokenFilePath"), TextFile.expandHome)
    const { defaultSessionName, roleSessionName = defaultSessionName } = yield* stsOptions.roleSessionName(
      options,
      environment
    )
    const sts = yield* Sts.make(name, options)
    const read = yield* TextFile.reader
    const file = `the token file ${Text.path(oidcTokenFilePath)}`
    const token = Effect.mapError(
      read(
        oidcTokenFilePath,
        (text) => text.trim() === "" ? tokenFailed(`${file} is empty`) : Effect.succeed(Redacted.make(text.trim()))
      ),
      (error) => error._tag === "FileProblem" ? tokenFailed(`${file}: ${error.issue}`) : error
    )
    return Source.fromEffect(
      name,
      Effect.gen(function*() {
        const oidcToken = yield* token
        const session = yield* sts.assumeRoleWithOidc({
          ...options,
          roleArn,
          oidcProviderArn,
          oidcToken,
          roleSessionName
        })
        return Credentials.sts({ type: "oidc_role_arn", providerName: "oidc_role_arn", ...session })
      })
    )
  })

const tokenFailed = (detail: string): SourceFailed =>
  new SourceFailed({
    source: name,
    reason: "File",
    detail,
    hint: "In a pod, check that RRSA is enabled for its service account.",
    retryable: true
  })

/**
 * The source of the default chain. It is absent if neither provider nor token file is set. If one of the two is set, but not
 * all three variables, it fails with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEnv: Effect.Effect<
  Source.Source,
  never,
  FileSystem.FileSystem | HttpClient.HttpClient
> = deferred(
  name,
  Effect.gen(function*() {
    const environment = yield* env.capture(name)
    const values = yield* Effect.all({
      roleArn: environment.text(variables.roleArn),
      oidcProviderArn: environment.text(variables.oidcProviderArn),
      oidcTokenFilePath: environment.text(variables.oidcTokenFilePath)
    })
    if (values.oidcProviderArn === undefined && values.oidcTokenFilePath === undefined) {
      return yield* new SourceUnavailable({
        source: name,
        detail: `${variables.oidcProviderArn} and ${variables.oidcTokenFilePath} are not set`,
        hint: "RRSA sets them in a pod when it is enabled for its service account."
      })
    }
    const options = ["roleArn", "oidcProviderArn", "oidcTokenFilePath"] as const
    const missing = options.filter((option) => values[option] === undefined).map((option) => variables[option])
    if (missing.length > 0) {
      return yield* invalidConfig(
        name,
        atVariables(...missing),
        "it is not set although other variables of OIDC are: set all three or none"
      )
    }
    return yield* make(values)
  })
)

/**
 * The definition of the source for the default chain and tools around it.
 *
 * @since 0.1.0
 * @category models
 */
export const definition: Source.Definition<FileSystem.FileSystem | HttpClient.HttpClient> = {
  name,
  variables: [
    ...[...Object.values(variables), sessionName.variable].map((name) => ({ name, kind: "identity" as const })),
    ...stsEndpoint.settings
  ],
  switches: [],
  fromEnv,
  places: () =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const set = yield* places.variables(environment, Object.values(variables))
      const tokenFile = yield* places.text(environment, variables.oidcTokenFilePath)
      return tokenFile === undefined ? set : [...set, yield* places.file(tokenFile)]
    })
}

/**
 * The source as a provider that keeps its session. The layer fails with `InvalidConfig` if options are invalid or
 * missing; the token is not read before the first `get`.
 *
 * @example
 * ```ts
 * import { OidcRoleArn } from "@effect-alicloud/credentials"
 *
 * const layer = OidcRoleArn.layer({
 *   roleArn: "acs:ram::1234567890123456:role/pod",
 *   oidcProviderArn: "acs:ram::1234567890123456:oidc-provider/ack-rrsa-c1",
 *   oidcTokenFilePath: "/var/run/secrets/ack.alibabacloud.com/rrsa-tokens/token"
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (config: Config = {}, options?: CredentialsProvider.Options): Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  InvalidConfig,
  FileSystem.FileSystem | HttpClient.HttpClient
> => CredentialsProvider.layer(make(config), options)

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  InvalidConfig,
  FileSystem.FileSystem | HttpClient.HttpClient
> => CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
