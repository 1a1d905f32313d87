/** RSA public keys in PEM, which the fake cloud verifies the requests of `RsaKeyPair` with. */
import * as WebCrypto from "@effect-alicloud/credentials/unstable/WebCrypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"

/** `null` when the text is not an RSA public key in SPKI PEM. */
export const importPublicKey = (pem: string): Effect.Effect<object | null> => {
  const base64 = pem.split("\n").filter((line) => !line.startsWith("-----")).join("").replace(/\s/g, "")
  return Either.match(Encoding.decodeBase64(base64), {
    onLeft: () => Effect.succeed(null),
    onRight: (der) => Effect.tryPromise(() => WebCrypto.importRsaPublicKey(der)).pipe(Effect.orElseSucceed(() => null))
  })
}

/** Whether `signature` (base64) is the RSA with SHA-256 signature of `text`. */
export const verifyRsaSha256 = Effect.fnUntraced(function*(pem: string, text: string, signature: string) {
  const key = yield* importPublicKey(pem)
  const bytes = Encoding.decodeBase64(signature)
  if (key === null || Either.isLeft(bytes)) return false
  return yield* Effect.promise(() => WebCrypto.verifyRsaSha256(key, bytes.right, WebCrypto.utf8(text)))
})
