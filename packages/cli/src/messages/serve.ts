/** Texts of `serve`, and of the server that `exec` uses too. */
import { paint } from "../internal/screen.ts"

export const resolving = "Getting credentials…"

export const failed = "Credentials are unavailable; see the server's log."

export const cannotAnswer = (status: number): string => `Answered ${status}: credentials are unavailable`

/** Why requests are refused, for the log. */
export const refusals = {
  host: "it has no Host header, or more than one",
  target: "it asks for something that is no path",
  body: "it has a body",
  method: "this path does not take this method",
  token: "the token in the path is wrong",
  noToken: "there is no token in the path, and no right one in the Authorization header",
  noMetadata: "this server is no metadata service; start it with --imds",
  path: "there is no such path",
  name: "its Host is not a name of this machine",
  forwarded: "it comes from a web page or through a proxy",
  metadataToken: "its metadata token is wrong or has expired",
  lifetime: "the lifetime of a metadata token is 1 to 21600 seconds",
  expectation: "its Expect header asks for something unknown",
  http: "it is not valid HTTP",
  tls: "it is HTTPS; this server speaks http:// only",
  headers: "its headers are too long",
  late: "it did not arrive in time",
  circle: "this server made it itself, to get what it serves",
  connections: "there are too many connections",
  internal: "internal error"
}

export const refused = (refusal: {
  readonly what: string
  readonly client: string
  readonly host: string | undefined
  readonly reason: string
}): string =>
  `Refused ${refusal.what} from ${refusal.client}${
    refusal.host === undefined ? "" : `, Host ${refusal.host}`
  }: ${refusal.reason}`

export const moreRefused = (until: string): string => `More requests are refused; the next is logged after ${until}`

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: "another program uses this port",
  EACCES: "this port is not permitted",
  EADDRNOTAVAIL: "this machine does not have this address",
  ENOTFOUND: "there is no such host",
  EAI_AGAIN: "the host's name cannot be resolved now"
}

export const cannotListen = (host: string, port: number, code = "unknown"): string =>
  `Cannot listen on ${host}${port === 0 ? "" : `, port ${port}`}: ${reasons[code] ?? "the system refuses"} (${code}).`

export const badToken = "--token must be 16 to 512 letters, digits, - or _."

export const imdsOnLoopback = "--imds needs a loopback address; remove --host."

const isEvery = (address: string): boolean => address === "0.0.0.0" || address === "::"

export const everybody = (address: string): string =>
  `${paint("yellow", "warning:")} ${
    isEvery(address) ? `${address} is every address of this machine` : `${address} is not a loopback address`
  }: anyone who can reach it and knows the token gets the credentials, unencrypted.`

/** Addresses are on lines of their own and never wrapped, so that they can be copied. */
export const announcement = ({ address, imds, others, port, uri }: {
  readonly uri: string
  readonly others: ReadonlyArray<string>
  readonly address: string
  readonly port: number
  readonly imds: { readonly at: string; readonly roleName: string } | undefined
}): string =>
  [
    ...(isEvery(address)
      ? [
        [paint("gray", "listening on"), `every address (${address}), port ${port}`],
        [paint("gray", "credentials URI on this machine"), uri],
        ...(others.length === 0 ? [] : [[paint("gray", "from other machines"), ...others]])
      ]
      : [[paint("gray", "credentials URI"), uri]]),
    [paint("gray", "set in a shell"), `export ALIBABA_CLOUD_CREDENTIALS_URI=${uri}`],
    ...(imds === undefined
      ? []
      : [[paint("gray", "metadata service"), `${imds.at}/latest/`], [paint("gray", "its role"), imds.roleName]]),
    [paint("gray", "Press Ctrl-C to stop.")]
  ].map((lines) => lines.join("\n")).join("\n\n")
