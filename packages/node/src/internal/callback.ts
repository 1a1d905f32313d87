/** The listener for a browser that comes back from the sign-in page, for `NodeLogin`. */
import type { Listening, Verdict } from "@effect-alicloud/credentials/LoginServices"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Http from "node:http"
import * as page from "./callbackPage.ts"

const host = "127.0.0.1"

/** A browser sends little, and once. */
const limits: Http.ServerOptions = {
  maxHeaderSize: 24 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 1,
  connectionsCheckingInterval: 1_000
}

const maxConnections = 32

/** How long browsers that wait for their page may hold up the end. */
const leavingMillis = 500

/** Binds a port; `false` when it is taken, or may not be had for another reason. */
const bind = (server: Http.Server, port: number): Effect.Effect<boolean> =>
  Effect.async((resume) => {
    const onError = (): void => resume(Effect.succeed(false))
    server.once("error", onError)
    server.listen({ port, host, exclusive: true }, () => {
      server.off("error", onError)
      server.on("error", () => undefined)
      resume(Effect.succeed(true))
    })
  })

const close = (server: Http.Server): Effect.Effect<void> =>
  Effect.async((resume) => {
    const timer = setTimeout(() => server.closeAllConnections(), leavingMillis)
    server.close(() => {
      clearTimeout(timer)
      resume(Effect.void)
    })
    server.closeIdleConnections()
  })

const hasBody = ({ headers }: Http.IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0"

/** What a page of another origin sends is no navigation: it has an origin, or says that it is a part of the page. */
const isNavigation = ({ headers }: Http.IncomingMessage): boolean =>
  headers.origin === undefined && (headers["sec-fetch-mode"] ?? "navigate") === "navigate" &&
  (headers["sec-fetch-dest"] ?? "document") === "document"

export const listen = (options: {
  readonly ports: ReadonlyArray<number>
  readonly path: string
  readonly judge: (address: Redacted.Redacted, redirectUri: string) => Verdict
}): Effect.Effect<Listening, string, Scope.Scope> =>
  Effect.gen(function*() {
    const received = yield* Deferred.make<Redacted.Redacted>()
    let redirectUri = ""
    let isDone = false

    const statusOf = (request: Http.IncomingMessage): page.Kind => {
      const url = request.url ?? ""
      if (`http://${request.headers.host}${options.path}` !== redirectUri) return "refused"
      if (request.method !== "GET") return "method"
      if (url.split("?")[0] !== options.path) return "missing"
      if (hasBody(request) || !isNavigation(request)) return "refused"
      if (isDone) return "over"
      const address = Redacted.make(`http://${request.headers.host}${url}`)
      const verdict = options.judge(address, redirectUri)
      if (verdict !== "refused") {
        isDone = true
        Deferred.unsafeDone(received, Exit.succeed(address))
      }
      return verdict
    }

    const server = Http.createServer(limits, (request, response) => page.send(response, statusOf(request)))
    server.maxConnections = maxConnections
    server.on(
      "checkContinue",
      (_: Http.IncomingMessage, response: Http.ServerResponse) => page.send(response, "refused")
    )

    const bound = Effect.findFirst(options.ports, (port) => bind(server, port))
    const port = yield* Effect.acquireRelease(
      Effect.flatten(bound),
      () => close(server)
    ).pipe(Effect.mapError(() => `the ports ${options.ports[0]} to ${options.ports.at(-1)} of this machine are taken`))
    redirectUri = `http://${host}:${port}${options.path}`
    return { redirectUri, received: Deferred.await(received) }
  })
