/**
 * The RAM role of the ECS instance (or ACK node) the program runs on, from the instance metadata service.
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
import { deferred } from "../internal/source/deferred.ts"
import { httpFields, NonEmptyText, timeoutsOf, unwrap, validate } from "../internal/source/options.ts"
import * as places from "../internal/source/places.ts"
import * as Source from "../Source.ts"
import * as Imds from "../unstable/Imds.ts"

const name = "EcsRamRole"

const role = "ALIBABA_CLOUD_ECS_METADATA"

const switchedOff = "ALIBABA_CLOUD_ECS_METADATA_DISABLED"

/** The documented variable, and the shorter spelling that some official clients read. */
const v1Disabled = ["ALIBABA_CLOUD_IMDSV1_DISABLED", "ALIBABA_CLOUD_IMDSV1_DISABLE"] as const

/**
 * Which role of the instance, which versions of the metadata service, and how long to wait for it.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Config {
  /** The role's name. Default `ALIBABA_CLOUD_ECS_METADATA`, else the instance is asked at each refresh. */
  readonly roleName?: string | undefined
  /** Forbids the metadata service's version 1. Default `ALIBABA_CLOUD_IMDSV1_DISABLED`, else `false`. */
  readonly disableIMDSv1?: boolean | undefined
  /** How long the service may be silent. Default 1 second; a bare number is milliseconds. */
  readonly timeout?: Duration.DurationInput | undefined
  /** How long connecting may take. Default 1 second; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
}

/**
 * The schema that options must fit; where they do not, `make` fails with `InvalidConfig`.
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
 * Makes the source. `ALIBABA_CLOUD_ECS_METADATA_DISABLED=true` closes it at each `get`. An instance that cannot be
 * reached, is silent or has no role is `SourceUnavailable`, unless the role was named: then it is `SourceFailed`.
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
    const roleName = options.roleName?.trim() ?? (yield* environment.text(role))
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
        reason: `the instance metadata service is switched off by ${switchedOff}`,
        hint: "Unset it to use the instance's RAM role."
      })
      : Effect.void)

/** Off an ECS instance nothing answers. */
const isNoInstance = (error: SourceFailed): boolean => error.reason === "Timeout" || error.reason === "Transport"

const unavailable = (error: SourceFailed | Imds.NoRole): SourceUnavailable =>
  new SourceUnavailable({
    source: name,
    reason: error._tag === "NoRole"
      ? `the instance metadata service at ${Imds.address} knows no RAM role`
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
 * What there is to know of the source of the default chain.
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
 * The source as a provider that keeps its session. The layer fails with `InvalidConfig` where options are not valid;
 * nothing is asked before the first `get`.
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
 * Like `layer`, with options made of `Config` values. One that is missing or cannot be used is `InvalidConfig`, too.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerConfig = (
  config: EffectConfig.Config.Wrap<Config>,
  options?: CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient> =>
  CredentialsProvider.layer(Effect.flatMap(unwrap(name, config), make), options)
