/** Addresses, and which of them a request may call this server by. */
import type { IncomingMessage } from "node:http"
import { isIP } from "node:net"

/** As it stands in a URL. */
export const inUrl = (host: string): string => isIP(host) === 6 ? `[${host}]` : host

/** The IPv4 form of an address that listens on IPv6 as well. */
const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "")

/**
 * Whether a request calls this server by a name of its own. A web page that points its own domain at this machine
 * cannot keep that domain out of the `Host` header. Not every client sends the port with it.
 */
export const isOwnName = ({ headers, socket }: IncomingMessage, host: string): boolean => {
  const given = headers.host?.toLowerCase() ?? ""
  const { localAddress = "", localPort } = socket
  const names = [host.toLowerCase(), "localhost", "127.0.0.1", "::1", unmapped(localAddress)]
  return names.some((name) => given === inUrl(name) || given === `${inUrl(name)}:${localPort}`)
}
