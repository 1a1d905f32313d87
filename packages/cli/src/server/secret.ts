/** Random secrets and their comparison, for the private server. */
import * as Redacted from "effect/Redacted"
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto"

/** 256 random bits, as a part of a path. */
export const random = (): Redacted.Redacted => Redacted.make(randomBytes(32).toString("base64url"))

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Compares with a secret in constant time. */
export const matches = (secret: Redacted.Redacted): (given: string) => boolean => {
  const expected = digest(Redacted.value(secret))
  return (given) => timingSafeEqual(digest(given), expected)
}

const endBytes = 6
const macBytes = 32

/** Tokens that hold the end of their life, epoch milliseconds, and prove by themselves that they were made here. */
export const makeTokens = (): {
  readonly issue: (end: number) => string
  readonly isValid: (token: string, now: number) => boolean
} => {
  const key = randomBytes(macBytes)
  const mac = (claim: Buffer): Buffer => createHmac("sha256", key).update(claim).digest()
  return {
    issue: (end) => {
      const claim = Buffer.alloc(endBytes)
      claim.writeUIntBE(end, 0, endBytes)
      const unique = Buffer.concat([claim, randomBytes(16)])
      return Buffer.concat([mac(unique), unique]).toString("base64url")
    },
    isValid: (token, now) => {
      const bytes = Buffer.from(token, "base64url")
      if (bytes.length !== macBytes + endBytes + 16) {
        return false
      }
      const claim = bytes.subarray(macBytes)
      return timingSafeEqual(bytes.subarray(0, macBytes), mac(claim)) && claim.readUIntBE(0, endBytes) > now
    }
  }
}
