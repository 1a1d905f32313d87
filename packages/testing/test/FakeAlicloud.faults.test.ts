import type { Fault, Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, TestClock } from "effect"
import { rpc } from "../../../test/kit/sign.ts"
import { alice, ask, at, roleArn, verdict } from "./utils/cloud.ts"

const world: WorldInput = {
  users: [alice],
  roles: [{ arn: roleArn("open") }],
  instance: { roleName: "EcsRole" },
  credentialsUris: [{ path: "/uri" }]
}

const whoami = () => rpc(alice, { action: "GetCallerIdentity" })

const assume = () =>
  rpc(alice, { action: "AssumeRole", parameters: { RoleArn: roleArn("open"), RoleSessionName: "test" } })

const get = (url: string): Request => ({ method: "GET", url, headers: {}, body: "" })

const roleUrl = "http://100.100.100.200/latest/meta-data/ram/security-credentials/EcsRole"

const uri = "http://localhost:6666/uri"

const setFaults = (...faults: ReadonlyArray<Fault>) => Effect.flatMap(FakeAlicloud, (cloud) => cloud.setFaults(faults))

const send = (request: Request) =>
  Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const response = yield* client.execute(
      HttpClientRequest.make(request.method as "GET")(request.url).pipe(
        HttpClientRequest.setHeaders(request.headers),
        request.body === ""
          ? (self) => self
          : HttpClientRequest.bodyText(request.body, request.headers["content-type"] ?? "text/plain")
      )
    )
    return { status: response.status, headers: response.headers, body: yield* response.text }
  }).pipe(Effect.scoped)

const field = (body: string, ...path: ReadonlyArray<string>) => at(JSON.parse(body), ...path)

describe("in-memory client", () => {
  it.effect("answers what the model answers", () =>
    Effect.gen(function*() {
      const { body, headers, status } = yield* send(assume())
      assert.strictEqual(status, 200)
      assert.strictEqual(headers["content-type"], "application/json; charset=utf-8")
      assert.strictEqual(headers["date"], "Thu, 01 Jan 1970 00:00:00 GMT")
      assert.strictEqual(field(body, "Credentials", "AccessKeyId"), "STS.Fake0001")
    }).pipe(Effect.provide(layer(world))))

  it.effect("fails for other hosts and without a listener, as a network does", () =>
    Effect.gen(function*() {
      for (const [url, code] of [["https://undefined/", "ENOTFOUND"], ["http://100.100.100.200/", "ECONNREFUSED"]]) {
        const error = yield* Effect.flip(send(get(url!)))
        assert.strictEqual(error._tag, "RequestError")
        assert.strictEqual(error.reason, "Transport")
        assert.propertyVal(error.cause, "code", code)
      }
    }).pipe(Effect.provide(layer())))

  it.effect("waits for ever on a hanging endpoint and can be interrupted", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "hang" }, { endpoint: "imds", kind: "stall" })
      for (const request of [whoami(), get(roleUrl)]) {
        const fiber = yield* Effect.fork(Effect.timeout(send(request), "1 hour"))
        yield* TestClock.adjust("59 minutes")
        assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
        yield* TestClock.adjust("1 minute")
        assert.isTrue(Exit.isFailure(yield* Fiber.await(fiber)))
        const other = yield* Effect.fork(send(get(roleUrl)))
        yield* Effect.yieldNow()
        assert.isTrue(Exit.isInterrupted(yield* Fiber.interrupt(other)))
      }
    }).pipe(Effect.provide(layer(world))))

  it.effect("fails in the middle of a truncated body", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "imds", kind: "truncate" })
      const error = yield* Effect.flip(send(get(roleUrl)))
      assert.strictEqual(error._tag, "ResponseError")
    }).pipe(Effect.provide(layer(world))))

  it.effect("fails with the code of its cause when a connection is refused or closed", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "refuse", times: 1 }, { endpoint: "sts", kind: "disconnect", after: 1 })
      for (const code of ["ECONNREFUSED", "ECONNRESET"]) {
        const error = yield* Effect.flip(send(whoami()))
        assert.propertyVal(error.cause, "code", code)
      }
    }).pipe(Effect.provide(layer(world))))
})

