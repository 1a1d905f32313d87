import type { Scope } from "effect"
import { Effect } from "effect"
import * as Http from "node:http"
import type * as Net from "node:net"

/** Listens on loopback until the scope closes, which also ends every connection, tunnels included. Returns the port. */
export const listen = (server: Http.Server): Effect.Effect<number, never, Scope.Scope> => {
  const sockets = new Set<Net.Socket>()
  server.on("connection", (socket: Net.Socket) => sockets.add(socket.on("error", () => {})))
  return Effect.acquireRelease(
    Effect.async<number>((resume) => {
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed((server.address() as Net.AddressInfo).port)))
    }),
    () =>
      Effect.sync(() => {
        server.close()
        for (const socket of sockets) socket.destroy()
      })
  )
}

/** Sends a request on to the fake cloud, and its answer back. */
export const forward = (
  cloud: { readonly httpPort: number },
  request: Http.IncomingMessage,
  response: Http.ServerResponse
): void => {
  const { headers, method, url: path } = request
  const forwarded = Http.request({ host: "127.0.0.1", port: cloud.httpPort, path, method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  forwarded.on("error", () => response.destroy())
  response.on("close", () => forwarded.destroy())
  request.pipe(forwarded)
}
