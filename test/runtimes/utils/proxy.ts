import type { Scope } from "effect"
import { Effect } from "effect"
import * as Http from "node:http"
import * as Net from "node:net"

export interface Proxy {
  readonly port: number
  /** The targets of the requests that it let through. */
  readonly targets: ReadonlySet<string>
}

const credentials = `Basic ${Buffer.from("user:p#ss").toString("base64")}`

/** How a client names it, with the password that it wants. */
export const urlOf = ({ port }: Proxy): string => `http://user:p%23ss@127.0.0.1:${port}`

/** A proxy with a password in front of the fake cloud: whatever the name, tunnels and requests end there. */
export const listen = (cloud: {
  readonly httpPort: number
  readonly httpsPort: number
}): Effect.Effect<Proxy, never, Scope.Scope> =>
  Effect.gen(function*() {
    const targets = new Set<string>()
    const isAllowed = ({ headers, url = "" }: Http.IncomingMessage): boolean => {
      const allowed = headers["proxy-authorization"] === credentials
      if (allowed) targets.add(url)
      return allowed
    }
    const server = Http.createServer((request, response) => {
      if (!isAllowed(request)) {
        response.writeHead(407).end()
        return
      }
      const { headers, method, url } = request
      const forwarded = Http.request(
        { host: "127.0.0.1", port: cloud.httpPort, path: url, method, headers },
        (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(response)
        }
      )
      request.pipe(forwarded)
    })
    const sockets = new Set<Net.Socket>()
    server.on("connection", (socket: Net.Socket) => sockets.add(socket.on("error", () => {})))
    server.on("connect", (request: Http.IncomingMessage, socket: Net.Socket) => {
      if (!isAllowed(request)) {
        socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        return
      }
      const tunnel = Net.connect(cloud.httpsPort, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 Connected\r\n\r\n")
        socket.pipe(tunnel)
        tunnel.pipe(socket)
      })
      tunnel.on("error", () => socket.destroy())
      socket.on("close", () => tunnel.destroy())
    })
    yield* Effect.acquireRelease(
      Effect.async<void>((resume) => {
        server.listen(0, "127.0.0.1", () => resume(Effect.void))
      }),
      () =>
        Effect.sync(() => {
          server.close()
          for (const socket of sockets) socket.destroy()
        })
    )
    return { port: (server.address() as Net.AddressInfo).port, targets }
  })
