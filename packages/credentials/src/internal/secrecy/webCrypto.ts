/** The part of Web Crypto used here. It is global on Node.js, Bun, Deno, edge runtimes and browsers. */
interface WebCrypto {
  readonly getRandomValues: (array: Uint8Array) => Uint8Array
  readonly subtle: {
    readonly digest: (algorithm: string, data: Uint8Array) => Promise<ArrayBuffer>
    readonly importKey: (
      format: "raw" | "pkcs8",
      data: Uint8Array,
      algorithm: { readonly name: string; readonly hash: string },
      extractable: boolean,
      usages: ReadonlyArray<"sign">
    ) => Promise<object>
    readonly sign: (algorithm: string, key: object, data: Uint8Array) => Promise<ArrayBuffer>
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

export const utf8 = (text: string): Uint8Array => encoder.encode(text)

const decoder = new globals.TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The text of these bytes with its byte order mark, such that `utf8` gives the same bytes; none if they are not UTF-8. */
export const decodeUtf8 = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

export const randomHex = (bytes: number): string => hex(globals.crypto.getRandomValues(new Uint8Array(bytes)))

export const sha256 = async (data: Uint8Array): Promise<Uint8Array> =>
  new Uint8Array(await subtle().digest("SHA-256", data))

/** Web Crypto refuses an empty key; HMAC pads keys with zeros, so one zero byte is the same key. */
export const hmac = async (hash: "SHA-1" | "SHA-256", key: Uint8Array, data: Uint8Array): Promise<Uint8Array> => {
  const material = key.length === 0 ? new Uint8Array(1) : key
  const imported = await subtle().importKey("raw", material, { name: "HMAC", hash }, false, ["sign"])
  return new Uint8Array(await subtle().sign("HMAC", imported, data))
}

/** RSASSA-PKCS1-v1_5 with SHA-256; rejects when `pkcs8` is not the DER of an RSA private key. */
export const rsaSha256 = async (pkcs8: Uint8Array, data: Uint8Array): Promise<Uint8Array> => {
  const algorithm = "RSASSA-PKCS1-v1_5"
  const imported = await subtle().importKey("pkcs8", pkcs8, { name: algorithm, hash: "SHA-256" }, false, ["sign"])
  return new Uint8Array(await subtle().sign(algorithm, imported, data))
}
