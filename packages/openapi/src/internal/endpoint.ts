import { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as Url from "@effect/platform/Url"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"

/** Where an API is: `https://ecs.cn-hangzhou.aliyuncs.com`, and the host that signatures cover. */
export interface Endpoint {
  readonly url: string
  readonly host: string
}

const pattern = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

const loopback = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

const invalid = (location: string, issue: string): InvalidConfig =>
  new InvalidConfig({ source: "OpenApi", location, issues: [issue] })

const parse = (location: string, text: string): Effect.Effect<Endpoint, InvalidConfig> => {
  const [, given, host = ""] = /^(https?:\/\/)?(.*?)\/*$/i.exec(text.trim()) ?? []
  const scheme = given?.toLowerCase() ?? "https://"
  const url = Url.fromString(`${scheme}${host}`)
  if (!pattern.test(host) || /(?:^|\.)-|-(?:\.|:|$)/.test(host) || Either.isLeft(url)) {
    return invalid(location, "it must be a host name, such as ecs.cn-hangzhou.aliyuncs.com")
  }
  return scheme === "http://" && !loopback.test(host)
    ? invalid(location, "it must be reached over HTTPS; plain HTTP is for this machine only")
    : Effect.succeed({ url: `${scheme}${url.right.host}`, host: url.right.host })
}

/** The given endpoint, else the one that a product has by convention. */
export const resolve = (options: {
  readonly endpoint?: string | undefined
  readonly product?: string | undefined
  readonly regionId?: string | undefined
}): Effect.Effect<Endpoint, InvalidConfig> => {
  if (options.endpoint !== undefined) return parse("option endpoint", options.endpoint)
  if (options.product === undefined) return invalid("option product", "set it, or set endpoint")
  const labels = [options.product.trim().toLowerCase(), options.regionId?.trim()].filter((label) => label !== undefined)
  return parse("options product and regionId", [...labels, "aliyuncs.com"].join("."))
}
