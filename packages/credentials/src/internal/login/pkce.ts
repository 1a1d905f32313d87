/** The secrets of a login (RFC 7636), for `OAuthLogin` and `CloudSsoLogin`. */
import * as Effect from "effect/Effect"
import * as Encoding from "effect/Encoding"
import * as Redacted from "effect/Redacted"
import { Nonce } from "../../Platform.ts"
import { sha256, utf8 } from "../../unstable/WebCrypto.ts"

export interface Verifier {
  readonly verifier: Redacted.Redacted
  /** Its SHA-256 hash, which is no secret. */
  readonly challenge: string
}

const stateLength = 16

/** 16 lower-case letters and digits: 82 random bits. */
const word = (nonce: string): string => BigInt(`0x${nonce}`).toString(36).padStart(stateLength, "0").slice(-stateLength)

/** A text that ties an answer to its request. */
export const makeState: Effect.Effect<Redacted.Redacted> = Effect.flatMap(
  Nonce,
  (nonce) => Effect.map(nonce, (text) => Redacted.make(word(text)))
)

const withChallenge = (verifier: string): Effect.Effect<Verifier> =>
  Effect.map(Effect.promise(() => sha256(utf8(verifier))), (hash) => ({
    verifier: Redacted.make(verifier),
    challenge: Encoding.encodeBase64Url(hash)
  }))

const nonces = (count: number): Effect.Effect<ReadonlyArray<string>> =>
  Effect.flatMap(Nonce, (nonce) => Effect.replicateEffect(nonce, count))

/** 128 letters and digits, the longest that RFC 7636 allows. */
export const makeVerifier: Effect.Effect<Verifier> = Effect.flatMap(nonces(4), (texts) => withChallenge(texts.join("")))

/** 16 letters and digits followed by 32 hexadecimal ones, as the aliyun CLI sends them to CloudSSO. */
export const makeShortVerifier: Effect.Effect<Verifier> = Effect.flatMap(
  nonces(2),
  ([first = "", second = ""]) => withChallenge(`${word(first)}${second}`)
)

/** Compares two texts in a time that depends on their lengths only. */
export const isSameText = (one: string, other: string): boolean => {
  let difference = one.length ^ other.length
  for (let at = 0; at < one.length; at++) difference |= one.charCodeAt(at) ^ other.charCodeAt(at % (other.length || 1))
  return difference === 0
}
