/**
 * A RAM role assumed with an OIDC token (AssumeRoleWithOIDC), for pods of an ACK cluster with RRSA, for CI and for other
 * clouds: the second source of the default chain.
 *
 * Options take precedence over `ALIBABA_CLOUD_ROLE_ARN`, `ALIBABA_CLOUD_OIDC_PROVIDER_ARN` and
 * `ALIBABA_CLOUD_ROLE_SESSION_NAME`. Without a token in the options, these variables say where it is, in this order:
 *
 * - `ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM`: a platform, one of `github-actions`, `buildkite`, `google`, `azure` and `fly`;
 *   `ALICLOUD_CREDENTIALS_OIDC_AUDIENCE` is the audience of its tokens, default `sts.aliyuncs.com`
 * - `ALIBABA_CLOUD_OIDC_TOKEN_FILE`: a file
 * - `ALIBABA_CLOUD_OIDC_TOKEN`: the token itself
 *
 * The request is an unsigned POST to STS with the role, the provider and the token; the response has `Credentials` with
 * `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`.
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
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../CredentialsError.ts"
import { atOptions, atVariables, invalidConfig, SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import * as sessionName from "../internal/environment/sessionName.ts"
import * as assumeRoleWithOidc from "../internal/source/assumeRoleWithOidc.ts"
import * as chosenToken from "../internal/source/chosenToken.ts"
import { NonEmptyText, required, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as stsEndpoint from "../internal/source/stsEndpoint.ts"
import * as stsOptions from "../internal/source/stsOptions.ts"
import * as OidcToken from "../OidcToken.ts"
import * as Source from "../Source.ts"
import * as Sts from "../Sts.ts"
import { deferred } from "../unstable/Deferred.ts"

const name = "OidcRoleArn"

const variables = {
  roleArn: "ALIBABA_CLOUD_ROLE_ARN",
  oidcProviderArn: "ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
  oidcTokenFilePath: chosenToken.variables.file
} as const

/**
 * The role, the token that it trusts, and the options of the session. Missing options are read from the documented
 * variables once, when the source is made; a required option that is missing in both places fails with
 * `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config<out R = never> extends Sts.Options, Sts.SessionOptions {
  /** The role's ARN, `acs:ram::<account id>:role/<name>`. Default `ALIBABA_CLOUD_ROLE_ARN`. */
  readonly roleArn?: string | undefined
  /** The ARN of the OIDC provider. Default `ALIBABA_CLOUD_OIDC_PROVIDER_ARN`. */
  readonly oidcProviderArn?: string | undefined
  /** The file that holds the token; it is read at each attempt. Default `ALIBABA_CLOUD_OIDC_TOKEN_FILE`. */
  readonly oidcTokenFilePath?: string | undefined
  /**
   * The token, in the place of a file: one of `OidcToken`, or an effect of your own. It runs at each attempt. The time-outs
   * of the source limit it, too.
   */
  readonly oidcToken?: OidcToken.OidcToken<R> | undefined
}

const TokenFromSelf = Schema.declare(
  (input: unknown): input is OidcToken.OidcToken<unknown> => Effect.isEffect(input),
  { identifier: "OidcToken", description: "an effect that answers a Redacted token" }
)

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config<unknown>> = Schema.Struct({
  roleArn: Schema.optional(NonEmptyText),
  oidcProviderArn: Schema.optional(NonEmptyText),
  oidcTokenFilePath: Schema.optional(NonEmptyText),
  oidcToken: Schema.optional(TokenFromSelf),
  ...stsOptions.sessionFields,
  ...stsOptions.optionFields
}).annotations({ identifier: "OidcRoleArn.Config" })

