/** Requests of a client of one's own, signed on their way out. */
import * as BearerToken from "@effect-alicloud/credentials/BearerToken"
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { SourceUnavailable } from "@effect-alicloud/credentials/CredentialsError"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as SigningClient from "@effect-alicloud/openapi/SigningClient"
import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { HttpBody, HttpClient, HttpClientError, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Stream } from "effect"
import { inspect } from "node:util"
import { cloud } from "../kit/cloud.ts"
import { assertNoLeak, errorOf, renderings } from "../kit/leaks.ts"
import { collector } from "../kit/spans.ts"
import { noNetwork } from "../kit/world.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, bearerToken, identities, world } from "./utils/identities.ts"
import * as recorder from "./utils/recorder.ts"

const cluster = (self: HttpClientRequest.HttpClientRequest) =>
  HttpClientRequest.setHeader(self, "x-acs-action", self.method === "POST" ? "CreateCluster" : "DescribeClustersV1")

const list = HttpClientRequest.get("https://cs.cn-hangzhou.aliyuncs.com/api/v1/clusters?a=b+c%20d").pipe(
  HttpClientRequest.setUrlParams({ name: "a b+c/~ü*'" }),
  HttpClientRequest.setHash("fragment"),
  cluster
)

const create = HttpClientRequest.post("https://cs.aliyuncs.com/clusters").pipe(cluster)

const clusters = SigningClient.make({ version: "2015-12-15" })

const send = (request: HttpClientRequest.HttpClientRequest) =>
  Effect.gen(function*() {
    const client = yield* clusters
    const response = yield* client.execute(request)
    return { status: response.status, text: yield* response.text }
  })

describe.each(identities)("with $type credentials", ({ layer }) => {
  it.effect("ROA style requests are accepted", () =>
    Effect.gen(function*() {
      const { status, text } = yield* drive(send(list))
      assert.deepInclude(JSON.parse(text), { clusters: [{ cluster_id: "c-fake", name: "a b+c/~ü*'" }] })
      assert.strictEqual(status, 200)
    }).pipe(Effect.provide(Layer.provideMerge(layer, cloud(world).layer))))

  it.effect("RPC style requests are accepted", () =>
    Effect.gen(function*() {
      const client = yield* SigningClient.make({ version: "2014-05-26", action: "DescribeRegions" })
      const response = yield* drive(client.get("https://ecs.aliyuncs.com", { urlParams: { RegionId: "a b" } }))
      assert.strictEqual(response.status, 200)
    }).pipe(Effect.provide(Layer.provideMerge(layer, cloud(world).layer))))
})

describe("a body", () => {
  const bytes = new TextEncoder().encode("{\"name\":\"漢\"}")

  it.effect.each(
    [
      ["of JSON", HttpClientRequest.bodyUnsafeJson(create, { name: "漢" })],
      ["of bytes", HttpClientRequest.bodyUint8Array(create, bytes, "application/json")],
      [
        "of raw text",
        HttpClientRequest.setBody(create, HttpBody.raw("{\"name\":\"漢\"}", { contentType: "application/json" }))
      ],
      [
        "that is a stream",
        HttpClientRequest.bodyStream(create, Stream.make(bytes.slice(0, 10), bytes.slice(10)), {
          contentType: "application/json"
        })
      ]
    ] as const
  )("%s is signed and arrives", ([, request]) =>
    Effect.gen(function*() {
      const { status, text } = yield* send(request)
      assert.deepInclude(JSON.parse(text), { name: "漢" })
      assert.strictEqual(status, 200)
    }).pipe(Effect.provide(Layer.provideMerge(accessKey, cloud(world).layer))))

  it.effect.each(
    [
      ["a form with files", HttpClientRequest.bodyFormDataRecord(create, { a: "s3cr3t" })],
      ["an object", HttpClientRequest.setBody(create, HttpBody.raw({ name: "s3cr3t" }))],
      ["a stream that fails", HttpClientRequest.bodyStream(create, Stream.fail("s3cr3t"))]
    ] as const
  )("that is %s cannot be signed, and nothing is sent", ([, request]) =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(send(request))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Encode" })
      assert.notInclude(error.message, "s3cr3t")
    }).pipe(Effect.provide(Layer.merge(noNetwork, accessKey))))
})

