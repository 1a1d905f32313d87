import * as Url from "@effect/platform/Url"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { InvalidConfig } from "../../CredentialsError.ts"
import type { Variable } from "../../Source.ts"
import { isLoopback } from "../../unstable/Loopback.ts"
import type { Env } from "../environment/env.ts"

const variables = {
  endpoint: "ALIBABA_CLOUD_STS_ENDPOINT",
  region: "ALIBABA_CLOUD_STS_REGION",
  vpc: "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"
} as const

/** The variables of every source that makes requests to the Security Token Service. */
export const settings: ReadonlyArray<Variable> = Object.values(variables).map((name) => ({ name, kind: "setting" }))

const host = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

const isHost = (text: string): boolean =>
  host.test(text) && !/(?:^|\.)-|-(?:\.|:|$)/.test(text) && Either.isRight(Url.fromString(`https://${text}`))

const fromHost = (source: string, location: string, text: string): Effect.Effect<string, InvalidConfig> => {
  const [, scheme, rest = ""] = /^(https?:\/\/)?(.*?)\/*$/i.exec(text.trim()) ?? []
  return isHost(rest)
    ? Effect.succeed(`${scheme?.toLowerCase() === "http://" && isLoopback(rest) ? "http" : "https"}://${rest}`)
    : new InvalidConfig({ source, location, issues: ["it must be a host name, such as sts.cn-hangzhou.aliyuncs.com"] })
}

/** The scheme and host of the Security Token Service. A VPC endpoint needs a region. */
export const resolve = (source: string, options: {
  readonly stsEndpoint?: string | undefined
  readonly stsRegionId?: string | undefined
  readonly enableVpc?: boolean | undefined
}, env: Env): Effect.Effect<string, InvalidConfig> =>
  Effect.gen(function*() {
    if (options.stsEndpoint !== undefined) {
      return yield* fromHost(source, "option stsEndpoint", options.stsEndpoint)
    }
    const vpc = options.enableVpc ?? (yield* env.isTrue(variables.vpc))
    const regional = (region: string): string => `${vpc ? "sts-vpc" : "sts"}.${region}.aliyuncs.com`
    if (options.stsRegionId !== undefined) {
      return yield* fromHost(source, "option stsRegionId", regional(options.stsRegionId.trim()))
    }
    const endpoint = yield* env.text(variables.endpoint)
    if (endpoint !== undefined) {
      return yield* fromHost(source, variables.endpoint, endpoint)
    }
    const region = yield* env.text(variables.region)
    return region === undefined
      ? "https://sts.aliyuncs.com"
      : yield* fromHost(source, variables.region, regional(region))
  })
