/**
 * The RAM role of the ECS instance (or ACK node) the program runs on, from the instance metadata service at
 * `http://100.100.100.200`: the fifth source of the default chain.
 *
 * The role's name is the option `roleName`, else `ALIBABA_CLOUD_ECS_METADATA`, else the first name that
 * `GET /latest/meta-data/ram/security-credentials/` returns. Version 2 fetches a token first
 * (`PUT /latest/api/token`); version 1 is the fallback unless it is disabled. The response of
 * `…/security-credentials/<role>` is JSON with `Code`, `AccessKeyId`, `AccessKeySecret`, `SecurityToken` and `Expiration`.
 *
 * See [instance metadata](https://www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata).
 *
 * @module
 * @since 0.1.0
 */
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as EffectConfig from "effect/Config"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Credentials from "../Credentials.ts"
import type { CredentialsError, InvalidConfig, SourceFailed } from "../CredentialsError.ts"
import { SourceUnavailable } from "../CredentialsError.ts"
import * as CredentialsProvider from "../CredentialsProvider.ts"
import * as env from "../internal/environment/env.ts"
import { httpFields, NonEmptyText, timeoutsOf, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as Source from "../Source.ts"
import { deferred } from "../unstable/Deferred.ts"
import * as Imds from "../unstable/Imds.ts"

const name = "EcsRamRole"

const role = "ALIBABA_CLOUD_ECS_METADATA"

const switchedOff = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"

/** The documented variable, and the shorter spelling that some official clients read. */
const v1Disabled = ["ALIBABA_CLOUD_IMDSV1_DISABLED", "ALIBABA_CLOUD_IMDSV1_DISABLE"] as const

/**
 * The role of the instance, the versions of the metadata service, and its time-outs.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** The role's name. Default `ALIBABA_CLOUD_ECS_METADATA`, else it is read from the instance at each refresh. */
  readonly roleName?: string | undefined
  /** Forbids the metadata service's version 1. Default `ALIBABA_CLOUD_IMDSV1_DISABLED`, else `false`. */
  readonly disableIMDSv1?: boolean | undefined
  /**
   * Read time-out: how long to wait for the response, or for its next chunk. Default 1 second; a bare number is
   * milliseconds.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out. Default 1 second; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The schema of the options. Invalid options make `make` fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category configuration
 */
export const Config: Schema.Schema<Config> = Schema.Struct({
  roleName: Schema.optional(NonEmptyText),
  disableIMDSv1: Schema.optional(Schema.Boolean),
  ...httpFields
}).annotations({ identifier: "EcsRamRole.Config" })

/**
 * Makes the source. `ALIBABA_CLOUD_ECS_METADATA_DISABLED=true` switches it off, checked at each `get`. If the service cannot
 * be reached or the instance has no role, `get` fails with `SourceUnavailable`, or with `SourceFailed` if a role was named.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  config: Config = {}
): Effect.Effect<Source.Source, InvalidConfig, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const options = yield* validate(name, Config)(config)
    const environment = yield* env.capture(name)
    const roleName = options.roleName ?? (yield* environment.identity(role))
    const disableIMDSv1 = options.disableIMDSv1 ?? (yield* Effect.exists(v1Disabled, environment.isTrue))
    const timeouts = timeoutsOf(options, Imds.defaultTimeouts)
    const read = yield* Imds.make(name)
    return Source.fromEffect(
      name,
      Effect.gen(function*() {
        yield* failWhenDisabled(environment)
        const session = yield* Effect.mapError(
          read({ roleName, disableIMDSv1, timeouts }),
          (error) =>
            error._tag === "NoRole" || (roleName === undefined && isNoInstance(error)) ? unavailable(error) : error
        )
        return Credentials.sts({ type: "ecs_ram_role", providerName: "ecs_ram_role", ...session })
      })
    )
  })

const failWhenDisabled = (environment: env.Env): Effect.Effect<void, CredentialsError> =>
  Effect.flatMap(environment.isTrue(switchedOff), (disabled) =>
    disabled
      ? new SourceUnavailable({
        source: name,
        reason: { _tag: "SwitchedOff", variable: switchedOff },
        detail: `the instance metadata service is switched off by ${switchedOff}`,
        hint: "Unset it to use the instance's RAM role."
      })
      : Effect.void)

/** Outside of ECS the address does not answer. */
const isNoInstance = (error: SourceFailed): boolean => error.reason === "Timeout" || error.reason === "Transport"

const unavailable = (error: SourceFailed | Imds.NoRole): SourceUnavailable =>
  new SourceUnavailable({
    source: name,
    reason: { _tag: "NotHere" },
    detail: error._tag === "NoRole"
      ? `the instance metadata service at ${Imds.address} knows no RAM role (HTTP ${error.status})`
      : `the instance metadata service at ${Imds.address} does not answer (${error.code ?? error.reason})`,
    hint: "On ECS, attach a RAM role to the instance; elsewhere, configure another source."
  })

/**
 * The source of the default chain: reads its options from the environment at each resolution.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEnv: Effect.Effect<Source.Source, never, HttpClient.HttpClient> = deferred(
  name,
  make()
)

/**
 * The definition of the source for the default chain and tools around it.
 *
 * @since 0.1.0
 * @category models
 */
export const definition: Source.Definition<HttpClient.HttpClient> = {
  name,
  variables: [
    { name: role, kind: "identity" },
    ...v1Disabled.map((name) => ({ name, kind: "setting" as const }))
  ],
  switches: [switchedOff],
  fromEnv,
  places: () =>
    Effect.gen(function*() {
      const environment = yield* env.capture(name)
      const set = yield* places.setVariables(environment, [switchedOff, role, ...v1Disabled])
      return [...set, { _tag: "Address", address: Imds.address }]
    })
}

/**
 * The source as a provider that keeps its session. Invalid options make the layer fail with
 * `InvalidConfig`. No request is sent before the first `get`.
 *
 * @example
 * ```ts
 * import { EcsRamRole } from "@effect-alicloud/credentials"
 *
 * const layer = EcsRamRole.layer({ roleName: "build-agent", disableIMDSv1: true })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config: Config = {},
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(make(config), options)

/**
 * Like `layer`, with options from `Config` values. A missing or unreadable one fails with `InvalidConfig` as well.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