describe("faults", () => {
  const kinds: ReadonlyArray<readonly [fault: Fault, request: () => Request, status: number, body: string | RegExp]> = [
    [{ endpoint: "sts", kind: "status", status: 503 }, whoami, 503, ""],
    [
      { endpoint: "uri", kind: "status", status: 500, body: "oops", contentType: "text/x" },
      () => get(uri),
      500,
      "oops"
    ],
    [{ endpoint: "uri", kind: "status", status: 204 }, () => get(uri), 204, ""],
    [{ endpoint: "sts", kind: "error", status: 500, code: "InternalError" }, whoami, 500, /"Code":"InternalError"/],
    [
      { endpoint: "uri", kind: "error", status: 400, code: "Nope", message: "no" },
      () => get(uri),
      400,
      /"Code":"Nope","Message":"no"/
    ],
    [{ endpoint: "sts", kind: "throttle" }, whoami, 400, /"Code":"Throttling.User"/],
    [{ endpoint: "sts", kind: "throttle", status: 503, code: "Throttling" }, whoami, 503, /"Code":"Throttling"/],
    [{ endpoint: "imds", kind: "throttle" }, () => get(roleUrl), 429, /<title>429 - Too Many Requests<\/title>/],
    [{ endpoint: "imds", kind: "malformed" }, () => get(roleUrl), 200, /^\{"AccessKeySecret": fake-secret-malformed$/],
    [{ endpoint: "imds", kind: "malformed", body: "s3cr3t" }, () => get(roleUrl), 200, "s3cr3t"],
    [{ endpoint: "sts", kind: "html404" }, whoami, 404, /<title>404 - Not Found<\/title>/],
    [{ endpoint: "uri", kind: "redirect", location: "http://evil.example/" }, () => get(uri), 302, ""],
    [{ endpoint: "imds", kind: "expired" }, () => get(roleUrl), 200, /"Expiration":"1969-12-31T23:59:00Z"/],
    [{ endpoint: "sts", kind: "expiresInSeconds", seconds: 7 }, assume, 200, /"Expiration":"1970-01-01T00:00:07Z"/],
    [{ endpoint: "sts", kind: "dropField", field: "SecurityToken" }, assume, 200, /"fake-secret-0001","Expiration"/],
    [{ endpoint: "uri", kind: "setField", field: "Code", value: "Failed" }, () => get(uri), 200, /"Code":"Failed"/],
    [{ endpoint: "sts", kind: "setField", field: "Expiration", value: 7 }, assume, 200, /"Expiration":7/],
    [{ endpoint: "sts", kind: "setField", field: "Extra", value: [1] }, assume, 200, /"Extra":\[1\]/],
    [{ endpoint: "uri", kind: "huge", bytes: 9000 }, () => get(uri), 200, /"AccessKeyId".*"Padding":"x{9000}"/],
    [
      { endpoint: "imds", kind: "huge", bytes: 9000 },
      () => get(roleUrl.replace("EcsRole", "")),
      200,
      /^EcsRole {9000}$/
    ],
    [{ endpoint: "sts", kind: "skew", seconds: -1000 }, whoami, 400, /"Code":"InvalidTimeStamp.Expired"/]
  ]

  for (const [fault, request, status, body] of kinds) {
    it.effect(`answers as told: ${JSON.stringify(fault)}`, () =>
      Effect.gen(function*() {
        yield* setFaults(fault)
        const answer = yield* send(request())
        assert.strictEqual(answer.status, status)
        if (typeof body === "string") assert.strictEqual(answer.body, body)
        else assert.match(answer.body, body)
        if (fault.kind === "redirect") assert.strictEqual(answer.headers["location"], fault.location)
        yield* Effect.flatMap(FakeAlicloud, ({ clearFaults }) => clearFaults)
        assert.strictEqual((yield* send(request())).status, 200)
      }).pipe(Effect.provide(layer(world))))
  }

  it.effect("answers later by the clock", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "latency", millis: 500 }, {
        endpoint: "sts",
        kind: "latency",
        millis: 20
      })
      const fiber = yield* Effect.fork(send(whoami()))
      yield* TestClock.adjust("519 millis")
      assert.isTrue((yield* Fiber.poll(fiber))._tag === "None")
      yield* TestClock.adjust("1 millis")
      assert.strictEqual((yield* Fiber.join(fiber)).status, 200)
    }).pipe(Effect.provide(layer(world))))

  it.effect("passes the first requests, affects the next, and then passes again", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts.GetCallerIdentity", kind: "status", status: 500, after: 1, times: 2 })
      const seen: Array<number> = []
      for (let i = 0; i < 5; i++) {
        assert.strictEqual(yield* verdict(assume()), "200")
        seen.push((yield* send(whoami())).status)
      }
      assert.deepStrictEqual(seen, [200, 500, 500, 200, 200])
    }).pipe(Effect.provide(layer(world))))

  it.effect("combines faults: first the one that answers, then those that change the answer", () =>
    Effect.gen(function*() {
      yield* setFaults(
        { endpoint: "imds.credentials", kind: "truncate" },
        { endpoint: "imds.credentials", kind: "setField", field: "Code", value: "Failed" },
        { endpoint: "imds", kind: "error", status: 500, code: "Busy", after: 1 }
      )
      const first = yield* ask(get(roleUrl))
      assert.isTrue(first._tag === "Truncated" && first.sent.startsWith("{\"Code\":\"Failed\""))
      assert.isTrue(first._tag === "Truncated" && first.sent.length < first.body.length)
      assert.isTrue(first._tag === "Truncated" && first.headers["content-length"] === String(first.body.length))
      const second = yield* ask(get(roleUrl))
      assert.isTrue(second._tag === "Truncated" && second.status === 500)
    }).pipe(Effect.provide(layer({ ...world }))))

  it.effect("an injected error issues nothing", () =>
    Effect.gen(function*() {
      const { addFault, issued } = yield* FakeAlicloud
      yield* addFault({ endpoint: "sts", kind: "error", status: 503, code: "ServiceUnavailable" })
      yield* send(assume())
      assert.strictEqual(yield* issued, 0)
    }).pipe(Effect.provide(layer(world))))

  it.effect("can be part of the world, and can black-hole a machine that is not there", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* ask(get(roleUrl)))._tag, "Hang")
    }).pipe(Effect.provide(layer({ faults: [{ endpoint: "imds", kind: "hang" }] }))))
})

