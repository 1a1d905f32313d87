/** The tunnels of the proxy that `FakeAlicloudServer` is: `CONNECT` requests, with TLS or plain HTTP inside. */
import * as Effect from "effect/Effect"
import type * as Http from "node:http"
import type { Duplex } from "node:stream"
import { unknownHost } from "./exchange.ts"
import { targetOf } from "./http.ts"

/** The first byte of a TLS connection. */
const handshake = 0x16

const refuse = (socket: Duplex, sentence: string): void => {
  socket.end(
    `HTTP/1.1 421 Misdirected Request\r\ncontent-type: text/plain\r\nconnection: close\r\n` +
      `content-length: ${sentence.length + 1}\r\n\r\n${sentence}\n`
  )
}

/** Hands what is inside a tunnel to the server that understands it. */
const open = (servers: Tunnel["servers"], socket: Duplex, head: Buffer): void => {
  const look = (): void => {
    const first = socket.read(1) as Buffer | null
    if (first === null) {
      socket.once("readable", look)
      return
    }
    socket.unshift(first)
    const server = first[0] === handshake ? servers.https : servers.http
    server.emit("connection", socket)
  }
  if (head.length > 0) socket.unshift(head)
  look()
  socket.write("HTTP/1.1 200 Connection established\r\n\r\n")
}

/** A tunnel that a client asks for. */
export interface Tunnel {
  readonly servers: { readonly http: Http.Server; readonly https: Http.Server }
  readonly socket: Duplex
  readonly head: Buffer
}

/** Opens a tunnel to a host that the fake cloud has. */
export const tunnel = (
  authority: string,
  hasName: (name: string) => Effect.Effect<boolean>,
  { head, servers, socket }: Tunnel
): Effect.Effect<void> => {
  const { hostname } = targetOf(`http://${authority}/`)
  // The HTTP server has let go of this connection, and with it of its errors.
  socket.on("error", () => socket.destroy())
  return Effect.map(
    hasName(hostname),
    (has) => has ? open(servers, socket, head) : refuse(socket, unknownHost(hostname))
  )
}
