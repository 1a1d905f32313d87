import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { renderLocation } from "@effect-alicloud/credentials/CredentialsError"
import * as RsaKeyPair from "@effect-alicloud/credentials/RsaKeyPair"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Option, Redacted, TestClock } from "effect"
import { createPrivateKey, generateKeyPairSync } from "node:crypto"
import { cloud, count, journal, keyPair, story } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { build, files, getOf, secretsOf, withEnv } from "../kit/world.ts"

const publicKeyId = "LTPubKey"

const inFile = (contents: Readonly<Record<string, string>>, more: Partial<RsaKeyPair.Config> = {}) =>
  Layer.provide(RsaKeyPair.layer({ publicKeyId, privateKeyFile: "/key.pem", ...more }), files(contents))

const inline = (pem: string) =>
  Layer.provide(RsaKeyPair.layer({ publicKeyId, privateKey: Redacted.make(pem) }), files({}))

const key = createPrivateKey(keyPair.privateKey)

const pkcs1 = key.export({ type: "pkcs1", format: "pem" }).toString()

const encrypted = key.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "s3cr3t" }).toString()

const elliptic = generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
  .export({ type: "pkcs8", format: "pem" })
  .toString()

describe("RsaKeyPair", () => {
  it.effect("returns a pair that ends and has no token; the service has verified the signature", () => {
    const { layer, requests } = cloud()
    return Effect.gen(function*() {
      const credentials = yield* getOf(inFile({ "/key.pem": keyPair.privateKey }))
      assert.strictEqual(credentials._tag, "AccessKey")
      assert.strictEqual(credentials.type, "rsa_key_pair")
      assert.strictEqual(credentials.providerName, "rsa_key_pair")
      assert.deepStrictEqual(secretsOf(credentials), ["TMP.Fake0001", "fake-secret-0001"])
      assert.deepStrictEqual(Credentials.expirationOf(credentials), Option.some(DateTime.unsafeMake(3_600_000)))
      assertNoLeak(credentials)
      assert.strictEqual(requests[0]?.method, "GET")
      assert.deepStrictEqual(yield* story, ["sts.GenerateSessionAccessKey 200"])
      assert.strictEqual((yield* journal)[0]?.accessKeyId, publicKeyId)
    }).pipe(Effect.provide(layer))
  })

  const forms: ReadonlyArray<readonly [title: string, pem: string]> = [
    ["with Windows line ends", keyPair.privateKey.replace(/\n/g, "\r\n")],
    ["with white space around it", `\n\n  ${keyPair.privateKey}\n\t`],
    ["on a single line", keyPair.privateKey.replace(/-----[^-]+-----/g, "").replace(/\n/g, "")],
    ["with a byte order mark", `\uFEFF${keyPair.privateKey}`]
  ]
  for (const [title, pem] of forms) {
    it.effect(`reads a key ${title}, from a file`, () =>
      getOf(inFile({ "/key.pem": pem })).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("takes the key itself instead of a file", () =>
    getOf(inline(keyPair.privateKey)).pipe(Effect.provide(cloud().layer)))

  it.effect("the lifetime reaches the service, which rejects what it does not allow", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      yield* getOf(inFile({ "/key.pem": keyPair.privateKey }, { roleSessionExpiration: 900 }))
      assert.strictEqual(parameter(0, "DurationSeconds"), "900")
      const error = yield* errorOf(getOf(inFile({ "/key.pem": keyPair.privateKey }, { roleSessionExpiration: 3601 })))
      assert.strictEqual(error._tag === "SourceFailed" && error.code, "InvalidParameter.DurationSeconds")
    }).pipe(Effect.provide(layer))
  })

  const unusable: ReadonlyArray<readonly [title: string, pem: string, issue: RegExp]> = [
    ["in PKCS#1 form", pkcs1, /PKCS#1 form.*openssl pkcs8/],
    ["that is encrypted", encrypted, /is encrypted/],
    ["of an elliptic curve", elliptic, /cannot be read as an RSA key/],
    ["that is public", keyPair.publicKey, /cannot be read as an RSA key/],
    ["that is cut off", keyPair.privateKey.slice(0, 400), /cannot be read as an RSA key/],
    ["that is no key", "s3cr3t", /cannot be read as an RSA key/],
    ["that is empty", " \n", /cannot be read as an RSA key|must be a non-empty string/]
  ]
  for (const [title, pem, issue] of unusable) {
    it.effect(`a key ${title} is a wrong configuration, said before anything is sent`, () =>
      Effect.gen(function*() {
        const file = yield* errorOf(getOf(inFile({ "/key.pem": pem })))
        const text = yield* errorOf(getOf(inline(pem)))
        for (const [error, location] of [[file, "/key.pem"], [text, "option"]] as const) {
          assert.strictEqual(error._tag, "InvalidConfig")
          assert.match(error.message, issue)
          assert.include(error._tag === "InvalidConfig" ? renderLocation(error.location) : "", location)
          assert.notInclude(error.message, pem.slice(40, 80).trim() || "\n")
        }
        assert.strictEqual(yield* count, 0)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("a file that cannot be read is a failure that names it", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(inFile({})))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "File")
      assert.include(error.message, "the private key file /key.pem: it does not exist")
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("the key is read again for each session", () => {
    const contents = { "/key.pem": pkcs1 }
    return Effect.gen(function*() {
      const provider = yield* build(inFile(contents))
      yield* errorOf(provider.get)
      contents["/key.pem"] = keyPair.privateKey
      yield* provider.get
      yield* TestClock.adjust("1 hour")
      assert.deepStrictEqual(secretsOf(yield* provider.get).slice(0, 1), ["TMP.Fake0002"])
    }).pipe(Effect.provide(cloud().layer))
  })

  it.effect("another key than the registered one is refused", () =>
    Effect.gen(function*() {
      const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey
        .export({ type: "pkcs8", format: "pem" })
        .toString()
      const error = yield* errorOf(getOf(inline(other)))
      assert.strictEqual(error._tag === "SourceFailed" && error.code, "SignatureDoesNotMatch")
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("calls the host of its region", () =>
    Effect.gen(function*() {
      yield* getOf(inline(keyPair.privateKey)).pipe(withEnv({ ALIBABA_CLOUD_STS_REGION: "ap-northeast-1" }))
      assert.strictEqual((yield* journal)[0]?.host, "sts.ap-northeast-1.aliyuncs.com")
    }).pipe(Effect.provide(cloud().layer)))
})
