/**
 * The proxy variables of the environment, and what may be wrong with the proxy that they name. Used by the HTTP client
 * of `@effect-alicloud/node`, by `Transport`, and by `doctor` of the command line tool.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Url from "@effect/platform/Url"
import * as Arr from "effect/Array"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"

/**
 * A proxy that the environment names: its origin without credentials, and the `Proxy-Authorization` value when it has
 * any.
 *
 * @since 0.1.0
 * @category models
 */
export interface Proxy {
  readonly _tag: "Proxy"
  readonly variable: string
  readonly origin: string
  readonly authorization: Redacted.Redacted | undefined
}

/**
 * A variable whose value is not the URL of an HTTP proxy.
 *
 * @since 0.1.0
 * @category models
 */
export interface Unusable {
  readonly _tag: "Unusable"
  readonly variable: string
  readonly problem: ProxyProblem
}

/**
 * What the environment says about proxies.
 *
 * @since 0.1.0
 * @category models
 */
export interface Settings {
  /** For `https:` addresses. */
  readonly https: Proxy | Unusable | undefined
  /** For `http:` addresses. */
  readonly http: Proxy | Unusable | undefined
  /** Which hosts go without a proxy. */
  readonly noProxy: { readonly variable: string; readonly value: string }
}

/**
 * What is wrong with a proxy. Clients give it as the cause of a `RequestError`; its message shows the name of a variable
 * or the proxy's scheme, host and port.
 *
 * @since 0.1.0
 * @category errors
 */
export class ProxyProblem extends Error {
  /** @since 0.1.0 */
  readonly _tag = "ProxyProblem"
  /** @since 0.1.0 */
  readonly code: string
  /** @since 0.1.0 */
  readonly hint: string | undefined
  /** @since 0.1.0 */
  readonly retryable: boolean

  constructor(options: {
    readonly code: string
    readonly message: string
    readonly hint?: string | undefined
    readonly retryable: boolean
  }) {
    super(options.message)
    this.code = options.code
    this.hint = options.hint
    this.retryable = options.retryable
  }
}

/**
 * The problem of a proxy that answered with a status instead of a connection.
 *
 * @since 0.1.0
 * @category constructors
 */
export const refused = ({ origin, variable }: Proxy, status: number): ProxyProblem =>
  new ProxyProblem({
    code: "PROXY_REFUSED",
    message: `the proxy ${origin} refused the connection with HTTP ${status}`,
    hint: status === 407
      ? `Set ${variable} to http://user:password@host:port, both percent-encoded.`
      : status === 403
      ? "The proxy must allow this host, or NO_PROXY must except it."
      : undefined,
    retryable: status >= 500
  })

const unusable = (variable: string): Unusable => ({
  _tag: "Unusable",
  variable,
  problem: new ProxyProblem({
    code: `INVALID_${variable.toUpperCase()}`,
    message: `${variable} is not the URL of an HTTP proxy`,
    hint:
      `Set ${variable} to http://host:port, or unset it. In a user or password % is written %25, # %23, / %2F, @ %40 and \\ %5C.`,
    retryable: false
  })
})

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Whether a user or password that is not percent-encoded ends the host too early: requests would go to a wrong one. */
const isCutShort = ({ pathname }: { readonly pathname: string }, value: string): boolean =>
  (pathname !== "" && pathname !== "/") || /[?#\\]/.test(value)

/** A value without a scheme is an HTTP proxy, as for other clients. */
const proxyIn = (variable: string, value: string): Proxy | Unusable | undefined => {
  if (value === "") {
    return undefined
  }
  const url = Either.getOrUndefined(Url.fromString(value.includes("://") ? value : `http://${value}`))
  if (url === undefined || (url.protocol !== "http:" && url.protocol !== "https:") || isCutShort(url, value)) {
    return unusable(variable)
  }
  const { origin, password, username } = url
  return {
    _tag: "Proxy",
    variable,
    origin,
    authorization: username === "" && password === ""
      ? undefined
      : Redacted.make(`Basic ${Encoding.encodeBase64(`${decoded(username)}:${decoded(password)}`)}`)
  }
}

/** The first of the two names that is set decides, so that an empty lower-case variable switches a proxy off. */
const variable = (lower: string): Effect.Effect<{ readonly variable: string; readonly value: string }> =>
  Effect.firstSuccessOf(
    [lower, lower.toUpperCase()].map((name) =>
      Effect.map(Config.redacted(name), (value) => ({ variable: name, value: Redacted.value(value).trim() }))
    )
  ).pipe(Effect.orElseSucceed(() => ({ variable: lower, value: "" })))

/** An address with as many bits as its kind has, at most, and perhaps a port. */
const block =
  /^(?:(?:\d{1,3}\.){3}\d{1,3}\/(?:[12]?\d|3[0-2])(?::\d+)?|\[?(?=[^:]*:)[0-9a-f:.]+\/(?:\d{1,2}|1[01]\d|12[0-8])(?:\](?::\d+)?)?)$/

/**
 * The entries of `NO_PROXY` in lower case, and those among them that look like a block of addresses and are none.
 *
 * @since 0.1.0
 * @category parsing
 */
export const entriesOf = (noProxy: string): {
  readonly usable: ReadonlyArray<string>
  readonly unusable: ReadonlyArray<string>
} => {
  const [unusable, usable] = Arr.partition(
    noProxy.toLowerCase().split(/[\s,]+/).filter((entry) => entry !== ""),
    (entry) => !entry.includes("/") || block.test(entry)
  )
  return { usable, unusable }
}

/**
 * Reads `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of the current `ConfigProvider`, lower case first.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEnv: Effect.Effect<Settings> = Effect.gen(function*() {
  const https = yield* variable("https_proxy")
  const http = yield* variable("http_proxy")
  return {
    https: proxyIn(https.variable, https.value),
    http: proxyIn(http.variable, http.value),
    noProxy: yield* variable("no_proxy")
  }
})