describe("journal", () => {
  it.effect("has every request in order, without secrets", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "imds", kind: "disconnect" })
      const request = assume()
      yield* ask({ ...request, headers: { ...request.headers, "x-acs-credentials-provider": "static_ak" } })
      yield* TestClock.adjust("3 seconds")
      yield* ask(rpc(alice, { action: "AssumeRole", parameters: { RoleArn: "x" } }))
      yield* ask(get(roleUrl))
      yield* ask(get(`${uri}?secret=1`))
      const cloud = yield* FakeAlicloud
      const journal = yield* cloud.journal
      assert.deepStrictEqual(JSON.parse(JSON.stringify(journal)), [
        {
          at: 0,
          endpoint: "sts.AssumeRole",
          method: "POST",
          host: "sts.aliyuncs.com",
          path: "/",
          accessKeyId: alice.accessKeyId,
          provider: "static_ak",
          faults: [],
          status: 200
        },
        {
          at: 3000,
          endpoint: "sts.AssumeRole",
          method: "POST",
          host: "sts.aliyuncs.com",
          path: "/",
          accessKeyId: alice.accessKeyId,
          faults: [],
          code: "InvalidParameter.RoleArn",
          status: 400
        },
        {
          at: 3000,
          endpoint: "imds.credentials",
          method: "GET",
          host: "100.100.100.200",
          path: "/latest/meta-data/ram/security-credentials/EcsRole",
          faults: ["disconnect"]
        },
        { at: 3000, endpoint: "uri", method: "GET", host: "localhost:6666", path: "/uri", faults: [], status: 404 }
      ])
      assert.strictEqual(yield* cloud.count("sts"), 2)
      assert.strictEqual(yield* cloud.count("imds"), 1)
      assert.strictEqual(yield* cloud.count("imds.token"), 0)
    }).pipe(Effect.provide(layer(world))))

  it.effect("counts a request from its arrival, even when the asker leaves", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "sts", kind: "latency", millis: 1000 })
      const fiber = yield* Effect.fork(send(whoami()))
      yield* TestClock.adjust("10 millis")
      yield* Fiber.interrupt(fiber)
      const cloud = yield* FakeAlicloud
      assert.strictEqual(yield* cloud.count("sts"), 1)
      assert.isUndefined((yield* cloud.journal)[0]?.status)
    }).pipe(Effect.provide(layer(world))))
})
