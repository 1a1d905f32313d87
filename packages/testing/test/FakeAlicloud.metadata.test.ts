import type { Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { Call } from "../../../test/kit/sign.ts"
import { acs3, rpc } from "../../../test/kit/sign.ts"
import { accountId, alice, ask, askJson, at, roleArn, verdict } from "./utils/cloud.ts"

const imds = (method: string, path: string, headers: Request["headers"] = {}): Request => ({
  method,
  url: `http://100.100.100.200/latest/${path}`,
  headers,
  body: ""
})

const list = "meta-data/ram/security-credentials/"

const put = (ttl = "21600") => imds("PUT", "api/token", { "x-aliyun-ecs-metadata-token-ttl-seconds": ttl })

const withToken = (token: string) => ({ "x-aliyun-ecs-metadata-token": token })

const get = (url: string): Request => ({ method: "GET", url, headers: {}, body: "" })

const bearer = (token: string, type = "BEARERTOKEN"): Request => ({
  method: "POST",
  url: `https://ecs.aliyuncs.com/?SignatureType=${type}`,
  headers: {
    "x-acs-action": "DescribeRegions",
    "x-acs-version": "2014-05-26",
    "x-acs-date": "1970-01-01T00:00:00Z",
    "x-acs-bearer-token": token
  },
  body: ""
})

const statusAndBody = (request: Request) =>
  Effect.map(ask(request), (outcome) => outcome._tag === "Reply" ? `${outcome.status} ${outcome.body}` : outcome._tag)

const status = (request: Request) =>
  Effect.map(ask(request), (outcome) => outcome._tag === "Reply" ? outcome.status : outcome._tag)

describe("instance metadata", () => {
  const machine: WorldInput = { instance: { roleName: "EcsRole" } }

  it.effect("returns a token, the role's name and its session", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* statusAndBody(put()), "200 fake-imds-token-0001")
      const headers = withToken("fake-imds-token-0001")
      assert.strictEqual(yield* statusAndBody(imds("GET", list, headers)), "200 EcsRole")
      const { document } = yield* askJson(imds("GET", `${list}EcsRole`, headers))
      assert.deepStrictEqual(document, {
        Code: "Success",
        AccessKeyId: "STS.Fake0001",
        AccessKeySecret: "fake-secret-0001",
        SecurityToken: "fake-token-0001",
        Expiration: "1970-01-01T06:00:00Z",
        LastUpdated: "1970-01-01T00:00:00Z"
      })
    }).pipe(Effect.provide(layer(machine))))

  it.effect("answers without a token where version 1 is allowed", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* statusAndBody(imds("GET", list)), "200 EcsRole")
      assert.strictEqual((yield* askJson(imds("GET", `${list}EcsRole`))).status, 200)
    }).pipe(Effect.provide(layer(machine))))

  it.effect("wants a time to live from 1 to 21600 seconds, and ends the token then", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* status(imds("PUT", "api/token")), 400)
      for (const ttl of ["0", "21601", "-1", "1.5", "soon"]) assert.strictEqual(yield* status(put(ttl)), 400)
      assert.strictEqual(yield* statusAndBody(put("10")), "200 fake-imds-token-0001")
      const read = imds("GET", list, withToken("fake-imds-token-0001"))
      yield* TestClock.adjust("9 seconds")
      assert.strictEqual(yield* status(read), 200)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* status(read), 403)
    }).pipe(Effect.provide(layer(machine))))

  it.effect("rejects reads without a token, or with a wrong one, where version 1 is off", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* status(imds("GET", list)), 403)
      assert.strictEqual(yield* status(imds("GET", list, withToken("forged"))), 403)
      assert.strictEqual(yield* statusAndBody(put()), "200 fake-imds-token-0001")
      assert.strictEqual(yield* status(imds("GET", list, withToken("fake-imds-token-0001"))), 200)
    }).pipe(Effect.provide(layer({ instance: { roleName: "EcsRole", imdsV1: false } }))))

  it.effect("has no token service where version 2 is off", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* status(put()), 404)
      assert.strictEqual(yield* status(imds("GET", list)), 200)
    }).pipe(Effect.provide(layer({ instance: { roleName: "EcsRole", imdsV2: false } }))))

  it.effect("says no with a page: a wrong role, no role, another path", () =>
    Effect.gen(function*() {
      for (const path of [`${list}Other`, "meta-data/other"]) {
        assert.include(yield* statusAndBody(imds("GET", path)), "<title>404 - Not Found</title>")
      }
      assert.strictEqual(yield* status(imds("POST", list)), 405)
      yield* Effect.flatMap(FakeAlicloud, ({ setWorld }) => setWorld({ instance: {} }))
      assert.strictEqual(yield* status(imds("GET", list)), 404)
    }).pipe(Effect.provide(layer(machine))))

  it.effect("can end the role's name with a line feed", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* statusAndBody(imds("GET", list)), "200 EcsRole\n")
    }).pipe(Effect.provide(layer({ instance: { roleName: "EcsRole", trailingNewline: true } }))))

  it.effect("cannot be reached where there is no instance", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* status(put()), "Refused")
      const { count, listens } = yield* FakeAlicloud
      assert.isFalse(listens("http://100.100.100.200/"))
      assert.strictEqual(yield* count("imds.token"), 1)
    }).pipe(Effect.provide(layer())))

  it.effect("returns sessions of the declared role, which other roles can trust", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(imds("GET", `${list}EcsRole`))
      const key = {
        accessKeyId: at(document, "AccessKeyId"),
        accessKeySecret: at(document, "AccessKeySecret"),
        securityToken: at(document, "SecurityToken")
      }
      const parameters = { RoleArn: roleArn("next"), RoleSessionName: "hop" }
      assert.strictEqual(yield* verdict(rpc(key, { action: "AssumeRole", parameters })), "200")
      const identity = (yield* askJson(rpc(key, { action: "GetCallerIdentity" }))).document
      assert.match(at(identity, "Arn"), new RegExp(`^acs:ram::${accountId}:assumed-role/EcsRole/i-fake`))
    }).pipe(Effect.provide(layer({
      ...machine,
      roles: [{ arn: roleArn("EcsRole"), ecs: true }, { arn: roleArn("next"), trustedRoles: [roleArn("EcsRole")] }]
    }))))

  it.effect("scales the lifetime of sessions and shifts the cloud's clock", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(imds("GET", `${list}EcsRole`))
      assert.strictEqual(at(document, "Expiration"), "1970-01-01T00:02:09Z")
      const answer = yield* ask(imds("GET", list))
      assert.strictEqual(answer._tag === "Reply" && answer.headers["date"], "Thu, 01 Jan 1970 00:02:00 GMT")
    }).pipe(Effect.provide(layer({
      instance: { roleName: "EcsRole", sessionSeconds: 900 },
      sessionSecondsScale: 0.01,
      clockSkewSeconds: 120
    }))))
})

