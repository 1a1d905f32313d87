/** Signs and verifies the JSON Web Tokens of the fake cloud: RS256, with a key that is made once in each run. */
import * as WebCrypto from "@effect-alicloud/credentials/unstable/WebCrypto"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Encoding from "effect/Encoding"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { parseJson } from "./http.ts"

interface KeyPair {
  readonly privateKey: object
  readonly publicKey: object
}

interface Subtle {
  readonly generateKey: (
    algorithm: { name: string; hash: string; modulusLength: number; publicExponent: Uint8Array },
    extractable: boolean,
    usages: ReadonlyArray<"sign" | "verify">
  ) => Promise<KeyPair>
  readonly sign: (algorithm: string, key: object, data: Uint8Array) => Promise<ArrayBuffer>
}

const name = "RSASSA-PKCS1-v1_5"

const subtle = (): Subtle => (globalThis as unknown as { readonly crypto: { readonly subtle: Subtle } }).crypto.subtle

let made: Promise<KeyPair> | undefined

const keyPair = Effect.promise(() =>
  made ??= subtle().generateKey(
    { name, hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) },
    false,
    ["sign", "verify"]
  )
)

const header = Encoding.encodeBase64Url(JSON.stringify({ alg: "RS256", typ: "JWT", kid: "fake" }))

/** A token with these claims. */
export const sign: (claims: object) => Effect.Effect<string> = Effect.fnUntraced(function*(claims) {
  const { privateKey } = yield* keyPair
  const content = `${header}.${Encoding.encodeBase64Url(JSON.stringify(claims))}`
  const signature = yield* Effect.promise(() => subtle().sign(name, privateKey, WebCrypto.utf8(content)))
  return `${content}.${Encoding.encodeBase64Url(new Uint8Array(signature))}`
})

const objectIn = (part: string | undefined): Option.Option<Readonly<Record<string, unknown>>> =>
  Either.getRight(Encoding.decodeBase64UrlString(part ?? "")).pipe(
    Option.flatMap(parseJson),
    Option.filter(Predicate.isReadonlyRecord)
  )

/** What is wrong with a token, or its claims. */
export const verify: (
  token: string
) => Effect.Effect<Readonly<Record<string, unknown>>, "Invalid" | "InvalidSignature"> = Effect.fnUntraced(
  function*(token) {
    const parts = token.split(".")
    const [first, second, third] = parts
    const claims = objectIn(second)
    const signature = Encoding.decodeBase64Url(third ?? "")
    if (
      parts.length !== 3 || Option.isNone(claims) || Either.isLeft(signature) ||
      !Option.exists(objectIn(first), ({ alg }) => alg === "RS256")
    ) {
      return yield* Effect.fail("Invalid" as const)
    }
    const { publicKey } = yield* keyPair
    const isSigned = yield* Effect.promise(() =>
      WebCrypto.verifyRsaSha256(publicKey, signature.right, WebCrypto.utf8(`${first}.${second}`))
    )
    return isSigned ? claims.value : yield* Effect.fail("InvalidSignature" as const)
  }
)
