/** The endpoint of a client from its options. Used by `OpenApi`. */
import type { InvalidConfig, Location } from "@effect-alicloud/credentials/CredentialsError"
import { atOptions, invalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as Endpoint from "@effect-alicloud/credentials/unstable/Endpoint"
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"

/** Where an API is: `https://ecs.cn-hangzhou.aliyuncs.com`, and the host that signatures cover. */
export interface Service {
  readonly url: string
  readonly host: string
  /** How to fix a name that does not resolve. */
  readonly unresolved?: string | undefined
}

const invalid = (location: Location, issue: string): InvalidConfig => invalidConfig("OpenApi", location, issue)

const parse = (location: Location, text: string): Effect.Effect<Service, InvalidConfig> =>
  Option.match(Endpoint.parse(text), {
    onNone: () => invalid(location, "it must be a host name, such as ecs.cn-hangzhou.aliyuncs.com"),
    onSome: ({ host, scheme = "https", sentHost }) =>
      scheme === "http" && !isLoopback(host)
        ? invalid(location, "it must be reached over HTTPS; plain HTTP is for this machine only")
        : Effect.succeed({ url: `${scheme}://${sentHost}`, host: sentHost })
  })

/** The given endpoint, else the conventional one of the product. */
export const resolve = (options: {
  readonly endpoint?: string | undefined
  readonly product?: string | undefined
  readonly regionId?: string | undefined
}): Effect.Effect<Service, InvalidConfig> => {
  if (options.endpoint !== undefined) return parse(atOptions("endpoint"), options.endpoint)
  if (options.product === undefined) return invalid(atOptions("product"), "set it, or set endpoint")
  const product = options.product.trim().toLowerCase()
  const regionId = options.regionId?.trim()
  const central = `${product}.aliyuncs.com`
  return Effect.map(
    parse(
      atOptions("product", "regionId"),
      regionId === undefined ? central : `${product}.${regionId}.aliyuncs.com`
    ),
    (service) => ({
      ...service,
      unresolved: regionId === undefined
        ? `Check product, or set regionId: not every product has a central host. Else set endpoint to a host from the product's documentation.`
        : `Not every product has a host in every region: leave out regionId for ${central}, or set endpoint to a host from the product's documentation.`
    })
  )
}
