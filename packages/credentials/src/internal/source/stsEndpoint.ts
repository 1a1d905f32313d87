/** Chooses the endpoint of the Security Token Service from options and variables, for `Sts`, and lists those variables for the sources that use it. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidConfig, Location } from "../../CredentialsError.ts"
import { atOptions, atVariables, invalidConfig } from "../../CredentialsError.ts"
import type { Variable } from "../../Source.ts"
import * as Endpoint from "../../unstable/Endpoint.ts"
import { isLoopback } from "../../unstable/Loopback.ts"
import type { Env } from "../environment/env.ts"

const variables = {
  endpoint: "ALIBABA_CLOUD_STS_ENDPOINT",
  region: "ALIBABA_CLOUD_STS_REGION",
  vpc: "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"
} as const

/** The variables of every source that makes requests to the Security Token Service. */
export const settings: ReadonlyArray<Variable> = Object.values(variables).map((name) => ({ name, kind: "setting" }))

const fromHost = (source: string, location: Location, text: string): Effect.Effect<string, InvalidConfig> =>
  Option.match(Endpoint.parse(text), {
    onNone: () => invalidConfig(source, location, "it must be a host name, such as sts.cn-hangzhou.aliyuncs.com"),
    onSome: ({ host, scheme }) =>
      Effect.succeed(`${scheme === "http" && isLoopback(host) ? "http" : "https"}://${host}`)
  })

/** The scheme and host of the Security Token Service. A VPC endpoint needs a region. */
export const resolve = (source: string, options: {
  readonly stsEndpoint?: string | undefined
  readonly stsRegionId?: string | undefined
  readonly enableVpc?: boolean | undefined
}, env: Env): Effect.Effect<string, InvalidConfig> =>
  Effect.gen(function*() {
    if (options.stsEndpoint !== undefined) {
      return yield* fromHost(source, atOptions("stsEndpoint"), options.stsEndpoint)
    }
    const vpc = options.enableVpc ?? (yield* env.isTrue(variables.vpc))
    const regional = (region: string): string => `${vpc ? "sts-vpc" : "sts"}.${region}.aliyuncs.com`
    if (options.stsRegionId !== undefined) {
      return yield* fromHost(source, atOptions("stsRegionId"), regional(options.stsRegionId.trim()))
    }
    const endpoint = yield* env.text(variables.endpoint)
    if (endpoint !== undefined) {
      return yield* fromHost(source, atVariables(variables.endpoint), endpoint)
    }
    const region = yield* env.text(variables.region)
    return region === undefined
      ? "https://sts.aliyuncs.com"
      : yield* fromHost(source, atVariables(variables.region), regional(region))
  })
