import { assert, describe, it } from "@effect/vitest"
import { isKeyFile } from "../../src/unstable/CliConfigProfile.ts"

describe("the private key of a profile", () => {
  const paths = [
    "/etc/keys/rsa",
    "./rsa",
    "../keys/rsa",
    "..\\keys\\rsa.pem",
    "~/.aliyun/keys/rsa",
    "C:\\keys\\rsa",
    "C:/keys/rsa",
    "\\\\server\\share\\rsa",
    "rsa.pem",
    "RSA.PEM",
    "my key.pem",
    "keys/rsa.pem",
    "keys/id_rsa",
    ".ssh/id_rsa",
    "keys/2024-01/alicloud.p8",
    "密钥/rsa"
  ]
  it.each(paths)("is a path: %s", (text) => {
    assert.isTrue(isKeyFile(text))
  })

  const base64 = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ/D+x".repeat(30)
  const keys = [
    `-----BEGIN PRIVATE KEY-----\n${base64}\n-----END PRIVATE KEY-----`,
    `-----BEGIN PRIVATE KEY-----${base64}-----END PRIVATE KEY-----`,
    `${base64}\n-----END PRIVATE KEY-----`,
    `${base64} -----END PRIVATE KEY-----`,
    base64,
    base64.slice(0, 64),
    `${base64.slice(0, 64)} ${base64.slice(0, 60)}==`,
    "{\"kty\":\"RSA\",\"d\":\"a/b-c\"}",
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_",
    "s3cr3t-of-the-first-profile"
  ]
  it.each(keys)("is the key itself: %s", (text) => {
    assert.isFalse(isKeyFile(text))
  })
})