describe("signing", () => {
  it.effect("comes after everything else that changes requests", () =>
    Effect.gen(function*() {
      const client = (yield* clusters).pipe(
        HttpClient.mapRequest(HttpClientRequest.prependUrl("https://cs.aliyuncs.com")),
        HttpClient.mapRequest(HttpClientRequest.setHeader("x-acs-region-id", "cn-hangzhou")),
        HttpClient.mapRequest(cluster),
        HttpClient.filterStatusOk
      )
      assert.strictEqual((yield* client.get("/api/v1/clusters")).status, 200)
    }).pipe(Effect.provide(Layer.provideMerge(accessKey, cloud(world).layer))))

  it.effect("happens anew for each attempt of a client that retries", () => {
    const fault: Fault = { endpoint: "cs", kind: "status", status: 503, times: 2 }
    return Effect.gen(function*() {
      const client = (yield* clusters).pipe(HttpClient.filterStatusOk, HttpClient.retry({ times: 2 }))
      assert.strictEqual((yield* client.execute(list)).status, 200)
    }).pipe(Effect.provide(Layer.provideMerge(accessKey, cloud({ ...world, faults: [fault] }).layer)))
  })

  it.effect("adds date, nonce, hash and provenance, and keeps the rest", () => {
    const { layer, sent, state } = recorder.make()
    state.credentials = Credentials.sts({
      type: "sts",
      providerName: "static_sts",
      accessKeyId: "STS.Test",
      accessKeySecret: "s3cr3t",
      securityToken: "s3cr3t-token"
    })
    return Effect.gen(function*() {
      yield* send(list)
      const { headers, url } = sent[0] ?? (yield* Effect.dieMessage("nothing was sent"))
      assert.deepStrictEqual([...url.searchParams], [["a", "b c d"], ["name", "a b+c/~ü*'"]])
      assert.strictEqual(url.hash, "")
      assert.deepInclude(headers, {
        "x-acs-version": "2015-12-15",
        "x-acs-action": "DescribeClustersV1",
        "x-acs-date": "1970-01-01T00:00:00Z",
        "x-acs-signature-nonce": recorder.nonce,
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-credentials-provider": "static_sts",
        "x-acs-accesskey-id": "STS.Test",
        "x-acs-security-token": "s3cr3t-token"
      })
      assert.match(headers["authorization"] ?? "", /^ACS3-HMAC-SHA256 Credential=STS\.Test,SignedHeaders=host;/)
    }).pipe(Effect.provide(Layer.merge(layer, recorder.fixedNonce)))
  })

  it.effect("what a request says of itself goes before the options", () => {
    const { layer, sent } = recorder.make()
    return Effect.gen(function*() {
      const client = yield* SigningClient.make({ version: "2014-05-26", action: "DescribeRegions" })
      yield* client.get("https://ecs.aliyuncs.com/", { headers: { "X-Acs-Action": "DescribeZones" } })
      assert.deepInclude(sent[0]?.headers, { "x-acs-action": "DescribeZones", "x-acs-version": "2014-05-26" })
    }).pipe(Effect.provide(layer))
  })

  it.effect("of an ambiguous query is refused", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(send(HttpClientRequest.get("https://cs.aliyuncs.com/?a=1&a=2")))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Encode" })
    }).pipe(Effect.provide(Layer.merge(noNetwork, accessKey))))

  it.effect("of an URL that is none is refused", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(send(HttpClientRequest.get("no url")))
      assert.deepInclude(error, { _tag: "RequestError", reason: "InvalidUrl" })
    }).pipe(Effect.provide(Layer.merge(noNetwork, accessKey))))

  it.effect("may be piped", () =>
    Effect.gen(function*() {
      const credentials = yield* CredentialsProvider
      const client = (yield* HttpClient.HttpClient).pipe(SigningClient.sign({ credentials, version: "2015-12-15" }))
      assert.strictEqual((yield* client.execute(list)).status, 200)
    }).pipe(Effect.provide(Layer.provideMerge(accessKey, cloud(world).layer))))
})

