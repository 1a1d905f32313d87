/**
 * Hashes, MACs and RSA signatures from Web Crypto, as bytes. Used by `Signature`, and by the fake cloud of
 * `@effect-alicloud/testing`, which verifies them.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */

/** The part of Web Crypto used here. It is global on Node.js, Bun, Deno, edge runtimes and browsers. */
interface WebCrypto {
  readonly getRandomValues: (array: Uint8Array) => Uint8Array
  readonly subtle: {
    readonly digest: (algorithm: string, data: Uint8Array) => Promise<ArrayBuffer>
    readonly importKey: (
      format: "raw" | "pkcs8" | "spki",
      data: Uint8Array,
      algorithm: { readonly name: string; readonly hash: string },
      extractable: boolean,
      usages: ReadonlyArray<"sign" | "verify">
    ) => Promise<object>
    readonly sign: (algorithm: string, key: object, data: Uint8Array) => Promise<ArrayBuffer>
    readonly verify: (algorithm: string, key: object, signature: Uint8Array, data: Uint8Array) => Promise<boolean>
  }
}

interface Globals {
  readonly crypto: WebCrypto
  readonly TextEncoder: new() => { readonly encode: (text: string) => Uint8Array }
  readonly TextDecoder: new(
    encoding: "utf-8",
    options: { readonly fatal: true; readonly ignoreBOM: true }
  ) => { readonly decode: (bytes: Uint8Array) => string }
}

const globals = globalThis as unknown as Globals

/** Asked for at the first use: on Node.js it takes a while to load. */
const subtle = (): WebCrypto["subtle"] => globals.crypto.subtle

const encoder = new globals.TextEncoder()

/**
 * The bytes of a text in UTF-8.
 *
 * @since 0.1.0
 * @category encoding
 */
export const utf8 = (text: string): Uint8Array => encoder.encode(text)

const decoder = new globals.TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/**
 * The text of these bytes with its byte order mark, such that `utf8` gives the same bytes; none if they are not UTF-8.
 *
 * @since 0.1.0
 * @category encoding
 */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Bytes as lower-case hexadecimal digits.
 *
 * @since 0.1.0
 * @category encoding
 */
export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/**
 * Random bytes as hexadecimal digits.
 *
 * @since 0.1.0
 * @category random
 */
export const randomHex = (bytes: number): string => hex(globals.crypto.getRandomValues(new Uint8Array(bytes)))

/**
 * The SHA-256 hash.
 *
 * @since 0.1.0
 * @category signatures
 */
export const sha256 = async (data: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await subtle().digest("SHA-256", data))

/**
 * The HMAC. Web Crypto refuses an empty key; HMAC pads keys with zeros, so one zero byte is the same key.
 *
 * @since 0.1.0
 * @category signatures
 */
export const hmac = async (hash: "SHA-1" | "SHA-256", key: Uint8Array, data: Uint8Array): Promise<Uint8Array> => {
  const material = key.length === 0 ? new Uint8Array(1) : key
  const imported = await subtle().importKey("raw", material, { name: "HMAC", hash }, false, ["sign"])
  return new Uint8Array(await subtle().sign("HMAC", imported, data))
}

const rsa = "RSASSA-PKCS1-v1_5"

const importRsa = (format: "pkcs8" | "spki", key: Uint8Array, usage: "sign" | "verify"): Promise<object> =>
  subtle().importKey(format, key, { name: rsa, hash: "SHA-256" }, false, [usage])

/**
 * RSASSA-PKCS1-v1_5 with SHA-256; rejects when `pkcs8` is not the DER of an RSA private key.
 *
 * @since 0.1.0
 * @category signatures
 */
export const rsaSha256 = async (pkcs8: Uint8Array, data: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await subtle().sign(rsa, await importRsa("pkcs8", pkcs8, "sign"), data))

/**
 * Imports an RSA public key to verify with; rejects when `spki` is not the DER of one.
 *
 * @since 0.1.0
 * @category signatures
 */
export const importRsaPublicKey = (spki: Uint8Array): Promise<object> => importRsa("spki", spki, "verify")

/**
 * Whether a signature is the one that `rsaSha256` makes with the private key that belongs to a public one.
 *
 * @since 0.1.0
 * @category signatures
 */
export const verifyRsaSha256 = (publicKey: object, signature: Uint8Array, data: Uint8Array): Promise<boolean> =>
  subtle().verify(rsa, publicKey, signature, data)
