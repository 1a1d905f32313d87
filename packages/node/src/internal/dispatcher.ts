/** Sockets of undici for one connect time-out and route, with an exact connect time-out. Used by `NodeHttp`. */
import { type Proxy, refused } from "@effect-alicloud/credentials/unstable/Proxy"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Redacted from "effect/Redacted"
import { Socket } from "node:net"
import * as Undici from "undici"
import * as fetching from "./fetching.ts"

/** The sockets that share a connect time-out and a route. */
export interface Dispatcher {
  /** A client with a read time-out of `timeout` milliseconds. */
  readonly client: (timeout: number) => HttpClient.HttpClient
  /** Aborts connections that are not established yet. */
  readonly cancel: () => void
  /** Accepts no new requests, and resolves when those in progress have ended. */
  readonly close: () => Promise<void>
  /** Ends all connections at once, established or not. */
  readonly destroy: () => Promise<void>
}

type Connect = Undici.buildConnector.connector

const maxTimer = 2 ** 31 - 1

const ignore = (): void => {}

/** In undici 0 means no limit. */
const timerOf = (timeout: number): number => timeout > maxTimer ? 0 : Math.max(timeout, 1)

const answeringWithin =
  (timeout: number): Undici.Dispatcher.DispatcherComposeInterceptor => (dispatch) => (options, handler) =>
    dispatch({
      ...options,
      headersTimeout: timeout,
      bodyTimeout: timeout,
      // undici writes `host` into the headers it receives, which belong to the request.
      headers: { ...(options.headers as Record<string, string>) }
    }, handler)

/**
 * Limits a connector to `timeout` milliseconds, name resolution and TLS handshake included. A connection that is late or
 * no longer needed is destroyed.
 */
const timed =
  (connect: Connect, timeout: number, pending: Set<(reason: Error) => void>): Connect => (options, callback) => {
    const aborted = new AbortController()
    const settle = (...[error, socket]: Parameters<Undici.buildConnector.Callback>): void => {
      if (!pending.delete(cancel)) {
        socket?.on("error", ignore).destroy()
        return
      }
      clearTimeout(timer)
      if (error === null) callback(null, socket)
      else callback(error, null)
    }
    let started: unknown
    const cancel = (reason: Error): void => {
      settle(reason, null)
      aborted.abort()
      if (started instanceof Socket) started.destroy()
    }
    const timer = timeout > maxTimer ? undefined : setTimeout(() =>
      cancel(
        new Undici.errors.ConnectTimeoutError(`no connection to ${options.hostname} within ${timeout} ms`)
      ), timeout)
    pending.add(cancel)
    const abortable = { ...options, signal: aborted.signal }
    try {
      started = connect(abortable, settle)
    } catch (error) {
      settle(error instanceof Error ? error : new Error("connecting failed", { cause: error }), null)
    }
  }

/** The connections to a proxy. undici's own error about a refused tunnel names neither the proxy nor the reason. */
class ProxyPool extends Undici.Pool {
  readonly #proxy: Proxy

  constructor(origin: URL, options: Undici.Pool.Options, proxy: Proxy) {
    super(origin, options)
    this.#proxy = proxy
  }

  override connect(options: Undici.Dispatcher.ConnectOptions): Promise<Undici.Dispatcher.ConnectData>
  override connect(
    options: Undici.Dispatcher.ConnectOptions,
    callback: (error: Error | null, data: Undici.Dispatcher.ConnectData) => void
  ): void
  override connect(
    options: Undici.Dispatcher.ConnectOptions,
    callback?: (error: Error | null, data: Undici.Dispatcher.ConnectData) => void
  ): Promise<Undici.Dispatcher.ConnectData> | void {
    if (callback !== undefined) return super.connect(options, callback)
    return super.connect(options).then((data) => {
      if (data.statusCode === 200) return data
      data.socket.on("error", ignore).destroy()
      throw refused(this.#proxy, data.statusCode)
    })
  }
}

const makeProxyAgent = (
  proxy: Proxy,
  timeout: number,
  direct: Connect,
  pending: Set<(reason: Error) => void>
): Undici.Dispatcher =>
  new Undici.ProxyAgent({
    uri: proxy.origin,
    ...(proxy.authorization === undefined ? {} : { token: Redacted.value(proxy.authorization) }),
    // Plain http is sent in absolute form: many proxies allow CONNECT for port 443 only.
    proxyTunnel: false,
    proxyTls: { timeout: 0 },
    // The handshake inside a tunnel is out of our reach, so undici's own coarse timer ends it a little later.
    requestTls: { timeout: timerOf(timeout) },
    clientFactory: (origin) => new ProxyPool(origin, { connect: direct }, proxy),
    factory: (origin, options: Undici.Pool.Options) =>
      new Undici.Pool(origin, {
        ...options,
        connect: typeof options.connect === "function" ? timed(options.connect, timeout, pending) : direct
      })
  })

/** Bun resolves `undici` to its own, which cannot compose. */
const isComplete = typeof Undici.Agent.prototype.compose === "function"

/**
 * Makes a dispatcher with a connect time-out of `timeout` milliseconds, through the proxy if there is one, to a Unix socket if
 * one is named.
 */
export const make = (timeout: number, proxy: Proxy | undefined, socketPath?: string): Dispatcher => {
  if (!isComplete) return fetching.make(timeout, proxy, socketPath)
  const pending = new Set<(reason: Error) => void>()
  const connect = timed(Undici.buildConnector({ timeout: 0, socketPath: socketPath ?? null }), timeout, pending)
  const dispatcher = proxy === undefined
    ? new Undici.Agent({ connect })
    : makeProxyAgent(proxy, timeout, connect, pending)
  const cancel = (): void => {
    for (const cancel of pending) cancel(new Undici.errors.RequestAbortedError())
  }
  return {
    client: (timeout) => NodeHttpClient.makeUndici(dispatcher.compose(answeringWithin(timerOf(timeout)))),
    cancel,
    close: () => dispatcher.close(),
    destroy: () => {
      const done = dispatcher.destroy()
      cancel()
      return done
    }
  }
}