describe("missing credentials", () => {
  const missing = TestCredentials.failing(new SourceUnavailable({ source: "Test", detail: "nothing here", hint: "" }))

  it.effect("fail the request with their own error", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* errorOf(send(list)), { _tag: "SourceUnavailable", source: "Test" })
    }).pipe(Effect.provide(Layer.merge(noNetwork, missing))))

  it.effect("are the cause of a RequestError where the client is a layer", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      const error = yield* Effect.flip(client.execute(list))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
      assert.include(error.message, "Test is not configured: nothing here.")
      assert.instanceOf(error.cause, SourceUnavailable)
    }).pipe(Effect.provide(Layer.provide(SigningClient.layer(), Layer.merge(noNetwork, missing)))))
})

describe("an error of the client beneath", () => {
  const circular = HttpClient.make((request) => {
    const error = new HttpClientError.RequestError({ request, reason: "Transport" })
    return Effect.fail(Object.assign(error, { cause: error }))
  })

  it.effect("whose causes go in a circle is still that error, and shows no signed request", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(drive(send(list)))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
      for (const text of renderings(error)) assert.notInclude(text, "Signature=")
    }).pipe(Effect.provide(Layer.merge(Layer.succeed(HttpClient.HttpClient, circular), TestCredentials.layer()))))
})

describe("a layer", () => {
  it.effect("signs the requests of every user of the client of the context", () =>
    Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      assert.strictEqual((yield* client.execute(list)).status, 200)
    }).pipe(Effect.provide(
      SigningClient.layer({ version: "2015-12-15" }).pipe(
        Layer.provide(Layer.provideMerge(accessKey, cloud(world).layer))
      )
    )))
})

describe("what comes back", () => {
  const session = identities.find(({ type }) => type === "ecs_ram_role")?.layer ?? accessKey

  const failing = (fault: Fault) => Layer.provideMerge(session, cloud({ ...world, faults: [fault] }).layer)

  it.effect("as a response can be printed and read", () =>
    Effect.gen(function*() {
      const client = yield* clusters
      const response = yield* client.execute(list)
      assertNoLeak(response)
      assert.notProperty(response.request.headers, "authorization")
      assert.include(inspect(response), "status: 200")
      assert.property(yield* response.json, "clusters")
      assert.include(response.headers["content-type"], "json")
    }).pipe(drive, Effect.provide(Layer.provideMerge(session, cloud(world).layer))))

  it.effect("as the error of a status shows no secret", () =>
    Effect.gen(function*() {
      const client = HttpClient.filterStatusOk(yield* clusters)
      const error = yield* drive(errorOf(client.execute(list)))
      assert.deepInclude(error, { _tag: "ResponseError", reason: "StatusCode" })
    }).pipe(Effect.provide(failing({ endpoint: "cs", kind: "status", status: 503 }))))

  it.effect("as the error of a connection shows no secret", () =>
    Effect.gen(function*() {
      const error = yield* drive(errorOf(send(list)))
      assert.deepInclude(error, { _tag: "RequestError", reason: "Transport" })
      assert.include(error.message, "GET https://cs.cn-hangzhou.aliyuncs.com/api/v1/clusters")
    }).pipe(Effect.provide(failing({ endpoint: "cs", kind: "refuse" }))))
})

describe("the span of a signed request", () => {
  it.effect.each(
    [
      ["session", identities.find(({ type }) => type === "ecs_ram_role")?.layer ?? accessKey],
      ["bearer token", BearerToken.layer({ bearerToken: Redacted.make(bearerToken) })],
      [
        "bearer token with a header of its own",
        BearerToken.layer({ bearerToken: Redacted.make(bearerToken), headerName: "X-Agent" })
      ]
    ] as const
  )("shows no %s and no signature", ([, layer]) => {
    const { spans, tracer } = collector()
    return Effect.gen(function*() {
      yield* send(list).pipe(Effect.withTracer(tracer), drive)
      assert.include(spans.map(({ attributes }) => attributes["http.request.method"]), "GET")
      assertNoLeak(spans)
      for (const text of renderings(spans)) assert.notInclude(text, "Signature=")
    }).pipe(Effect.provide(Layer.provideMerge(layer, cloud(world).layer)))
  })
})
