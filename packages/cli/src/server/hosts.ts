/** Addresses: where this server is reached, and which of them a request may call it by. */
import * as Option from "effect/Option"
import type { IncomingMessage } from "node:http"
import { isIP } from "node:net"
import { networkInterfaces } from "node:os"

/** As it stands in a URL. */
export const inUrl = (host: string): string => isIP(host) === 6 ? `[${host}]` : host

/** The IPv4 form of an address that listens on IPv6 as well. */
export const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, "")

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

/** Where programs of this machine reach what listens on an address, or on every one. */
export const hereOf = (address: string): string =>
  address === "0.0.0.0" ? "127.0.0.1" : address === "::" ? "::1" : address

/** Addresses that other machines cannot put into a URL: those of IPv6 that need the name of an interface. */
const isLinkLocal = (address: string): boolean => /^fe[89ab]/i.test(address)

/** Where other machines reach what listens on every address, IPv4 first. The system may not tell the interfaces. */
export const othersOf = (
  address: string,
  interfaces: typeof networkInterfaces = networkInterfaces
): ReadonlyArray<string> => {
  if (address !== "0.0.0.0" && address !== "::") {
    return []
  }
  const all = Object.values(Option.getOrElse(Option.liftThrowable(interfaces)(), () => ({})))
    .flatMap((some) => some ?? [])
    .filter(({ address, internal }) => !internal && !isLinkLocal(address))
    .map(({ address }) => address)
  const of = (version: number) => all.filter((address) => isIP(address) === version)
  return address === "::" ? [...of(4), ...of(6)] : of(4)
}
