/**
 * DescribeRegions of the Elastic Compute Service, as an example of a typed client on top of `OpenApi`.
 *
 * @module
 * @since 0.1.0
 */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as OpenApi from "./OpenApi.ts"
import type { OpenApiError } from "./OpenApiError.ts"

/**
 * A region and the endpoint of ECS in it.
 *
 * @since 0.1.0
 * @category models
 */
export const Region = Schema.Struct({
  regionId: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("RegionId")),
  regionEndpoint: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("RegionEndpoint")),
  localName: Schema.propertySignature(Schema.String).pipe(Schema.fromKey("LocalName"))
}).annotations({ identifier: "Region" })

/**
 * A region and the endpoint of ECS in it.
 *
 * @since 0.1.0
 * @category models
 */
export type Region = typeof Region.Type

const RegionsAnswer = Schema.Struct({
  Regions: Schema.Struct({ Region: Schema.Array(Region) })
}).annotations({ identifier: "DescribeRegionsResponse" })

/**
 * Filters of regions, and the language of their names.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface DescribeRegionsOptions {
  /** The language of `localName`. Default `zh-CN`. */
  readonly acceptLanguage?: "zh-CN" | "en-US" | "ja" | undefined
  /** Only regions that sell instances in this way. */
  readonly instanceChargeType?: "PrePaid" | "PostPaid" | "SpotWithPriceLimit" | "SpotAsPriceGo" | undefined
  /** Only regions that have this resource. Default `instance`. */
  readonly resourceType?: "instance" | "disk" | "reservedinstance" | "scu" | undefined
}

/**
 * The methods of a client of ECS.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  readonly describeRegions: (
    options?: DescribeRegionsOptions
  ) => Effect.Effect<ReadonlyArray<Region>, OpenApiError>
}

/**
 * A client of the Elastic Compute Service.
 *
 * @since 0.1.0
 * @category services
 */
export class Ecs extends Context.Tag("@effect-alicloud/openapi/Ecs")<Ecs, Service>() {}

/**
 * Makes a client. Without `endpoint` and `regionId` it calls the central `ecs.aliyuncs.com`.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Omit<OpenApi.Options, "product" | "version"> = {}
): Effect.Effect<Service, InvalidConfig, CredentialsProvider | HttpClient.HttpClient> =>
  Effect.map(OpenApi.make({ ...options, product: "ecs", version: "2014-05-26" }), ({ call }) => ({
    describeRegions: (options = {}) =>
      Effect.map(
        call("DescribeRegions", {
          params: {
            AcceptLanguage: options.acceptLanguage,
            InstanceChargeType: options.instanceChargeType,
            ResourceType: options.resourceType
          },
          schema: RegionsAnswer
        }),
        (answer) => answer.Regions.Region
      )
  }))

/**
 * A client as a layer. Invalid options fail with `InvalidConfig`. No request is sent before the first call.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Omit<OpenApi.Options, "product" | "version">
): Layer.Layer<Ecs, InvalidConfig, CredentialsProvider | HttpClient.HttpClient> => Layer.effect(Ecs, make(options))

/**
 * The regions in which the account may use ECS.
 *
 * @example
 * ```ts
 * import { Environment } from "@effect-alicloud/credentials"
 * import { Ecs } from "@effect-alicloud/openapi"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer } from "effect"
 *
 * const regionIds = Effect.map(Ecs.describeRegions(), (regions) => regions.map(({ regionId }) => regionId)).pipe(
 *   Effect.provide(Ecs.layer().pipe(Layer.provide(Environment.layer()), Layer.provide(FetchHttpClient.layer)))
 * )
 * ```
 *
 * @since 0.1.0
 * @category calls
 */
export const describeRegions = (
  options?: DescribeRegionsOptions
): Effect.Effect<ReadonlyArray<Region>, OpenApiError, Ecs> => Effect.flatMap(Ecs, (ecs) => ecs.describeRegions(options))
