/**
 * The fake cloud behind real sockets on Node.js: HTTP and HTTPS on loopback, for official clients and other processes. Any
 * process can reach it:
 *
 * - a program for Node.js: `nodeEnvironment` sends its connections here, whatever clients it uses
 * - a program in another language: `proxyEnvironment` makes the server its proxy
 * - a client with an option for the address: `httpUrl` or `httpsUrl`
 *
 * The host of a request decides which service answers it. At the plain address the action, the version or the path do.
 *
 * @module
 * @since 0.1.0
 */
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as FiberSet from "effect/FiberSet"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import * as Fs from "node:fs/promises"
import * as Http from "node:http"
import * as Https from "node:https"
import type * as Net from "node:net"
import * as Os from "node:os"
import * as Path from "node:path"
import * as Tls from "node:tls"
import type { InvalidWorld, WorldInput } from "./FakeAlicloud.ts"
import { FakeAlicloud, layerModel } from "./FakeAlicloud.ts"
import type { Authority } from "./internal/certificates.ts"
import { makeAuthority } from "./internal/certificates.ts"
import { declaredHosts } from "./internal/declared.ts"
import type { Front } from "./internal/exchange.ts"
import { exchange } from "./internal/exchange.ts"
import { targetOf } from "./internal/http.ts"
import { makeMemoryClient } from "./internal/memoryClient.ts"
import { tunnel } from "./internal/tunnel.ts"

/**
 * The server could not start: no port, or no temporary file for its certificate.
 *
 * @since 0.1.0
 * @category errors
 */
export class ServeFailed extends Data.TaggedError("ServeFailed")<{ readonly cause: unknown }> {
  override get message(): string {
    return `The fake cloud cannot listen on loopback: ${String(this.cause)}`
  }
}

/**
 * Where the fake cloud is reached, as long as its scope is open.
 *
 * @since 0.1.0
 * @category services
 */
export class FakeAlicloudServer extends Context.Tag("@effect-alicloud/testing/FakeAlicloudServer")<FakeAlicloudServer, {
  /**
   * `http://127.0.0.1:<port>`, without a slash at the end. The service is told by the action, the version or the path; a
   * request that fits none gets status 421 and a sentence that says why.
   */
  readonly httpUrl: string
  readonly httpPort: number
  /** `https://127.0.0.1:<port>`, without a slash at the end. */
  readonly httpsUrl: string
  readonly httpsPort: number
  /** The authority behind every certificate here, made for this run. */
  readonly caPem: string
  /** A file with `caPem`, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string
  /** The URL of the module that `nodeEnvironment` loads, for `node --import`; it needs the other variables, too. */
  readonly preload: string
  /**
   * What a process of Node.js needs in its environment to reach this server, whatever clients it uses, ES modules or
   * CommonJS. Connections to the ports 80 and 443 of other machines then end here, so that no test calls a real service;
   * those to this machine and to other ports stay as they are. A host that the fake cloud does not have gets status 421,
   * and no certificate.
   *
   * `NODE_OPTIONS`, `NODE_EXTRA_CA_CERTS`, `FAKE_ALICLOUD_HTTP_PORT`, `FAKE_ALICLOUD_HTTPS_PORT`
   */
  readonly nodeEnvironment: Readonly<Record<string, string>>
  /**
   * What a process in any language needs in its environment to use this server as its HTTP proxy, and to trust its
   * certificates: the variables of curl, OpenSSL, Go and Python. A host that the fake cloud does not have gets status 421.
   *
   * `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`, also in lower case, `SSL_CERT_FILE`, `CURL_CA_BUNDLE`,
   * `REQUESTS_CA_BUNDLE`, `NODE_EXTRA_CA_CERTS`
   */
  readonly proxyEnvironment: Readonly<Record<string, string>>
  /**
   * Sends the requests of a client to this server, with the real host in the `Host` header. Loopback addresses are left
   * alone; names and addresses without a listener fail as they do in memory.
   */
  readonly clientLayer: Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient>
}>() {}

