/**
 * The fake cloud behind real sockets on Node.js: HTTP and HTTPS on loopback, for official clients, other processes and
 * whatever else should meet a network. The `Host` header decides which service answers.
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
import type { InvalidWorld, Outcome, Request, WorldInput } from "./FakeAlicloud.ts"
import { FakeAlicloud, layerModel } from "./FakeAlicloud.ts"
import type { Authority } from "./internal/certificates.ts"
import { makeAuthority } from "./internal/certificates.ts"
import { declaredHosts } from "./internal/declared.ts"
import { targetOf } from "./internal/http.ts"
import { makeMemoryClient } from "./internal/memoryClient.ts"

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
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly httpUrl: string
  readonly httpPort: number
  /** `https://127.0.0.1:<port>`, without a slash at the end. */
  readonly httpsUrl: string
  readonly httpsPort: number
  /** The authority behind every certificate here, made for this run. */
  readonly caPem: string
  /** A file with `caPem`, for `NODE_EXTRA_CA_CERTS`. */
  readonly caFile: string
  /**
   * Sends the requests of a client to this server, with the real host in the `Host` header. Loopback addresses are left
   * alone; names and addresses without a listener fail as they do in memory.
   */
  readonly clientLayer: Layer.Layer<HttpClient.HttpClient, never, HttpClient.HttpClient>
}>() {}

const maxBodyBytes = 1024 * 1024

const maxCertificates = 256

const attempt = <A>(run: () => Promise<A>): Effect.Effect<A, ServeFailed> =>
  Effect.tryPromise({ try: run, catch: (cause) => new ServeFailed({ cause }) })

const readBody = (message: Http.IncomingMessage): Effect.Effect<string, "gone" | "tooLarge"> =>
  Effect.async((resume) => {
    const chunks: Array<Buffer> = []
    let bytes = 0
    message.on("data", (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > maxBodyBytes) resume(Effect.fail("tooLarge"))
      else chunks.push(chunk)
    })
    message.on("end", () => resume(Effect.succeed(Buffer.concat(chunks).toString("utf8"))))
    message.on("close", () => resume(Effect.fail("gone")))
  })

const requestOf = (message: Http.IncomingMessage, scheme: string, body: string): Request => {
  const url = message.url ?? "/"
  return {
    method: message.method ?? "GET",
    url: url.startsWith("/") ? `${scheme}://${message.headers.host ?? "localhost"}${url}` : url,
    headers: Object.fromEntries(
      Object.entries(message.headers).map((
        [name, value]
      ) => [name, Array.isArray(value) ? value.join(",") : value ?? ""])
    ),
    body
  }
}

const respond = (response: Http.ServerResponse, outcome: Outcome): void => {
  switch (outcome._tag) {
    case "Reply":
      response.writeHead(outcome.status, outcome.headers).end(outcome.body)
      return
    case "Truncated":
      response.writeHead(outcome.status, outcome.headers).flushHeaders()
      response.write(outcome.sent, () => {
        if (outcome.ending === "close") response.socket?.destroy()
      })
      return
    case "Hang":
      return
    case "Refused":
    case "Disconnected":
      response.socket?.destroy()
      return
    case "UnknownHost":
      response.writeHead(421, { "content-type": "text/plain" }).end("The fake cloud does not know this host.\n")
  }
}

/** One exchange; it ends early when the other side leaves. */
const exchange = (
  handle: (request: Request) => Effect.Effect<Outcome>,
  scheme: string,
  message: Http.IncomingMessage,
  response: Http.ServerResponse
): Effect.Effect<void> =>
  readBody(message).pipe(
    Effect.flatMap((body) => handle(requestOf(message, scheme, body))),
    Effect.matchEffect({
      onSuccess: (outcome) => Effect.sync(() => respond(response, outcome)),
      onFailure: (reason) =>
        Effect.sync(() => {
          if (reason === "tooLarge") response.writeHead(413, { connection: "close" }).end()
        })
    })
  )

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
  const listener = (scheme: string) => (message: Http.IncomingMessage, response: Http.ServerResponse): void => {
    const fiber = run(exchange(fake.handle, scheme, message, response))
    response.on("close", () => run(Fiber.interruptFork(fiber)))
  }
  const httpPort = yield* listen(Http.createServer(listener("http")))
  const httpsPort = yield* listen(Https.createServer({
    ...own,
    SNICallback: (name, callback) =>
      run(Effect.match(sni(name), {
        onSuccess: (context) => callback(null, context),
        onFailure: () => callback(new Error("the fake cloud does not know this name"))
      }))
  }, listener("https")))
  const httpUrl = `http://127.0.0.1:${httpPort}`
  return {
    httpUrl,
    httpPort,
    httpsUrl: `https://127.0.0.1:${httpsPort}`,
    httpsPort,
    caPem: authority.pem,
    caFile: yield* writeAuthority(authority.pem),
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