/**
 * Makes the source. A token that cannot be obtained, cannot be a token, or has ended fails with `SourceFailed` before it is
 * sent. A refusal says what the token claims: its audience, issuer, subject and times.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <R = never>(
  config: Config<R> = {}
): Effect.Effect<Source.Source, InvalidConfig, FileSystem.FileSystem | HttpClient.HttpClient | R> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Config)(config)
    const environment = yield* env.capture(name)
    const setting = (option: "roleArn" | "oidcProviderArn"): Effect.Effect<string, InvalidConfig> =>
      Effect.flatMap(
        environment.identity(variables[option]),
        (value) => required(name, option, variables[option], options[option] ?? value)
      )
    if (config.oidcToken !== undefined && options.oidcTokenFilePath !== undefined) {
      return yield* invalidConfig(name, atOptions("oidcToken", "oidcTokenFilePath"), "set one of them")
    }
    const { defaultSessionName, roleSessionName } = yield* stsOptions.roleSessionName(options, environment)
    const role = {
      roleArn: yield* setting("roleArn"),
      oidcProviderArn: yield* setting("oidcProviderArn"),
      roleSessionName,
      defaultSessionName,
      roleSessionExpiration: options.roleSessionExpiration,
      policy: options.policy
    }
    const chosen: OidcToken.OidcToken<FileSystem.FileSystem | HttpClient.HttpClient | R> | undefined =
      config.oidcToken ??
        (options.oidcTokenFilePath === undefined
          ? yield* chosenToken.make(environment)
          : OidcToken.file(options.oidcTokenFilePath))
    const obtain = yield* required(name, "oidcTokenFilePath", variables.oidcTokenFilePath, chosen)
    const sts = yield* Sts.make(name, options)
    const context = yield* Effect.context<FileSystem.FileSystem | HttpClient.HttpClient | R>()
    const provider = yield* Effect.configProviderWith(Effect.succeed)
    const token = obtain.pipe(Effect.withConfigProvider(provider), Effect.provide(context))
    const { get, ...shares } = yield* assumeRoleWithOidc.make(sts, token, role)
    return { ...Source.fromEffect(name, get), ...shares }
  })

/**
 * The source of the default chain. It is absent if neither a provider nor a token is set. If one of the two is set, but not
 * both and the role, it fails with `InvalidConfig`.
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
    const isSet = (names: ReadonlyArray<string>) =>
      Effect.exists(names, (name) => Effect.map(environment.text(name), (value) => value !== undefined))
    const hasToken = yield* isSet(Object.values(chosenToken.variables))
    const hasProvider = yield* isSet([variables.oidcProviderArn])
    if (!hasProvider && !hasToken) {
      return yield* new SourceUnavailable({
        source: name,
        detail: `${variables.oidcProviderArn} and ${variables.oidcTokenFilePath} are not set`,
        hint: "RRSA sets them in a pod when it is enabled for its service account."
      })
    }
    const missing = [
      ...((yield* isSet([variables.roleArn])) ? [] : [variables.roleArn]),
      ...(hasProvider ? [] : [variables.oidcProviderArn]),
      ...(hasToken ? [] : [variables.oidcTokenFilePath])
    ]
    if (missing.length > 0) {
      return yield* invalidConfig(
        name,
        atVariables(...missing),
        `it is not set although other variables of OIDC are: set all three or none${
          hasToken ? "" : `; in CI and on other clouds ${chosenToken.variables.from} takes the place of the file`
        }`
      )
    }
    return yield* make()
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
    ...[...Object.values(variables), chosenToken.variables.from, chosenToken.audienceVariable, sessionName.variable]
      .map((
        name
      ) => ({
        name,
        kind: "identity" as const
      })),
    { name: chosenToken.variables.value, kind: "secret" },
    ...stsEndpoint.settings
  ],
  switches: [],
  fromEnv,
  places: () =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const set = [
        ...(yield* places.variables(environment, Object.values(variables))),
        ...(yield* places.setVariables(environment, [chosenToken.variables.from, chosenToken.variables.value]))
      ]
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
export const layer = <R = never>(config: Config<R> = {}, options?: CredentialsProvider.Options): Layer.Layer<
  CredentialsProvider.CredentialsProvider,
  InvalidConfig,
  FileSystem.FileSystem | HttpClient.HttpClient | R
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
