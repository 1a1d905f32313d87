import { layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { Call } from "../../../test/kit/sign.ts"
import { acs3, rpc, rpcGet, rsa, unsigned } from "../../../test/kit/sign.ts"
import { accountId, alice, askJson, at, keyIn, keyPair, providerArn, roleArn, verdict } from "./utils/cloud.ts"
import { assume, otherProviderArn, whoami, world } from "./utils/stsWorld.ts"

const oidc = (more: Readonly<Record<string, string>> = {}): Call => ({
  action: "AssumeRoleWithOIDC",
  parameters: {
    RoleArn: roleArn("pod"),
    OIDCProviderArn: providerArn,
    OIDCToken: "oidc-token",
    RoleSessionName: "pod",
    ...more
  }
})

describe("AssumeRoleWithOIDC", () => {
  it.effect("returns a session for a token, in the form or in the query", () =>
    Effect.gen(function*() {
      const inForm = unsigned(oidc())
      const { document } = yield* askJson(inForm)
      assert.strictEqual(at(document, "Credentials", "AccessKeyId"), "STS.Fake0001")
      assert.strictEqual(at(document, "OIDCTokenInfo", "Subject"), "system:serviceaccount:default:app")
      assert.strictEqual(at(document, "Credentials", "Expiration"), "1970-01-01T01:00:00Z")
      assert.strictEqual(yield* verdict({ ...inForm, url: `${inForm.url}&${inForm.body}`, body: "" }), "200")
      assert.strictEqual(yield* verdict(rpc(keyIn(document), whoami)), "200")
    }).pipe(Effect.provide(layer(world))))

  const refused: ReadonlyArray<readonly [title: string, expected: string, call: Call]> = [
    ["an unknown token", "401 AuthenticationFail.OIDCToken.Invalid", oidc({ OIDCToken: "forged" })],
    ["a token with a line feed", "401 AuthenticationFail.OIDCToken.Invalid", oidc({ OIDCToken: "oidc-token\n" })],
    [
      "another audience",
      "401 AuthenticationFail.OIDCToken.AudienceNotMatch",
      oidc({ OIDCToken: "oidc-other-audience" })
    ],
    [
      "a role that does not trust the provider",
      "401 AuthenticationFail.NoPermission",
      oidc({ RoleArn: roleArn("open") })
    ],
    [
      "the token of another provider",
      "401 AuthenticationFail.NoPermission",
      oidc({ OIDCProviderArn: otherProviderArn })
    ],
    ["a malformed provider", "400 InvalidParameter.OIDCProviderArn", oidc({ OIDCProviderArn: "cluster" })],
    ["a missing role", "404 EntityNotExist.Role", oidc({ RoleArn: roleArn("absent") })],
    ["899 seconds", "400 InvalidParameter.DurationSeconds", oidc({ DurationSeconds: "899" })],
    ["no session name", "400 InvalidParameter.RoleSessionName", oidc({ RoleSessionName: "" })]
  ]

  for (const [title, expected, call] of refused) {
    it.effect(`rejects ${title}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* verdict(unsigned(call)), expected)
      }).pipe(Effect.provide(layer(world))))
  }

  it.effect("rejects a token from the moment it expires", () =>
    Effect.gen(function*() {
      const call = { ...oidc({ OIDCToken: "oidc-old" }), at: 600_000 }
      yield* TestClock.adjust("599 seconds")
      assert.strictEqual(yield* verdict(unsigned(call)), "200")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* verdict(unsigned(call)), "401 AuthenticationFail.OIDCToken.Expired")
    }).pipe(Effect.provide(layer(world))))
})

describe("GenerateSessionAccessKey", () => {
  const call: Call = { action: "GenerateSessionAccessKey", parameters: { DurationSeconds: "3600" } }

  it.effect("returns a pair without a token, which signs further requests until it ends", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(rsa("LTPubKey", keyPair.privateKey, call))
      assert.deepStrictEqual(document["SessionAccessKey"], {
        SessionAccessKeyId: "TMP.Fake0001",
        SessionAccessKeySecret: "fake-secret-0001",
        Expiration: "1970-01-01T01:00:00Z"
      })
      const key = { accessKeyId: "TMP.Fake0001", accessKeySecret: "fake-secret-0001" }
      assert.strictEqual(yield* verdict(rpc(key, whoami)), "200")
      yield* TestClock.adjust("1 hour")
      assert.strictEqual(yield* verdict(rpc(key, { ...whoami, at: 3_600_000 })), "400 InvalidSecurityToken.Expired")
    }).pipe(Effect.provide(layer(world))))

  it.effect("rejects other keys, methods, types, durations and replays", () =>
    Effect.gen(function*() {
      const ask = (change: Readonly<Record<string, string | undefined>>, key = keyPair.privateKey) =>
        verdict(rsa("LTPubKey", key, { ...call, change }))
      const hmac = { ...alice, accessKeyId: "LTPubKey", accessKeySecret: keyPair.privateKey }
      assert.strictEqual(yield* verdict(rsa("LTOther", keyPair.privateKey, call)), "404 InvalidAccessKeyId.NotFound")
      assert.strictEqual(yield* verdict(rpcGet(hmac, call)), "400 MissingParameter")
      assert.strictEqual(yield* ask({ SignatureMethod: "HMAC-SHA1" }), "400 InvalidSignatureMethod")
      assert.strictEqual(yield* ask({ SignatureType: "OTHER" }), "400 MissingParameter")
      assert.strictEqual(yield* ask({ DurationSeconds: "3601" }), "400 InvalidParameter.DurationSeconds")
      assert.strictEqual(yield* ask({ DurationSeconds: "899" }), "400 InvalidParameter.DurationSeconds")
      const signed = rsa("LTPubKey", keyPair.privateKey, call)
      const changed = { ...signed, url: signed.url.replace("DurationSeconds=3600", "DurationSeconds=900") }
      assert.strictEqual(yield* verdict(changed), "400 SignatureDoesNotMatch")
      assert.strictEqual(yield* verdict(signed), "200")
      assert.strictEqual(yield* verdict(signed), "400 SignatureNonceUsed")
    }).pipe(Effect.provide(layer(world))))
})

describe("GetCallerIdentity", () => {
  it.effect("knows users, accounts and sessions of roles", () =>
    Effect.gen(function*() {
      const user = (yield* askJson(acs3(alice, whoami))).document
      assert.strictEqual(at(user, "IdentityType"), "RAMUser")
      assert.strictEqual(at(user, "Arn"), `acs:ram::${accountId}:user/alice`)
      assert.strictEqual(at(user, "AccountId"), accountId)
      const account = (yield* askJson(rpc({ ...alice, accessKeyId: "LTAI5tRoot" }, whoami))).document
      assert.strictEqual(at(account, "IdentityType"), "Account")
      assert.strictEqual(at(account, "Arn"), `acs:ram::${accountId}:root`)
      const key = keyIn((yield* askJson(rpc(alice, assume("open")))).document)
      const role = (yield* askJson(rpc(key, whoami))).document
      assert.strictEqual(at(role, "IdentityType"), "AssumedRoleUser")
      assert.strictEqual(at(role, "Arn"), `acs:ram::${accountId}:assumed-role/open/test@session`)
      assert.strictEqual(at(role, "PrincipalId"), `${at(role, "RoleId")}:test@session`)
    }).pipe(Effect.provide(layer(world))))
})
