import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { BlockList, isIP } from "node:net"

/** A proxy the environment names: its origin without credentials, and the `Proxy-Authorization` value when it has any. */
export interface Proxy {
  readonly _tag: "Proxy"
  readonly variable: string
  readonly origin: string
  readonly authorization: Redacted.Redacted | undefined
}

/** How a request travels. `Unusable` is a variable whose value is no HTTP proxy. */
export type Route =
  | { readonly _tag: "Direct" }
  | Proxy
  | { readonly _tag: "Unusable"; readonly variable: string }

/** Where a request goes. `family` is 4 or 6 for an address, 0 for a name. */
interface Target {
  readonly host: string
  readonly port: string
  readonly family: number
}

type Matcher = (target: Target) => boolean

/** The route of what no variable concerns. */
export const direct: Route = { _tag: "Direct" }

const parseUrl = Option.liftThrowable((text: string) => new URL(text))

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

/** Made at the first use: for addresses of version 6, Node.js compiles a pattern that takes a while. */
const loopbackSubnets = (): ReadonlyArray<Matcher> => madeSubnets ??= [subnet("127.0.0.0", 8), subnet("::1", 128)]

let madeSubnets: ReadonlyArray<Matcher> | undefined

const isLoopback: Matcher = (target) =>
  target.host === "localhost" || target.host.endsWith(".localhost") ||
  loopbackSubnets().some((matches) => matches(target))

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

const matchersOf = (noProxy: string): ReadonlyArray<Matcher> =>
  noProxy.toLowerCase().split(/[\s,]+/).filter((entry) => entry !== "").map(matcherOf)

const decoded = (text: string): string => Option.getOrElse(Option.liftThrowable(decodeURIComponent)(text), () => text)

const authorizationOf = (proxy: URL): Redacted.Redacted | undefined =>
  proxy.username === "" && proxy.password === ""
    ? undefined
    : Redacted.make(
      `Basic ${Buffer.from(`${decoded(proxy.username)}:${decoded(proxy.password)}`).toString("base64")}`
    )

/** A value without a scheme is an HTTP proxy, as for other clients. */
const routeOf = (variable: string, value: string): Route =>
  Option.match(
    Option.filter(
      parseUrl(value.includes("://") ? value : `http://${value}`),
      (proxy) => proxy.protocol === "http:" || proxy.protocol === "https:"
    ),
    {
      onNone: () => ({ _tag: "Unusable", variable }),
      onSome: (proxy) => ({ _tag: "Proxy", variable, origin: proxy.origin, authorization: authorizationOf(proxy) })
    }
  )

/** The first of the two names that is set decides, so that an empty lower-case variable switches a proxy off. */
const variable = (lower: string): Effect.Effect<{ readonly name: string; readonly value: string }> =>
  Effect.firstSuccessOf(
    [lower, lower.toUpperCase()].map((name) =>
      Effect.map(Config.redacted(name), (value) => ({ name, value: Redacted.value(value).trim() }))
    )
  ).pipe(Effect.orElseSucceed(() => ({ name: lower, value: "" })))

const proxyFrom = (lower: string): Effect.Effect<Route> =>
  Effect.map(variable(lower), ({ name, value }) => value === "" ? direct : routeOf(name, value))

/**
 * Reads the proxy variables of the current `ConfigProvider` and says how a request to a URL travels: loopback and what
 * `NO_PROXY` lists go direct, `https:` by `HTTPS_PROXY`, `http:` by `HTTP_PROXY`.
 */
export const fromEnv: Effect.Effect<(url: URL) => Route> = Effect.gen(function*() {
  const https = yield* proxyFrom("https_proxy")
  const http = yield* proxyFrom("http_proxy")
  const noProxy = yield* variable("no_proxy")
  const bypass = [isLoopback, ...matchersOf(noProxy.value)]
  return (url) => {
    const target = targetOf(url)
    return bypass.some((matches) => matches(target)) ? direct : url.protocol === "https:" ? https : http
  }
})
