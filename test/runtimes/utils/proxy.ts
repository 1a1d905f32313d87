import type { Scope } from "effect"
import { Effect } from "effect"
import * as Http from "node:http"
import * as Net from "node:net"
import { forward, listen } from "./loopback.ts"

export interface Proxy {
  readonly port: number
  /** The targets of the requests that it let through. */
  readonly targets: ReadonlySet<string>
}

const credentials = `Basic ${Buffer.from("user:p#ss").toString("base64")}`

/** How a client names it, with the password that it wants. */
export const urlOf = ({ port }: Proxy): string => `http://user:p%23ss@127.0.0.1:${port}`

/** A proxy with a password in front of the fake cloud: whatever the name, tunnels and requests end there. */
export const makeProxy = (cloud: {
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
      forward(cloud, request, response)
    })
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
    return { port: yield* listen(server), targets }
  })
