/**
 * The HTTP client for Node.js: undici, with the time-outs and the proxy rule that each request carries in `Connection`.
 *
 * @module
 * @since 0.1.0
 */
import { Connection, SocketClient } from "@effect-alicloud/credentials/Platform"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Dispatcher } from "./internal/dispatcher.ts"
import * as Route from "./internal/route.ts"

/** The Unix socket at which a request's connection ends, in the place of its host. */
class SocketPath extends Context.Reference<SocketPath>()("@effect-alicloud/node/SocketPath", {
  defaultValue: (): string | undefined => undefined
}) {}

const maxDispatchers = 16

interface Entry extends Dispatcher {
  requests: number
}

/** One dispatcher per pair of connect time-out and route. Beyond the limit the least recently used one is closed. */
const makePool = Effect.gen(function*() {
  const entries = new Map<string, Entry>()
  const closing = new Set<Dispatcher>()
  let closed = false

  yield* Effect.addFinalizer(() =>
    Effect.promise(() => {
      closed = true
      return Promise.all([...entries.values(), ...closing].map((entry) => entry.destroy()))
    })
  )

  const shrink = (): void => {
    for (const [key, entry] of entries) {
      if (entries.size <= maxDispatchers) return
      if (entry.requests > 0) continue
      entries.delete(key)
      closing.add(entry)
      void entry.close().finally(() => closing.delete(entry))
    }
  }

  return {
    isClosed: () => closed,
    take: (key: string, make: () => Dispatcher): Entry => {
      const entry = entries.get(key) ?? { ...make(), requests: 0 }
      entry.requests++
      entries.delete(key)
      entries.set(key, entry)
      shrink()
      return entry
    },
    giveBack: (entry: Entry): void => {
      entry.requests--
      if (entry.requests === 0) entry.cancel()
      shrink()
    }
  }
})

const unsent = (request: HttpClientRequest.HttpClientRequest, cause: Error): HttpClientError.RequestError =>
  new HttpClientError.RequestError({ request, reason: "Transport", cause, description: cause.message })

const closed = Object.assign(new Error("the scope of the HTTP client is closed"), { code: "CLIENT_CLOSED" })

/**
 * Makes the client of `layer`. Its sockets are closed with the scope.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: Effect.Effect<HttpClient.HttpClient, never, Scope.Scope> = Effect.gen(function*() {
  const routeOf = yield* Route.fromEnv
  const pool = yield* makePool

  const execute: (
    request: HttpClientRequest.HttpClientRequest
  ) => Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> = Effect.fnUntraced(
    function*(request) {
      const { connectTimeout, direct, timeout } = yield* Connection
      // A URL that cannot be parsed is reported by the client below.
      const url = Either.getOrUndefined(UrlParams.makeUrl(request.url, request.urlParams, request.hash))
      const socketPath = yield* SocketPath
      const proxy = direct || url === undefined || socketPath !== undefined ? undefined : routeOf(url)
      if (proxy?._tag === "Unusable") {
        return yield* unsent(request, proxy.problem)
      }
      const connectMillis = Duration.toMillis(connectTimeout)
      // webpack and ncc would put this module into a second file, which those who copy the first one leave behind.
      const { make } = yield* Effect.promise(() => import(/* webpackMode: "eager" */ "./internal/dispatcher.ts"))
      if (pool.isClosed()) {
        return yield* unsent(request, closed)
      }
      return yield* Effect.acquireUseRelease(
        Effect.sync(() =>
          pool.take(
            `${connectMillis} ${proxy?.variable ?? ""} ${socketPath ?? ""}`,
            () => make(connectMillis, proxy, socketPath)
          )
        ),
        (entry) => entry.client(Duration.toMillis(timeout)).execute(request),
        (entry) => Effect.sync(() => pool.giveBack(entry))
      )
    }
  )

  return HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
    (request) => Effect.flatMap(request, execute),
    Effect.succeed
  )
})

/**
 * An HTTP client that obeys `Connection` request by request:
 *
 * - connecting, which includes name resolution, a proxy and the TLS handshake, fails after exactly `connectTimeout` with
 *   a `RequestError` whose cause has the code `UND_ERR_CONNECT_TIMEOUT`
 * - a response that does not start within `timeout`, or pauses for longer (up to a second more), fails with the code
 *   `UND_ERR_HEADERS_TIMEOUT` or `UND_ERR_BODY_TIMEOUT`
 * - unless `direct` is set, `HTTPS_PROXY` applies to `https:` and `HTTP_PROXY` to `http:` (`NO_PROXY` excepts hosts,
 *   domains, addresses and CIDR blocks; all three in either case, read once when the layer is built). Loopback is
 *   never proxied. A proxy variable that is no URL fails the requests it concerns with a `RequestError` whose cause has
 *   the code `INVALID_HTTPS_PROXY` or `INVALID_HTTP_PROXY`, and a proxy that refuses to connect with `PROXY_REFUSED`
 *
 * Redirects are returned, not followed. Idle connections are kept for reuse and do not keep the process alive; closing
 * the layer's scope ends all of them. undici is loaded by the first request. On Bun, requests are made with its `fetch`,
 * without a connect time-out.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<HttpClient.HttpClient> = Layer.scoped(HttpClient.HttpClient, make)

/**
 * Sends requests over Unix sockets, with the time-outs that each request carries in `Connection`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerSocketClient: Layer.Layer<SocketClient> = Layer.scoped(
  SocketClient,
  Effect.map(
    make,
    (client) => Option.some((path: string) => HttpClient.transform(client, Effect.provideService(SocketPath, path)))
  )
)
