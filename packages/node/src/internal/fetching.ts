/**
 * The sockets of Bun, which has an `undici` of its own without interceptors: its `fetch`, with the route of each request.
 * Connecting has no time-out of its own there. Used by `dispatcher.ts`.
 */
import { type Proxy, refused } from "@effect-alicloud/credentials/unstable/Proxy"
import * as FetchHttpClient from "@effect/platform/FetchHttpClient"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import type { Dispatcher } from "./dispatcher.ts"

/** `false` keeps Bun from reading the proxy variables itself. */
const routeOf = (proxy: Proxy | undefined): object | false =>
  proxy === undefined ? false : {
    url: proxy.origin,
    headers: proxy.authorization === undefined ? {} : { "Proxy-Authorization": Redacted.value(proxy.authorization) }
  }

/** Bun's own error about a refused tunnel names neither the proxy nor what helps. */
const withProxy =
  (proxy: Proxy | undefined) => (error: HttpClientError.HttpClientError): HttpClientError.HttpClientError => {
    const { cause } = error
    return proxy !== undefined && Predicate.hasProperty(cause, "code") && cause.code === "ERR_PROXY_TUNNEL" &&
        Predicate.hasProperty(cause, "status") && Predicate.isNumber(cause.status)
      ? new HttpClientError.RequestError({
        request: error.request,
        reason: "Transport",
        cause: refused(proxy, cause.status)
      })
      : error
  }

/** Makes a dispatcher whose requests have `connectTimeout` and the read time-out together for the start of the response. */
export const make = (connectTimeout: number, proxy: Proxy | undefined, socketPath: string | undefined): Dispatcher => {
  const options: RequestInit & { readonly proxy: object | false; readonly unix?: string } = {
    redirect: "manual",
    proxy: routeOf(proxy),
    ...(socketPath === undefined ? {} : { unix: socketPath })
  }
  const client = (timeout: number): HttpClient.HttpClient =>
    HttpClient.makeWith<HttpClientError.HttpClientError, never, HttpClientError.HttpClientError, never>(
      Effect.flatMap((request) =>
        Effect.flatMap(HttpClient.HttpClient, (client) => client.execute(request)).pipe(
          Effect.provide(FetchHttpClient.layer),
          Effect.provideService(FetchHttpClient.RequestInit, options),
          Effect.mapError(withProxy(proxy)),
          Effect.timeoutFail({
            duration: connectTimeout + timeout,
            onTimeout: () => {
              const cause = Object.assign(new Error("no response"), { code: "UND_ERR_HEADERS_TIMEOUT" })
              return new HttpClientError.RequestError({ request, reason: "Transport", cause })
            }
          })
        )
      ),
      Effect.succeed
    )
  return { client, cancel: () => {}, close: () => Promise.resolve(), destroy: () => Promise.resolve() }
}