const maxCertificates = 256

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, ServeFailed> =>
  Effect.tryPromise({ try: run, catch: (cause) => new ServeFailed({ cause }) })

/** Listens on a free port of 127.0.0.1 until the scope closes, which also ends every connection. */
const listen = (server: Http.Server | Https.Server): Effect.Effect<number, ServeFailed, Scope.Scope> => {
  const sockets = new Set<Net.Socket>()
  server.on("connection", (socket: Net.Socket) => {
    sockets.add(socket)
    socket.on("close", () => sockets.delete(socket))
  })
  return Effect.acquireRelease(
    Effect.async<number, ServeFailed>((resume) => {
      server.once("error", (cause) => resume(new ServeFailed({ cause })))
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as Net.AddressInfo).port)))
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  )
}

/** Certificates by name, made on first use; only names of the fake get one. */
const makeSni = (authority: Authority, isKnown: (name: string) => Effect.Effect<boolean>) => {
  const contexts = new Map<string, Effect.Effect<Tls.SecureContext>>()
  const contextOf = (name: string): Effect.Effect<Tls.SecureContext> => {
    const known = contexts.get(name)
    if (known !== undefined) return known
    if (contexts.size >= maxCertificates) contexts.clear()
    const context = Effect.runSync(
      Effect.cached(Effect.map(authority.issue([name], []), (certificate) => Tls.createSecureContext(certificate)))
    )
    contexts.set(name, context)
    return context
  }
  return (name: string): Effect.Effect<Tls.SecureContext, "unknown"> =>
    Effect.if(isKnown(name), { onTrue: () => contextOf(name), onFalse: () => Effect.fail("unknown" as const) })
}

/** Whether the fake has a name, on whichever port: TLS does not say which one. */
const hasName = (fake: Context.Tag.Service<FakeAlicloud>) => (name: string): Effect.Effect<boolean> =>
  Effect.map(fake.world, (world) =>
    isLoopback(name) || fake.listens(`https://${name}/`) ||
    declaredHosts(world).some((host) => targetOf(`https://${host}/`).hostname === name.toLowerCase()))

const writeAuthority = (pem: string): Effect.Effect<string, ServeFailed, Scope.Scope> =>
  Effect.acquireRelease(
    attempt(() => Fs.mkdtemp(Path.join(Os.tmpdir(), "fake-alicloud-"))),
    (directory) => Effect.promise(() => Fs.rm(directory, { recursive: true, force: true }))
  ).pipe(
    Effect.map((directory) => Path.join(directory, "ca.pem")),
    Effect.tap((file) => attempt(() => Fs.writeFile(file, pem)))
  )

