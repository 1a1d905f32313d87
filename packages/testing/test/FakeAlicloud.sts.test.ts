import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { Call } from "../../../test/kit/sign.ts"
import { acs3, rpc, rpcGet, stringToSign } from "../../../test/kit/sign.ts"
import { alice, ask, askJson, at, bob, keyIn, roleArn, verdict } from "./utils/cloud.ts"
import { assume, whoami, world } from "./utils/stsWorld.ts"

describe("AssumeRole", () => {
  it.effect("returns a session for a POST with query and form, a GET, and ACS3", () =>
    Effect.gen(function*() {
      const first = yield* askJson(rpc(alice, assume("open")))
      assert.strictEqual(first.status, 200)
      assert.deepStrictEqual(first.document["Credentials"], {
        AccessKeyId: "STS.Fake0001",
        AccessKeySecret: "fake-secret-0001",
        SecurityToken: "fake-token-0001",
        Expiration: "1970-01-01T00:15:00Z"
      })
      assert.strictEqual(at(first.document, "AssumedRoleUser", "Arn"), `${roleArn("open")}/test@session`)
      const second = yield* askJson(rpcGet(alice, assume("open")))
      assert.strictEqual(at(second.document, "Credentials", "AccessKeyId"), "STS.Fake0002")
      const third = yield* askJson(
        acs3(alice, assume("open", {}, { headers: { "x-acs-credentials-provider": "env" } }))
      )
      assert.strictEqual(at(third.document, "Credentials", "AccessKeyId"), "STS.Fake0003")
      assert.strictEqual(yield* Effect.flatMap(FakeAlicloud, ({ issued }) => issued), 3)
    }).pipe(Effect.provide(layer(world))))

  it.effect("understands parameters that must be percent-encoded", () =>
    Effect.gen(function*() {
      const policy =
        "{\"Version\":\"1\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"oss:Get*\"],\"Resource\":\"a b+c/~ü\"}]}"
      for (const sign of [rpc, rpcGet, acs3]) {
        assert.strictEqual(yield* verdict(sign(alice, assume("open", { Policy: policy }))), "200")
      }
    }).pipe(Effect.provide(layer(world))))

  it.effect("answers at regional, VPC and declared hosts", () =>
    Effect.gen(function*() {
      for (
        const host of ["sts.cn-hangzhou.aliyuncs.com", "sts-vpc.eu-west-1.aliyuncs.com", "127.0.0.1:8080", "sts.local"]
      ) {
        for (const sign of [rpc, acs3]) {
          assert.strictEqual(yield* verdict(sign(alice, assume("open", {}, { host }))), "200")
        }
      }
    }).pipe(Effect.provide(layer({ ...world, stsHosts: ["127.0.0.1:8080", "sts.local"] }))))

  const refused: ReadonlyArray<readonly [title: string, expected: string, call: Call, key?: typeof alice]> = [
    ["an unknown AccessKey", "404 InvalidAccessKeyId.NotFound", assume("open"), {
      ...alice,
      accessKeyId: "LTAI5tNobody"
    }],
    ["a disabled AccessKey", "403 InvalidAccessKeyId.Inactive", assume("open"), {
      ...alice,
      accessKeyId: "LTAI5tFormer"
    }],
    ["a wrong secret", "400 SignatureDoesNotMatch", assume("open"), { ...alice, accessKeySecret: "wrong" }],
    ["an unknown action", "404 InvalidAction.NotFound", { action: "DescribeRegions" }],
    ["another API version", "400 InvalidVersion", assume("open", {}, { version: "2014-05-26" })],
    ["a time 16 minutes behind", "400 InvalidTimeStamp.Expired", assume("open", {}, { at: -960_000 })],
    ["a time 16 minutes ahead", "400 InvalidTimeStamp.Expired", assume("open", {}, { at: 960_000 })],
    ["a malformed RoleArn", "400 InvalidParameter.RoleArn", assume("open", { RoleArn: "role/open" })],
    ["a missing role", "404 EntityNotExist.Role", assume("absent")],
    [
      "a session name of one character",
      "400 InvalidParameter.RoleSessionName",
      assume("open", { RoleSessionName: "x" })
    ],
    ["a session name with a space", "400 InvalidParameter.RoleSessionName", assume("open", { RoleSessionName: "a b" })],
    ["899 seconds", "400 InvalidParameter.DurationSeconds", assume("open", { DurationSeconds: "899" })],
    [
      "more than the role's maximum",
      "400 InvalidParameter.DurationSeconds",
      assume("open", { DurationSeconds: "3601" })
    ],
    ["a fraction of a second", "400 InvalidParameter.DurationSeconds", assume("open", { DurationSeconds: "900.5" })],
    ["a policy that is not JSON", "400 InvalidParameter.PolicyGrammar", assume("open", { Policy: "{" })],
    ["a policy of 2049 characters", "400 InvalidParameter.PolicySize", assume("open", { Policy: "x".repeat(2049) })],
    ["a malformed ExternalId", "400 InvalidParameter.ExternalId", assume("partner", { ExternalId: "no spaces" })],
    ["no ExternalId where one is needed", "403 NoPermission", assume("partner")],
    ["another ExternalId", "403 NoPermission", assume("partner", { ExternalId: "ticket-2" })],
    ["a user whom the role does not trust", "403 NoPermission", assume("bobs")],
    ["a user where the role trusts roles only", "403 NoPermission", assume("next")],
    ["the account itself", "403 NoPermission", assume("world"), { ...alice, accessKeyId: "LTAI5tRoot" }],
    ["a user without sts:AssumeRole", "403 NoPermission", assume("world"), { ...alice, accessKeyId: "LTAI5tClerk" }],
    ["a user of another account", "403 NoPermission", assume("open"), { ...alice, accessKeyId: "LTAI5tStranger" }]
  ]

  for (const [title, expected, call, key = alice] of refused) {
    it.effect(`rejects ${title}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* verdict(rpc(key, call)), expected)
        assert.strictEqual(yield* verdict(acs3(key, call)), expected)
        assert.strictEqual(yield* Effect.flatMap(FakeAlicloud, ({ issued }) => issued), 0)
      }).pipe(Effect.provide(layer(world))))
  }

  const incomplete: ReadonlyArray<readonly [change: Readonly<Record<string, string | undefined>>, expected: string]> = [
    [{ Timestamp: undefined }, "400 MissingParameter"],
    [{ Timestamp: "1970-01-01T00:00:00.000Z" }, "400 InvalidTimeStamp.Format"],
    [{ Timestamp: "1970-13-41T00:00:00Z" }, "400 InvalidTimeStamp.Format"],
    [{ Action: undefined }, "400 MissingParameter"],
    [{ Version: undefined }, "400 MissingParameter"],
    [{ AccessKeyId: undefined }, "400 MissingParameter"],
    [{ SignatureNonce: undefined }, "400 MissingParameter"],
    [{ Signature: "" }, "400 MissingParameter"],
    [{ SignatureMethod: "HMAC-SHA256" }, "400 InvalidSignatureMethod"],
    [{ SignatureVersion: "2.0" }, "400 InvalidSignatureMethod"],
    [{ SecurityToken: "token" }, "400 InvalidSecurityToken.Malformed"]
  ]

  for (const [change, expected] of incomplete) {
    it.effect(`rejects a request with ${JSON.stringify(change)}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* verdict(rpc(alice, assume("open", {}, { change }))), expected)
      }).pipe(Effect.provide(layer(world))))
  }

  it.effect("accepts who and what the role allows", () =>
    Effect.gen(function*() {
      const stranger = { ...alice, accessKeyId: "LTAI5tStranger" }
      assert.strictEqual(yield* verdict(rpc(bob, assume("bobs"))), "200")
      assert.strictEqual(yield* verdict(rpc(bob, assume("bobs-key"))), "200")
      assert.strictEqual(yield* verdict(rpc(stranger, assume("world"))), "200")
      assert.strictEqual(yield* verdict(rpc(alice, assume("partner", { ExternalId: "ticket-1" }))), "200")
      assert.strictEqual(yield* verdict(rpc(alice, assume("long", { DurationSeconds: "7200" }))), "200")
      assert.strictEqual(yield* verdict(rpc(alice, assume("open", {}, { at: 900_000 }))), "200")
    }).pipe(Effect.provide(layer(world))))

  it.effect("shows its own string to sign when the signature does not match", () =>
    Effect.gen(function*() {
      const request = rpc({ ...alice, accessKeySecret: "wrong" }, whoami)
      const { document } = yield* askJson(request)
      const sent = Object.fromEntries(new URL(request.url).searchParams)
      const expected = stringToSign("POST", { ...sent, Signature: undefined })
      assert.isTrue(at(document, "Message").endsWith(`server string to sign is:${expected}`))
    }).pipe(Effect.provide(layer(world))))

  it.effect("rejects a request that was changed after it was signed", () =>
    Effect.gen(function*() {
      const signed = rpc(alice, assume("open"))
      const body = signed.body.replace("DurationSeconds=900", "DurationSeconds=3600")
      assert.strictEqual(yield* verdict({ ...signed, body }), "400 SignatureDoesNotMatch")
      const acs = acs3(alice, assume("open"))
      assert.strictEqual(yield* verdict({ ...acs, body }), "400 SignatureDoesNotMatch")
      const headers = { ...acs.headers, "x-acs-credentials-provider": "env" }
      assert.strictEqual(yield* verdict({ ...acs, headers }), "400 SignatureDoesNotMatch")
      assert.strictEqual(yield* verdict({ ...acs, url: `${acs.url}?RoleArn=x` }), "400 SignatureDoesNotMatch")
      assert.strictEqual(yield* verdict({ ...signed, method: "GET" }), "400 SignatureDoesNotMatch")
    }).pipe(Effect.provide(layer(world))))

  it.effect("does not accept a nonce twice, but a failed request does not use it up", () =>
    Effect.gen(function*() {
      const nonce = "n"
      assert.strictEqual(
        yield* verdict(rpc({ ...alice, accessKeySecret: "wrong" }, { ...whoami, nonce })),
        "400 SignatureDoesNotMatch"
      )
      assert.strictEqual(yield* verdict(rpc(alice, { ...whoami, nonce })), "200")
      assert.strictEqual(yield* verdict(rpc(alice, { ...whoami, nonce })), "400 SignatureNonceUsed")
      assert.strictEqual(yield* verdict(acs3(alice, { ...whoami, nonce })), "400 SignatureNonceUsed")
      assert.strictEqual(yield* verdict(rpc(bob, { ...whoami, nonce })), "200")
    }).pipe(Effect.provide(layer(world))))

  it.effect("needs the token that belongs to a session, until the session ends", () =>
    Effect.gen(function*() {
      const key = keyIn((yield* askJson(rpc(alice, assume("open")))).document)
      for (const sign of [rpc, acs3]) {
        assert.strictEqual(yield* verdict(sign(key, whoami)), "200")
        assert.strictEqual(
          yield* verdict(sign({ ...key, securityToken: undefined }, whoami)),
          "400 MissingSecurityToken"
        )
        assert.strictEqual(
          yield* verdict(sign({ ...key, securityToken: "fake-token-0002" }, whoami)),
          "400 InvalidSecurityToken.Malformed"
        )
      }
      yield* TestClock.adjust("899 seconds")
      assert.strictEqual(yield* verdict(rpc(key, { ...whoami, at: 899_000 })), "200")
      yield* TestClock.adjust("1 second")
      for (const sign of [rpc, acs3]) {
        assert.strictEqual(yield* verdict(sign(key, { ...whoami, at: 900_000 })), "400 InvalidSecurityToken.Expired")
      }
    }).pipe(Effect.provide(layer(world))))

  it.effect("lets the session of a role assume the roles that trust it, and no others", () =>
    Effect.gen(function*() {
      const key = keyIn((yield* askJson(rpc(alice, assume("open")))).document)
      assert.strictEqual(yield* verdict(rpc(key, assume("next"))), "200")
      assert.strictEqual(yield* verdict(rpc(key, assume("world"))), "403 NoPermission")
    }).pipe(Effect.provide(layer(world))))

  it.effect("answers in XML unless JSON is requested", () =>
    Effect.gen(function*() {
      const format = { change: { Format: undefined } }
      const failed = yield* ask(rpc(alice, assume("absent", {}, format)))
      assert.isTrue(failed._tag === "Reply" && failed.status === 404)
      assert.isTrue(failed._tag === "Reply" && failed.body.includes("<Error><RequestId>"))
      assert.isTrue(failed._tag === "Reply" && failed.body.includes("<Code>EntityNotExist.Role</Code>"))
      const worked = yield* ask(rpc(alice, assume("open", {}, format)))
      assert.isTrue(worked._tag === "Reply" && worked.body.includes("<AccessKeyId>STS.Fake0001</AccessKeyId>"))
    }).pipe(Effect.provide(layer(world))))

  it.effect("says request id, host, code and where to read on", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(rpc(alice, assume("absent")))
      assert.deepStrictEqual(Object.keys(document), ["RequestId", "HostId", "Code", "Message", "Recommend"])
      assert.strictEqual(at(document, "HostId"), "sts.aliyuncs.com")
      assert.include(at(document, "Recommend"), `requestId=${at(document, "RequestId")}`)
    }).pipe(Effect.provide(layer(world))))
})
