/**
 * The signatures of Alibaba Cloud APIs, over Web Crypto: RPC version 1 (HMAC-SHA1 and RSA with SHA-256) and
 * ACS3-HMAC-SHA256. Nothing is sent and no parameter or header is added here.
 *
 * @module
 * @since 0.1.0
 */
import * as Arr from "effect/Array"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Order from "effect/Order"
import * as Redacted from "effect/Redacted"
import { hex, hmac, rsaSha256, sha256, utf8 } from "./unstable/WebCrypto.ts"

const loneSurrogate = /\p{Surrogate}/gu

/**
 * Percent-encodes text as UTF-8 after RFC 3986: everything except `A-Z a-z 0-9 - _ . ~`, in upper-case hex. A lone
 * surrogate is encoded as U+FFFD, which is what UTF-8 encoders send for it.
 *
 * @since 0.1.0
 * @category encoding
 */
export const percentEncode = (text: string): string =>
  encodeURIComponent(text.replace(loneSurrogate, "\uFFFD"))
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const byteOrder: Order.Order<Uint8Array> = Order.make((self, that) => {
  const length = Math.min(self.length, that.length)
  for (let i = 0; i < length; i++) {
    const order = Order.number(self[i]!, that[i]!)
    if (order !== 0) return order
  }
  return Order.number(self.length, that.length)
})

const byBytes = Order.mapInput(byteOrder, (entry: { readonly bytes: Uint8Array }) => entry.bytes)

/** Sorts by UTF-8 bytes, which is not the order of UTF-16 strings. */
const sortByUtf8 = <A>(items: Iterable<A>, text: (item: A) => string): Array<A> => {
  const entries = Array.from(items, (item) => ({ item, bytes: utf8(text(item)) }))
  return Arr.sort(entries, byBytes).map((entry) => entry.item)
}

const canonicalQuery = (parameters: Iterable<readonly [name: string, value: string]>): string =>
  sortByUtf8(parameters, ([name]) => name)
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join("&")

/**
 * What an RPC signature covers.
 *
 * @since 0.1.0
 * @category models
 */
export interface RpcRequest {
  /** The HTTP method that is used. */
  readonly method: string
  /** All parameters of query and form, not encoded. A parameter named `Signature` is left out of the signature. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * The text that RPC signatures sign. It contains the security token when the parameters do.
 *
 * @since 0.1.0
 * @category signing
 */
export const rpcStringToSign = (request: RpcRequest): string => {
  const signed = Object.entries(request.parameters).filter(([name]) => name !== "Signature")
  return `${request.method.toUpperCase()}&%2F&${percentEncode(canonicalQuery(signed))}`
}

/**
 * Signs an RPC request whose `SignatureMethod` is `HMAC-SHA1`. The result is the `Signature` parameter: base64, not
 * yet percent-encoded.
 *
 * @example
 * ```ts
 * import { Signature } from "@effect-alicloud/credentials"
 * import { Redacted } from "effect"
 *
 * const signature = Signature.rpcHmacSha1({
 *   method: "POST",
 *   parameters: { Action: "GetCallerIdentity", Version: "2015-04-01", SignatureMethod: "HMAC-SHA1" },
 *   accessKeySecret: Redacted.make("secret")
 * })
 * ```
 *
 * @since 0.1.0
 * @category signing
 */
export const rpcHmacSha1 = (
  request: RpcRequest & { readonly accessKeySecret: Redacted.Redacted }
): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() =>
      hmac("SHA-1", utf8(`${Redacted.value(request.accessKeySecret)}&`), utf8(rpcStringToSign(request)))
    ),
    Encoding.encodeBase64
  )

/**
 * What is wrong with a private key.
 *
 * - `Pkcs1`: an RSA key in the older PKCS#1 form
 * - `Encrypted`: protected by a passphrase
 * - `NotRsaPkcs8`: anything else
 *
 * @since 0.1.0
 * @category models
 */
export type PrivateKeyIssue = "Pkcs1" | "Encrypted" | "NotRsaPkcs8"

const findings: Readonly<Record<PrivateKeyIssue, string>> = {
  Pkcs1: "is in PKCS#1 form (BEGIN RSA PRIVATE KEY)",
  Encrypted: "is encrypted",
  NotRsaPkcs8: "cannot be read as an RSA key in PKCS#8 form"
}

/**
 * The private key cannot sign. Nothing of the key is in this error.
 *
 * @since 0.1.0
 * @category errors
 */
export class UnusablePrivateKey extends Data.TaggedError("UnusablePrivateKey")<{ readonly reason: PrivateKeyIssue }> {
  override get message(): string {
    return [
      `The private key ${findings[this.reason]}.`,
      "It must be an RSA key in unencrypted PKCS#8 PEM (BEGIN PRIVATE KEY).",
      "An RSA key of another form is converted by: openssl pkcs8 -topk8 -nocrypt -in key.pem -out key.pkcs8.pem"
    ].join(" ")
  }
}

const issueOfLabel = (label: string): PrivateKeyIssue =>
  label === "RSA PRIVATE KEY" ? "Pkcs1" : label === "ENCRYPTED PRIVATE KEY" ? "Encrypted" : "NotRsaPkcs8"

