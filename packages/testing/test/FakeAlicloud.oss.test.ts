import type { Request } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { Key } from "../../../test/kit/sign.ts"
import { rpc } from "../../../test/kit/sign.ts"
import { alice, ask, askJson, bob, keyIn } from "./utils/cloud.ts"
import type { OssCall } from "./utils/signOss.ts"
import { ossHeader, ossHeaderV4, ossUrl, ossUrlV4 } from "./utils/signOss.ts"
import { assume, world } from "./utils/stsWorld.ts"

const signers: ReadonlyArray<readonly [name: string, sign: (key: Key, call: OssCall) => Request, url: boolean]> = [
  ["a header, version 1", ossHeader, false],
  ["a URL, version 1", ossUrl, true],
  ["a header, version 4", ossHeaderV4, false],
  ["a URL, version 4", ossUrlV4, true]
]

const get: OssCall = { method: "GET", object: "report.txt" }

const put: OssCall = { method: "PUT", object: "report.txt", body: "profit" }

const verdict = (request: Request) =>
  Effect.map(ask(request), (outcome) =>
    outcome._tag !== "Reply"
      ? outcome._tag
      : outcome.status < 300
      ? `${outcome.status} ${outcome.body}`.trim()
      : `${outcome.status} ${/<Code>(.*)<\/Code>/.exec(outcome.body)?.[1]}`)

const session = Effect.map(askJson(rpc(alice, assume("open"))), ({ document }) => keyIn(document))

describe("OSS", () => {
  for (const [name, sign, isUrl] of signers) {
    it.effect(`accepts a pair and a session that signed ${name}`, () =>
      Effect.gen(function*() {
        for (const key of [alice, yield* session]) {
          assert.strictEqual(yield* verdict(sign(key, put)), "200")
          assert.strictEqual(yield* verdict(sign(key, get)), "200 profit")
          assert.strictEqual(yield* verdict(sign(key, { ...get, method: "DELETE" })), "204")
          assert.strictEqual(yield* verdict(sign(key, get)), "404 NoSuchKey")
        }
      }).pipe(Effect.provide(layer(world))))

    it.effect(`rejects parts that do not belong together in ${name}`, () =>
      Effect.gen(function*() {
        const own = yield* session
        const other = yield* Effect.map(
          askJson(rpc(alice, assume("open", {}, { nonce: "2" }))),
          ({ document }) => keyIn(document)
        )
        const withToken = { ...alice, securityToken: own.securityToken }
        const withoutToken = { accessKeyId: own.accessKeyId, accessKeySecret: own.accessKeySecret }
        const mixed: ReadonlyArray<readonly [expected: string, request: Request]> = [
          ["403 SignatureDoesNotMatch", sign({ ...alice, accessKeySecret: bob.accessKeySecret }, get)],
          ["403 SignatureDoesNotMatch", sign({ ...own, accessKeySecret: other.accessKeySecret }, get)],
          ["403 InvalidSecurityToken", sign({ ...own, securityToken: other.securityToken }, get)],
          ["403 InvalidSecurityToken", sign(own, { ...get, token: "forged" })],
          ["403 InvalidAccessKeyId", sign(withToken, get)],
          ["403 InvalidAccessKeyId", sign(withoutToken, get)],
          ["403 InvalidAccessKeyId", sign({ ...alice, accessKeyId: "LTAI5tNobody" }, get)],
          ["403 InvalidAccessKeyId", sign({ ...alice, accessKeyId: "LTAI5tFormer" }, get)],
          ["403 SignatureDoesNotMatch", { ...sign(alice, get), method: "PUT" }]
        ]
        for (const [expected, request] of mixed) assert.strictEqual(yield* verdict(request), expected)
      }).pipe(Effect.provide(layer(world))))

    it.effect(`rejects a session that has ended in ${name}`, () =>
      Effect.gen(function*() {
        const own = yield* session
        yield* TestClock.adjust("15 minutes")
        assert.strictEqual(yield* verdict(sign(own, { ...get, at: 900_000 })), "403 SecurityTokenExpired")
      }).pipe(Effect.provide(layer(world))))

    it.effect(`rejects a time that is over in ${name}`, () =>
      Effect.gen(function*() {
        const request = sign(alice, get)
        yield* TestClock.adjust(isUrl ? "10 minutes" : "16 minutes")
        assert.strictEqual(yield* verdict(request), isUrl ? "403 AccessDenied" : "403 RequestTimeTooSkewed")
      }).pipe(Effect.provide(layer(world))))
  }

  it.effect("rejects requests without a signature, and methods that it does not know", () =>
    Effect.gen(function*() {
      const { headers: { authorization: _, ...headers }, ...request } = ossHeader(alice, get)
      assert.strictEqual(yield* verdict({ ...request, headers }), "403 AccessDenied")
      assert.strictEqual(yield* verdict(ossHeader(alice, { ...get, method: "PATCH" })), "405 MethodNotAllowed")
    }).pipe(Effect.provide(layer(world))))

  it.effect("writes requests down with the AccessKey ID, and has faults", () =>
    Effect.gen(function*() {
      const cloud = yield* FakeAlicloud
      yield* cloud.setFaults([{ endpoint: "oss", kind: "throttle", times: 1 }])
      assert.strictEqual(yield* verdict(ossHeader(alice, put)), "503 Throttling.User")
      assert.strictEqual(yield* verdict(ossUrlV4(alice, put)), "200")
      assert.deepStrictEqual(
        (yield* cloud.journal).map(({ accessKeyId, endpoint, status }) => [endpoint, accessKeyId, status]),
        [["oss", alice.accessKeyId, 503], ["oss", alice.accessKeyId, 200]]
      )
    }).pipe(Effect.provide(layer(world))))

  it.effect("does not break on a name that cannot be decoded", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verdict(ossHeader(alice, { ...get, object: "100%" })), "404 NoSuchKey")
    }).pipe(Effect.provide(layer(world))))
})
