/**
 * Tells a server that speaks TLS from one that does not, when no connection came about: the client then only knows that
 * the connection was closed. Used by `ownClient.ts` while the layer is built.
 */
import * as Effect from "effect/Effect"
import * as Net from "node:net"
import * as Tls from "node:tls"
import type { Address } from "./address.ts"

/** Long enough for a handshake with another region. */
const patience = "1 second"

const probe = (connect: (found: (yes: boolean) => void) => Net.Socket): Effect.Effect<boolean> =>
  Effect.async<boolean>((resume) => {
    const found = (yes: boolean): void => resume(Effect.succeed(yes))
    const socket = connect(found)
    socket.on("error", () => found(false))
    socket.on("close", () => found(false))
    return Effect.sync(() => socket.destroy())
  }).pipe(
    Effect.timeoutTo({ duration: patience, onSuccess: (yes) => yes, onTimeout: () => false })
  )

/** Nothing is sent, so the certificate does not matter. */
const speaksTls = ({ host, port }: Address): Effect.Effect<boolean> =>
  probe((found) => {
    const servername = Net.isIP(host) === 0 ? { servername: host } : {}
    const socket = Tls.connect({ host, port, rejectUnauthorized: false, ...servername })
    return socket.on("secureConnect", () => {
      found(true)
      socket.destroy()
    })
  })

/** Every Redis replies to an inline command, if only that it wants a password. */
const speaksPlain = ({ host, port }: Address): Effect.Effect<boolean> =>
  probe((found) => {
    const socket = Net.connect({ host, port }, () => socket.write("PING\r\n"))
    return socket.on("data", (bytes) => {
      found(bytes[0] === 0x2b || bytes[0] === 0x2d)
      socket.destroy()
    })
  })

/** What is wrong with the URL, if it is that the server speaks the other protocol. */
export const mismatch = (address: Address): Effect.Effect<string | undefined> =>
  address.tls
    ? Effect.map(speaksPlain(address), (yes) =>
      yes ? "this Redis does not use TLS; the URL must start with redis://" : undefined)
    : Effect.map(speaksTls(address), (yes) =>
      yes ? "this Redis uses TLS; the URL must start with rediss://" : undefined)
