/** Hashes and signatures that the fake cloud verifies with, from WebCrypto. */
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"

/** The part of Web Crypto used here; it is global on every runtime. */
interface WebCrypto {
  readonly subtle: {
    readonly importKey: (
      format: "spki",
      data: Uint8Array,
      algorithm: { readonly name: string; readonly hash: string },
      extractable: boolean,
      usages: ReadonlyArray<"verify">
    ) => Promise<object>
    readonly verify: (algorithm: string, key: object, signature: Uint8Array, data: Uint8Array) => Promise<boolean>
  }
}

const { subtle } = (globalThis as unknown as { readonly crypto: WebCrypto }).crypto

const algorithm = "RSASSA-PKCS1-v1_5"

/** `null` when the text is not an RSA public key in SPKI PEM. */
export const importPublicKey = (pem: string): Effect.Effect<object | null> => {
  const base64 = pem.split("\n").filter((line) => !line.startsWith("-----")).join("").replace(/\s/g, "")
  return Either.match(Encoding.decodeBase64(base64), {
    onLeft: () => Effect.succeed(null),
    onRight: (der) =>
      Effect.tryPromise(() => subtle.importKey("spki", der, { name: algorithm, hash: "SHA-256" }, false, ["verify"]))
        .pipe(Effect.orElseSucceed(() => null))
  })
}

/** Whether `signature` (base64) is the RSA with SHA-256 signature of `text`. */
export const verifyRsaSha256: (pem: string, text: string, signature: string) => Effect.Effect<boolean> = Effect
  .fnUntraced(function*(pem, text, signature) {
    const key = yield* importPublicKey(pem)
    const bytes = Encoding.decodeBase64(signature)
    if (key === null || Either.isLeft(bytes)) return false
    return yield* Effect.promise(() => subtle.verify(algorithm, key, bytes.right, new TextEncoder().encode(text)))
  })
