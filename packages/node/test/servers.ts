import { Connection } from "@effect-alicloud/credentials/Platform"
import { HttpClient } from "@effect/platform"
import { ConfigProvider, Deferred, Duration, Effect, Layer, Schedule } from "effect"
import type { Scope } from "effect"
import * as Http from "node:http"
import * as Net from "node:net"
import * as NodeHttp from "../src/NodeHttp.ts"

/** A server on loopback that counts its connections. */
export interface Listening {
  readonly port: number
  readonly opened: () => number
  readonly open: () => number
  /** Waits until every connection is closed. */
  readonly idle: Effect.Effect<void, string>
}

export const listen = (server: Net.Server): Effect.Effect<Listening, never, Scope.Scope> => {
  let opened = 0
  const sockets = new Set<Net.Socket>()
  server.on("connection", (socket: Net.Socket) => {
    opened++
    sockets.add(socket)
    socket.on("error", () => {}).on("close", () => sockets.delete(socket))
  })
  return Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(Effect.succeed(typeof address === "object" && address !== null ? address.port : 0))
      })
    }),
    () =>
      Effect.async<void>((resume) => {
        server.close(() => resume(Effect.void))
        for (const socket of sockets) socket.destroy()
      })
  ).pipe(Effect.map((port) => ({
    port,
    opened: () => opened,
    open: () => sockets.size,
    idle: Effect.suspend(() => sockets.size === 0 ? Effect.void : Effect.fail("still connected")).pipe(
      Effect.retry(Schedule.intersect(Schedule.spaced("20 millis"), Schedule.recurs(100)))
    )
  })))
}

export const listenHttp = (handler: Http.RequestListener): Effect.Effect<Listening, never, Scope.Scope> =>
  Effect.suspend(() => listen(Http.createServer(handler)))

/** A proxy that notes what it is asked, answers plain requests itself and opens no tunnel. */
export interface RecordingProxy extends Listening {
  readonly requests: Array<{ readonly line: string; readonly host?: string; readonly authorization?: string }>
}

export const listenProxy = (status = 200, tunnelStatus = 502): Effect.Effect<RecordingProxy, never, Scope.Scope> =>
  Effect.suspend(() => {
    const requests: RecordingProxy["requests"] = []
    const note = (request: Http.IncomingMessage): void => {
      const { host, "proxy-authorization": authorization } = request.headers
      requests.push({
        line: `${request.method} ${request.url}`,
        ...(host === undefined ? {} : { host }),
        ...(authorization === undefined ? {} : { authorization })
      })
    }
    const server = Http.createServer((request, response) => {
      note(request)
      response.writeHead(status).end("from the proxy")
    })
    server.on("connect", (request: Http.IncomingMessage, socket: Net.Socket) => {
      note(request)
      socket.end(`HTTP/1.1 ${tunnelStatus} No tunnel\r\n\r\n`)
    })
    return Effect.map(listen(server), (listening) => ({ ...listening, requests }))
  })

export const env = (variables: Record<string, string>): Layer.Layer<never> =>
  Layer.setConfigProvider(ConfigProvider.fromMap(new Map(Object.entries(variables))))

/** The code of an error, or of what caused it. */
export const codeOf = (error: unknown): unknown => {
  if (typeof error !== "object" || error === null) return undefined
  if ("code" in error && error.code !== undefined) return error.code
  return "cause" in error ? codeOf(error.cause) : undefined
}

/** A server that notes when a request's connection closes before its answer ended. */
export const listenHanging = (head: boolean): Effect.Effect<
  Listening & { readonly asked: Deferred.Deferred<void>; readonly hungUp: Deferred.Deferred<void> },
  never,
  Scope.Scope
> =>
  Effect.gen(function*() {
    const asked = yield* Deferred.make<void>()
    const hungUp = yield* Deferred.make<void>()
    const listening = yield* listenHttp((_, response) => {
      if (head) response.writeHead(200).write("a beginning")
      response.on("close", () => Deferred.unsafeDone(hungUp, Effect.void))
      Deferred.unsafeDone(asked, Effect.void)
    })
    return { ...listening, asked, hungUp }
  })

export const client = (variables: Record<string, string> = {}): Layer.Layer<HttpClient.HttpClient> =>
  Layer.provide(NodeHttp.layer, env(variables))

export const connection = (
  connectTimeout: Duration.DurationInput,
  options?: { readonly timeout?: Duration.DurationInput; readonly direct?: boolean }
) =>
  Effect.provideService(Connection, {
    connectTimeout: Duration.decode(connectTimeout),
    timeout: Duration.decode(options?.timeout ?? "5 seconds"),
    direct: options?.direct ?? false
  })

export const text = (url: string) => Effect.flatMap(HttpClient.get(url), (response) => response.text)

/** Accepts connections, reads and never answers: a TLS handshake or a tunnel that never comes about. */
export const silent = Effect.suspend(() => listen(Net.createServer((socket) => socket.resume())))

export const hello = listenHttp((_, response) => {
  response.end("hello")
})
