/** Texts of `serve`, and of the server that `exec` uses too. */
import { paint } from "../internal/screen.ts"

export const resolving = "Getting credentials…"

export const failed = "Credentials are unavailable; see the server's log."

export const cannotAnswer = (status: number): string => `Answered ${status}: credentials are unavailable`

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

export const imdsOnLoopback = "--imds needs a loopback address; remove --host."

export const everybody = (address: string): string =>
  `${
    paint("yellow", "warning")
  }  ${address} is not a loopback address: anyone who can reach this machine and knows the token gets the credentials, unencrypted.`

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
