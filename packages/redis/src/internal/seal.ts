/**
 * Encrypts what is stored: AES-256-GCM with a key that HKDF-SHA256 derives from the secret. The entry's key is
 * authenticated with it, so that a value that is copied under another key cannot be decrypted. Used by `store.ts`.
 *
 * A sealed value is a version byte, 12 bytes of nonce, 16 bytes of tag, and the encrypted text.
 */
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Crypto from "node:crypto"

const version = 1

const algorithm = "aes-256-gcm"

const nonceLength = 12

const textStart = 1 + nonceLength + 16

/** Seals with the first secret, opens with any. */
export interface Seal {
  readonly seal: (key: string, text: string) => Buffer
  /** `None` for whatever was not sealed under this key with one of the secrets. */
  readonly open: (key: string, sealed: Buffer) => Option.Option<string>
}

const derive = (secret: Redacted.Redacted): Crypto.KeyObject =>
  Crypto.createSecretKey(
    new Uint8Array(
      Crypto.hkdfSync("sha256", Redacted.value(secret).trim(), "", "@effect-alicloud/redis session store 1", 32)
    )
  )

/** What is authenticated but not encrypted. */
const boundTo = (key: string): Buffer => Buffer.from(`${version} ${key}`)

const openWith = (secret: Crypto.KeyObject, key: string, sealed: Buffer): string => {
  const decipher = Crypto.createDecipheriv(algorithm, secret, sealed.subarray(1, 1 + nonceLength), {
    authTagLength: textStart - 1 - nonceLength
  })
  decipher.setAAD(boundTo(key))
  decipher.setAuthTag(sealed.subarray(1 + nonceLength, textStart))
  return Buffer.concat([decipher.update(sealed.subarray(textStart)), decipher.final()]).toString("utf8")
}

const tryOpen = Option.liftThrowable(openWith)

export const make = (secrets: readonly [Redacted.Redacted, ...ReadonlyArray<Redacted.Redacted>]): Seal => {
  const [first, ...others] = secrets
  const newest = derive(first)
  const all = [newest, ...others.map(derive)]
  return {
    seal: (key, text) => {
      const nonce = Crypto.randomBytes(nonceLength)
      const cipher = Crypto.createCipheriv(algorithm, newest, nonce)
      cipher.setAAD(boundTo(key))
      const encrypted = Buffer.concat([cipher.update(text, "utf8"), cipher.final()])
      return Buffer.concat([Buffer.of(version), nonce, cipher.getAuthTag(), encrypted])
    },
    open: (key, sealed) =>
      sealed[0] === version && sealed.length > textStart
        ? Option.firstSomeOf(all.map((secret) => tryOpen(secret, key, sealed)))
        : Option.none()
  }
}
