/** How a request travels: directly, or by the proxy that the environment names for it. Used by `NodeHttp`. */
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import * as Proxy from "@effect-alicloud/credentials/unstable/Proxy"
import * as Effect from "effect/Effect"
import { BlockList, isIP } from "node:net"

/** The target of a request. `family` is 4 or 6 for an address, 0 for a name. */
interface Target {
  readonly host: string
  readonly port: string
  readonly family: number
}

type Matcher = (target: Target) => boolean

const targetOf = (url: URL): Target => {
  const host = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "").toLowerCase()
  return { host, port: url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port, family: isIP(host) }
}

const subnet = (address: string, bits: number): Matcher => {
  const family = isIP(address)
  if (family === 0 || !(bits >= 0 && bits <= (family === 4 ? 32 : 128))) return () => false
  const list = new BlockList()
  list.addSubnet(address, bits, family === 4 ? "ipv4" : "ipv6")
  return (target) => target.family !== 0 && list.check(target.host, target.family === 4 ? "ipv4" : "ipv6")
}

const isOwn: Matcher = ({ host }) => isLoopback(host) || host.endsWith(".localhost")

/** `*`, a host with or without a leading dot or `*.`, an address or a CIDR block; each with an optional port. */
const matcherOf = (entry: string): Matcher => {
  if (entry === "*") return () => true
  const [, head = entry, port] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? []
  const name = head.replace(/^\[|\]$/g, "").replace(/^\*?\./, "").replace(/\.$/, "")
  const [address = "", bits] = name.split("/")
  const family = isIP(address)
  const matches: Matcher = family === 0
    ? (target) => target.host === name || (target.family === 0 && target.host.endsWith(`.${name}`))
    : subnet(address, bits === undefined ? (family === 4 ? 32 : 128) : Number(bits))
  return port === undefined ? matches : (target) => target.port === port && matches(target)
}

/** The route of a request: `undefined` for a direct one. */
export type Route = Proxy.Proxy | Proxy.Unusable | undefined

/**
 * Reads the proxy variables of the current `ConfigProvider` and finds the route of a URL: loopback and hosts in `NO_PROXY`
 * are direct, `https:` uses `HTTPS_PROXY` and `http:` uses `HTTP_PROXY`.
 */
export const fromEnv: Effect.Effect<(url: URL) => Route> = Effect.map(Proxy.fromEnv, ({ http, https, noProxy }) => {
  const bypass = [isOwn, ...Proxy.entriesOf(noProxy.value).usable.map(matcherOf)]
  return (url) => {
    const target = targetOf(url)
    return bypass.some((matches) => matches(target)) ? undefined : url.protocol === "https:" ? https : http
  }
})
