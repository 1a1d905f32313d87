/** What `serve` says, and the server that it shares with `exec`. */
import { paint } from "../internal/screen.ts"

export const resolving = "Asking for credentials"

export const failed = "The credentials could not be had. The standard error of the server says why."

export const cannotAnswer = "A client was answered with 503, because the credentials cannot be had"

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses this port",
  EACCES: "this port is not permitted",
  EADDRNOTAVAIL: "this machine does not have this address",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name cannot be resolved now"
}

export const cannotListen = (host: string, port: number, code = "unknown"): string =>
  `Cannot listen on ${host}, port ${port}: ${reasons[code] ?? "the system refuses"} (${code}).`

export const badToken = "--token must be 16 to 512 letters, digits, - or _."

export const badPort = "--port must be between 0 and 65535."

export const imdsOnLoopback =
  "--imds serves to whoever can connect, so it goes with a loopback address only; leave out --host."

export const everybody = (address: string): string =>
  `${
    paint("yellow", "warning")
  }  ${address} is not a loopback address: whoever reaches this machine and knows the token gets the credentials, unencrypted.`

/** Addresses are on lines of their own and never wrapped, so that they can be copied. */
export const announcement = (
  uri: string,
  imds: { readonly at: string; readonly roleName: string } | undefined
): string =>
  [
    [paint("gray", "credentials URI"), uri],
    [paint("gray", "set in a shell"), `export ALIBABA_CLOUD_CREDENTIALS_URI=${uri}`],
    ...(imds === undefined
      ? []
      : [[`${paint("gray", "metadata service, role")} ${imds.roleName}`, `${imds.at}/latest/`]]),
    [paint("gray", "Press Ctrl-C to stop.")]
  ].map((lines) => lines.join("\n")).join("\n\n")
