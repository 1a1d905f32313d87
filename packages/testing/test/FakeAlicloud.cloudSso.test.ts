import type { Request } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { rpc } from "../../../test/kit/sign.ts"
import { accountId, ask, askJson, at, roleArn, verdict } from "./utils/cloud.ts"
import { cloudSso, configuration, decision, loginWorld, ssoHost } from "./utils/logins.ts"

const granted = (): Request => cloudSso("sso-1", configuration("ac-1"))

describe("CloudSSO", () => {
  it.effect("answers an access token with the session of a granted access configuration", () =>
    Effect.gen(function*() {
      const { document, status } = yield* askJson(granted())
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(document, {
        CloudCredential: {
          AccessKeyId: "STS.Fake0001",
          AccessKeySecret: "fake-secret-0001",
          SecurityToken: "fake-token-0001",
          Expiration: "1970-01-01T01:00:00Z"
        },
        RequestId: "FA4E0000-0000-4000-8000-000000000001"
      })
    }).pipe(Effect.provide(layer(loginWorld))))

  const body = (text: string): Request => ({ ...granted(), body: text })
  const headers = (changes: Readonly<Record<string, string>>): Request => ({
    ...granted(),
    headers: { ...granted().headers, ...changes }
  })
  const refused: ReadonlyArray<readonly [title: string, expected: string, request: Request]> = [
    ["no token", "401 MissingAccessToken", headers({ authorization: "" })],
    ["another scheme", "401 MissingAccessToken", headers({ authorization: "Basic sso-1" })],
    ["an unknown token", "401 InvalidAccessToken", cloudSso("sso-x", configuration("ac-1"))],
    ["no body", "400 MissingBody", body("")],
    ["a body that is not JSON", "400 InvalidBody", body("AccountId=1")],
    ["a body that is no object", "400 InvalidBody", body("null")],
    ["a body that does not say that it is JSON", "415 UnsupportedMediaType", headers({ "content-type": "text/plain" })],
    ["no account", "400 MissingParameter", cloudSso("sso-1", { AccessConfigurationId: "ac-1" })],
    ["no access configuration", "400 MissingParameter", cloudSso("sso-1", { AccountId: accountId })],
    [
      "an account that is a number",
      "400 MissingParameter",
      cloudSso("sso-1", { ...configuration("ac-1"), AccountId: 1 })
    ],
    ["another access configuration", "403 NoPermission", cloudSso("sso-1", configuration("ac-2"))],
    ["another account", "403 NoPermission", cloudSso("sso-1", configuration("ac-1", "1"))],
    ["what another login may", "403 NoPermission", cloudSso("sso-2", configuration("ac-1"))],
    ["another method", "405 MethodNotAllowed", { ...granted(), method: "GET" }],
    ["another path", "404 NotFound", { ...granted(), url: `https://${ssoHost}/start/login` }]
  ]

  for (const [title, expected, request] of refused) {
    it.effect(`rejects ${title}`, () =>
      Effect.gen(function*() {
        const { document } = yield* askJson(request)
        assert.sameMembers(Object.keys(document), ["ErrorCode", "ErrorMessage", "RequestId"])
        assert.strictEqual(yield* decision(request), expected)
        assert.notInclude(JSON.stringify(document), "sso-")
        const { issued } = yield* FakeAlicloud
        assert.strictEqual(yield* issued, 0)
      }).pipe(Effect.provide(layer(loginWorld))))
  }

  it.effect("rejects an access token from the moment it ends", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("3599 seconds")
      assert.strictEqual(yield* decision(cloudSso("sso-2", configuration("ac-2"))), "200")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* decision(cloudSso("sso-2", configuration("ac-2"))), "401 ExpiredAccessToken")
      assert.strictEqual(yield* decision(granted()), "200")
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("returns sessions of the role of the access configuration", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(granted())
      const key = {
        accessKeyId: at(document, "CloudCredential", "AccessKeyId"),
        accessKeySecret: at(document, "CloudCredential", "AccessKeySecret"),
        securityToken: at(document, "CloudCredential", "SecurityToken")
      }
      const identity = (yield* askJson(rpc(key, { action: "GetCallerIdentity" }))).document
      assert.strictEqual(at(identity, "IdentityType"), "AssumedRoleUser")
      assert.strictEqual(at(identity, "Arn"), `acs:ram::${accountId}:assumed-role/AliyunReservedSSO-ac-1/carol`)
      const assume = (name: string) =>
        verdict(rpc(key, { action: "AssumeRole", parameters: { RoleArn: roleArn(name), RoleSessionName: "me" } }))
      assert.strictEqual(yield* assume("next"), "200")
      assert.strictEqual(yield* assume("open"), "403 NoPermission")
    }).pipe(Effect.provide(layer({
      ...loginWorld,
      roles: [{ arn: roleArn("open") }, { arn: roleArn("next"), trustedRoles: [roleArn("AliyunReservedSSO-ac-1")] }]
    }))))

  it.effect("lives at the declared hosts only, with their logins", () =>
    Effect.gen(function*() {
      const at = (host: string) => cloudSso("sso-1", configuration("ac-1"), host)
      assert.strictEqual(yield* decision(at("signin.example.com:8443")), "200")
      assert.strictEqual(yield* decision(at("127.0.0.1:9000")), "401 InvalidAccessToken")
      for (const host of ["signin.example.com", "signin-eu-west-1.alibabacloudsso.com"]) {
        assert.strictEqual((yield* ask(at(host)))._tag, "UnknownHost")
      }
      const { listens } = yield* FakeAlicloud
      assert.isTrue(listens("https://signin.example.com:8443/"))
      assert.isFalse(listens("https://signin.example.com/"))
    }).pipe(Effect.provide(layer({
      cloudSsoSites: [
        {
          host: "signin.example.com:8443",
          logins: [{ accessToken: "sso-1", grants: [{ accessConfigurationId: "ac-1", sessionSeconds: 900 }] }]
        },
        { host: "127.0.0.1:9000" }
      ]
    }))))
})