/** Like the official Go client: lines that start with `----` are dropped, the rest is the key in base64. */
const decodePkcs8 = (pem: string): Either.Either<Uint8Array, UnusablePrivateKey> => {
  const label = /-----BEGIN ([^-\r\n]*)-----/.exec(pem)?.[1] ?? "PRIVATE KEY"
  if (label !== "PRIVATE KEY") return Either.left(new UnusablePrivateKey({ reason: issueOfLabel(label) }))
  const base64 = pem.split(/[\r\n]/).map((line) => line.trim()).filter((line) => !line.startsWith("----")).join("")
  return Either.mapLeft(
    Encoding.decodeBase64(base64.replace(/\s/g, "")),
    () => new UnusablePrivateKey({ reason: "NotRsaPkcs8" })
  )
}

/**
 * Signs an RPC request whose `SignatureMethod` is `SHA256withRSA` and whose `SignatureType` is `PRIVATEKEY`. The
 * result is the `Signature` parameter: base64, not yet percent-encoded.
 *
 * `privateKey` is an RSA key in unencrypted PKCS#8 PEM; line endings and white space do not matter, and the
 * `BEGIN`/`END` lines may be missing. Anything else is `UnusablePrivateKey`.
 *
 * @since 0.1.0
 * @category signing
 */
export const rpcRsaSha256 = (
  request: RpcRequest & { readonly privateKey: Redacted.Redacted }
): Effect.Effect<string, UnusablePrivateKey> =>
  Effect.suspend(() => decodePkcs8(Redacted.value(request.privateKey))).pipe(
    Effect.flatMap((key) =>
      Effect.tryPromise({
        try: () => rsaSha256(key, utf8(rpcStringToSign(request))),
        catch: () => new UnusablePrivateKey({ reason: "NotRsaPkcs8" })
      })
    ),
    Effect.map(Encoding.encodeBase64)
  )

/**
 * The SHA-256 of a request's body in lower-case hex, as sent in `x-acs-content-sha256`. Text is hashed as UTF-8.
 *
 * @since 0.1.0
 * @category signing
 */
export const contentSha256 = (body: string | Uint8Array): Effect.Effect<string> =>
  Effect.map(Effect.promise(() => sha256(typeof body === "string" ? utf8(body) : body)), hex)

/**
 * A request as it will be sent, and the key that signs it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Acs3Request {
  readonly method: string
  /** The path as in the URL, that is percent-encoded; `/` for RPC style APIs. */
  readonly path: string
  /** The query parameters, not encoded. */
  readonly query: Readonly<Record<string, string>>
  /**
   * The headers that are sent, `x-acs-content-sha256` and, with a session, `x-acs-security-token` included. Names may
   * have any case. `host`, `content-type` and `x-acs-*` are signed, the others are not.
   */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
  /** The body as sent; empty when there is none. */
  readonly body: string | Uint8Array
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
}

/**
 * A signature and how it came about. `canonicalRequest` contains the security token when the headers do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Acs3Signature {
  readonly canonicalRequest: string
  readonly stringToSign: string
  /** Lower-case hex. */
  readonly signature: string
  /** Lower-case names, sorted and joined with `;`. */
  readonly signedHeaders: string
  /** The value of the `Authorization` header. */
  readonly authorization: string
}

const canonicalPath = (path: string): string =>
  path === "" ? "/" : path.replace(/\+/g, "%20").replace(/\*/g, "%2A").replace(/%7E/g, "~")

const isSigned = (name: string): boolean => name.startsWith("x-acs-") || name === "host" || name === "content-type"

const canonicalHeaders = (headers: Acs3Request["headers"]): Array<readonly [name: string, value: string]> => {
  const values = new Map<string, Array<string>>()
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase()
    if (isSigned(name)) values.set(name, [...(values.get(name) ?? []), ...Arr.ensure(value)])
  }
  return sortByUtf8(values, ([name]) => name).map(([name, all]) =>
    [name, sortByUtf8(all.map((value) => value.trim()), (value) => value).join(",")] as const
  )
}

const algorithm = "ACS3-HMAC-SHA256"

/**
 * Signs a request with `ACS3-HMAC-SHA256`.
 *
 * @since 0.1.0
 * @category signing
 */
export const acs3HmacSha256 = (request: Acs3Request): Effect.Effect<Acs3Signature> =>
  Effect.gen(function*() {
    const headers = canonicalHeaders(request.headers)
    const signedHeaders = headers.map(([name]) => name).join(";")
    const canonicalRequest = [
      request.method.toUpperCase(),
      canonicalPath(request.path),
      canonicalQuery(Object.entries(request.query)),
      ...headers.map(([name, value]) => `${name}:${value}`),
      "",
      signedHeaders,
      yield* contentSha256(request.body)
    ].join("\n")
    const stringToSign = `${algorithm}\n${yield* contentSha256(canonicalRequest)}`
    const signature = hex(
      yield* Effect.promise(() => hmac("SHA-256", utf8(Redacted.value(request.accessKeySecret)), utf8(stringToSign)))
    )
    return {
      canonicalRequest,
      stringToSign,
      signature,
      signedHeaders,
      authorization:
        `${algorithm} Credential=${request.accessKeyId},SignedHeaders=${signedHeaders},Signature=${signature}`
    }
  })
