import { assert, describe, it } from "@effect/vitest"
import { Encoding, Redacted } from "effect"
import { claims } from "../../../src/internal/source/claims.ts"

const jwt = (payload: string): string => `e30.${Encoding.encodeBase64Url(payload)}.c2ln`

const read = (token: string) => claims(Redacted.make(token))

const none = { audience: [] }

describe("the claims of a token", () => {
  it("are its issuer, subject, audience and times", () => {
    const payload = { iss: "https://issuer.example.com", sub: "repo:a/b", aud: "sts.aliyuncs.com", iat: 1, exp: 300.5 }
    assert.deepStrictEqual(read(jwt(JSON.stringify(payload))), {
      issuer: "https://issuer.example.com",
      subject: "repo:a/b",
      audience: ["sts.aliyuncs.com"],
      issuedAt: 1000,
      expiresAt: 300_500
    })
  })

  it("may have several audiences, and letters of any language", () => {
    const found = read(jwt(JSON.stringify({ sub: "部署", aud: ["a", 7, "b"] })))
    assert.deepStrictEqual([found.subject, found.audience], ["部署", ["a", "b"]])
  })

  const unreadable: ReadonlyArray<readonly [title: string, token: string]> = [
    ["text that is no JWT", "opaque"],
    ["nothing", ""],
    ["two parts", "e30.e30"],
    ["four parts", "e30.e30.e30.e30"],
    ["a payload that is not base64url", "e30.***.c2ln"],
    ["a payload that is not UTF-8", `e30.${Encoding.encodeBase64Url(new Uint8Array([0xff]))}.c2ln`],
    ["a payload that is not JSON", jwt("{")],
    ["a payload that is null", jwt("null")],
    ["a payload that is a list", jwt("[]")],
    ["a payload that is text", jwt("\"iss\"")],
    ["a token of 30 kB", jwt(JSON.stringify({ sub: "x".repeat(30_000) }))],
    ["dots alone", ".".repeat(100_000)]
  ]
  for (const [title, token] of unreadable) {
    it(`${title} has none`, () => assert.deepStrictEqual(read(token), none))
  }

  it("of other types, and times that no calendar has, are left out", () => {
    const odd = [{ iss: 1, sub: null, aud: {}, iat: "x", exp: -1 }, { iat: 1e300, exp: null }, { exp: {}, iat: [] }]
    for (const payload of odd) {
      const { audience, ...others } = read(jwt(JSON.stringify(payload)))
      assert.deepStrictEqual(audience, [])
      assert.deepStrictEqual(Object.values(others).filter((value) => value !== undefined), [])
    }
  })
})