const makeClientLayer = (
  fake: Context.Tag.Service<FakeAlicloud>,
  httpUrl: string
): Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient> => {
  const nobody = makeMemoryClient(fake.handle)
  const toServer = (client: HttpClient.HttpClient): HttpClient.HttpClient =>
    HttpClient.make((request, url) => {
      if (isLoopback(targetOf(url.href).hostname)) return client.execute(request)
      if (!fake.listens(url.href)) return nobody.execute(request)
      return client.execute(request.pipe(
        HttpClientRequest.setUrl(request.url.replace(/^[a-z]+:\/\/[^/?#]*/i, httpUrl)),
        HttpClientRequest.setHeader("host", url.host)
      ))
    })
  return Layer.effect(HttpClient.HttpClient, Effect.map(HttpClient.HttpClient, toServer))
}

const proxyEnvironment = (httpUrl: string, caFile: string): Readonly<Record<string, string>> => {
  const proxies = { HTTP_PROXY: httpUrl, HTTPS_PROXY: httpUrl, NO_PROXY: "localhost,127.0.0.1,::1" }
  return {
    ...proxies,
    ...Object.fromEntries(Object.entries(proxies).map(([name, value]) => [name.toLowerCase(), value])),
    SSL_CERT_FILE: caFile,
    CURL_CA_BUNDLE: caFile,
    REQUESTS_CA_BUNDLE: caFile,
    NODE_EXTRA_CA_CERTS: caFile
  }
}

/**
 * Puts the fake cloud behind HTTP and HTTPS on free ports of 127.0.0.1 until the scope closes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const serve: Effect.Effect<
  Context.Tag.Service<FakeAlicloudServer>,
  ServeFailed,
  FakeAlicloud | Scope.Scope
> = Effect.gen(function*() {
  const fake = yield* FakeAlicloud
  const run = yield* FiberSet.makeRuntime<never>()
  const authority = yield* makeAuthority
  const own = yield* authority.issue(["localhost"], ["127.0.0.1", "::1", "100.100.100.200"])
  const sni = makeSni(authority, hasName(fake))
  const ports = new Set<number>()
  const front: Front = {
    fake,
    isPlain: (host) => isLoopback(targetOf(`http://${host}/`).hostname) && ports.has(Number(/:(\d+)$/.exec(host)?.[1]))
  }
  const listener = (scheme: string) => (message: Http.IncomingMessage, response: Http.ServerResponse): void => {
    const fiber = run(exchange(front, scheme, message, response))
    response.on("close", () => run(Fiber.interruptFork(fiber)))
  }
  const servers = {
    http: Http.createServer(listener("http")),
    https: Https.createServer({
      ...own,
      SNICallback: (name, callback) =>
        run(Effect.match(sni(name), {
          onSuccess: (context) => callback(null, context),
          onFailure: () => callback(new Error("the fake cloud does not know this name"))
        }))
    }, listener("https"))
  }
  for (const server of Object.values(servers)) {
    server.on("connect", (message: Http.IncomingMessage, socket, head) => {
      run(tunnel(message.url ?? "", hasName(fake), { servers, socket, head }))
    })
  }
  const httpPort = yield* listen(servers.http)
  const httpsPort = yield* listen(servers.https)
  ports.add(httpPort).add(httpsPort)
  const httpUrl = `http://127.0.0.1:${httpPort}`
  const caFile = yield* writeAuthority(authority.pem)
  const preload = new URL("./internal/preload.js", import.meta.url).href
  return {
    httpUrl,
    httpPort,
    httpsUrl: `https://127.0.0.1:${httpsPort}`,
    httpsPort,
    caPem: authority.pem,
    caFile,
    preload,
    nodeEnvironment: {
      NODE_OPTIONS: `--import=${preload}`,
      NODE_EXTRA_CA_CERTS: caFile,
      FAKE_ALICLOUD_HTTP_PORT: `${httpPort}`,
      FAKE_ALICLOUD_HTTPS_PORT: `${httpsPort}`
    },
    proxyEnvironment: proxyEnvironment(httpUrl, caFile),
    clientLayer: makeClientLayer(fake, httpUrl)
  }
})

/**
 * A fake cloud and its server. A client that reaches it:
 *
 * @example
 * ```ts
 * import { NodeHttpClient } from "@effect/platform-node"
 * import { FakeAlicloudServer } from "@effect-alicloud/testing"
 * import { Layer } from "effect"
 *
 * const cloud = FakeAlicloudServer.layer({ instance: { roleName: "EcsRole" } })
 * const client = FakeAlicloudServer.layerClient.pipe(Layer.provide(NodeHttpClient.layerUndici), Layer.provideMerge(cloud))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  world?: WorldInput
): Layer.Layer<FakeAlicloud | FakeAlicloudServer, InvalidWorld | ServeFailed> =>
  Layer.provideMerge(Layer.scoped(FakeAlicloudServer, serve), layerModel(world))

/**
 * The `clientLayer` of the server as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, FakeAlicloudServer | HttpClient.HttpClient> = Layer
  .unwrapEffect(Effect.map(FakeAlicloudServer, ({ clientLayer }) => clientLayer))