describe("credentials URI", () => {
  const uris: WorldInput = {
    credentialsUris: [
      { path: "/token?user=a%20b&x=1", roleArn: roleArn("uri"), sessionSeconds: 900 },
      { path: "/", host: "creds.internal" }
    ]
  }

  it.effect("answers with the five fields, for exactly the declared path and query", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(get("http://127.0.0.1:6666/token?user=a%20b&x=1"))
      assert.deepStrictEqual(document, {
        Code: "Success",
        AccessKeyId: "STS.Fake0001",
        AccessKeySecret: "fake-secret-0001",
        SecurityToken: "fake-token-0001",
        Expiration: "1970-01-01T00:15:00Z"
      })
      assert.strictEqual((yield* askJson(get("http://creds.internal"))).status, 200)
      for (const query of ["?user=a+b&x=1", "?x=1&user=a%20b", "?user=a%20b&x=1&y", ""]) {
        assert.strictEqual(yield* status(get(`http://localhost:1/token${query}`)), 404)
      }
      assert.strictEqual(yield* status({ ...get("http://creds.internal/"), method: "POST" }), 405)
    }).pipe(Effect.provide(layer(uris))))

  it.effect("does not exist on other hosts", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* status(get("https://undefined/")), "UnknownHost")
      assert.strictEqual(yield* status(get("http://127.0.0.1:6666/")), "Refused")
      const { count } = yield* FakeAlicloud
      assert.strictEqual(yield* count("unknown"), 2)
      assert.strictEqual(yield* count("uri"), 0)
    }).pipe(Effect.provide(layer())))
})

describe("ECS", () => {
  const call: Call = { action: "DescribeRegions", host: "ecs.cn-hangzhou.aliyuncs.com", version: "2014-05-26" }
  const world: WorldInput = { users: [alice], bearerTokens: [{ token: "bearer-token", name: "agent" }] }

  it.effect("lists regions for both kinds of signatures", () =>
    Effect.gen(function*() {
      for (const host of ["ecs.cn-hangzhou.aliyuncs.com", "ecs.aliyuncs.com", "ecs-cn-hangzhou.aliyuncs.com"]) {
        for (const sign of [rpc, acs3]) {
          const { document, status } = yield* askJson(sign(alice, { ...call, host }))
          assert.strictEqual(status, 200)
          assert.include(JSON.stringify(document), "\"RegionId\":\"cn-hangzhou\"")
        }
      }
    }).pipe(Effect.provide(layer(world))))

  it.effect("checks the caller, like STS does", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* verdict(acs3({ ...alice, accessKeySecret: "x" }, call)),
        "400 SignatureDoesNotMatch"
      )
      assert.strictEqual(
        yield* verdict(rpc({ ...alice, accessKeyId: "LTAI5tNobody" }, call)),
        "404 InvalidAccessKeyId.NotFound"
      )
      assert.strictEqual(yield* verdict(rpc(alice, { ...call, version: "2015-04-01" })), "400 InvalidVersion")
    }).pipe(Effect.provide(layer(world))))

  it.effect("takes declared bearer tokens, in headers or parameters", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verdict(bearer("bearer-token")), "200")
      assert.strictEqual(yield* verdict(bearer("forged")), "400 InvalidBearerToken")
      assert.strictEqual(yield* verdict(bearer("bearer-token", "OTHER")), "400 MissingParameter")
      const query = "Action=DescribeRegions&Version=2014-05-26&Timestamp=1970-01-01T00%3A00%3A00Z&Format=JSON" +
        "&BearerToken=bearer-token&SignatureType=BEARERTOKEN"
      const url = `https://ecs.aliyuncs.com/?${query}`
      assert.strictEqual(yield* verdict({ method: "GET", url, headers: {}, body: "" }), "200")
    }).pipe(Effect.provide(layer(world))))
})
