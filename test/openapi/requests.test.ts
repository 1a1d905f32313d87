/** Where the parts of a call go, and which calls and clients cannot be. */
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import { cloud } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { noNetwork, untyped } from "../kit/world.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, world } from "./utils/identities.ts"
import * as recorder from "./utils/recorder.ts"

const key = Credentials.accessKey({
  type: "access_key",
  providerName: "static_ak",
  accessKeyId: "LTAI5tTest",
  accessKeySecret: "s3cr3t"
})

/** A call as it is sent. */
const sentFor = (call: OpenApi.Call, options: Partial<OpenApi.Options> = {}, credentials = key) => {
  const { layer, sent, state } = recorder.make()
  state.credentials = credentials
  return Effect.gen(function*() {
    const client = yield* OpenApi.make({ endpoint: "example.aliyuncs.com", version: "2020-01-01", ...options })
    yield* client.call("DoIt", { ...call, schema: Schema.Undefined })
    const [only] = sent
    if (only === undefined) return yield* Effect.dieMessage("nothing was sent")
    return { ...only, text: new TextDecoder().decode(only.body), query: Object.fromEntries(only.url.searchParams) }
  }).pipe(Effect.provide(layer))
}

const params = { Name: "a b", Tag: [{ Key: "k", Value: 1 }, { Key: "l", Value: true }], None: undefined, Null: null }

const flat = { Name: "a b", "Tag.1.Key": "k", "Tag.1.Value": "1", "Tag.2.Key": "l", "Tag.2.Value": "true" }

const form = "application/x-www-form-urlencoded"

describe("an RPC style call", () => {
  it.effect("is a POST with a form, and says what it is in headers", () =>
    Effect.gen(function*() {
      const { headers, method, query, text, url } = yield* sentFor({ params })
      assert.strictEqual(method, "POST")
      assert.strictEqual(url.pathname, "/")
      assert.deepStrictEqual(query, {})
      assert.deepStrictEqual(Object.fromEntries(new URLSearchParams(text)), flat)
      assert.deepInclude(headers, {
        accept: "application/json",
        "content-type": form,
        "x-acs-action": "DoIt",
        "x-acs-version": "2020-01-01",
        "x-acs-date": "1970-01-01T00:00:00Z",
        "x-acs-credentials-provider": "static_ak"
      })
      assert.match(headers["x-acs-signature-nonce"] ?? "", /^[0-9a-f]{32}$/)
      assert.notProperty(headers, "x-acs-accesskey-id")
      assert.notProperty(headers, "x-acs-security-token")
    }))

  it.effect.each(["GET", "DELETE"] as const)("with %s has everything in the query", (method) =>
    Effect.gen(function*() {
      const { headers, query, text } = yield* sentFor({ method, params, query: { Name: "wins" } })
      assert.deepStrictEqual(query, { ...flat, Name: "wins" })
      assert.strictEqual(text, "")
      assert.notProperty(headers, "content-type")
    }))

  it.effect("without parameters has no body", () =>
    Effect.gen(function*() {
      const { headers, text } = yield* sentFor({})
      assert.strictEqual(text, "")
      assert.notProperty(headers, "content-type")
    }))

  it.effect.each(
    [
      ["{\"a\":1}", "application/json; charset=utf-8"],
      [new Uint8Array([123, 125]), "application/octet-stream"]
    ] as const
  )("with a body of its own sends it as it is: %j", ([body, contentType]) =>
    Effect.gen(function*() {
      const sent = yield* sentFor({ body, params: { A: 1 } })
      assert.deepStrictEqual(sent.query, { A: "1" })
      assert.strictEqual(sent.text, typeof body === "string" ? body : "{}")
      assert.strictEqual(sent.headers["content-type"], contentType)
    }))

  it.effect("signed with version 1 has everything in the form, or in the query", () =>
    Effect.gen(function*() {
      const v1 = { signature: "HMAC-SHA1" } as const
      const posted = yield* sentFor({ params, query: { InQuery: "yes" } }, v1)
      assert.deepStrictEqual(posted.query, { InQuery: "yes" })
      const common = { Action: "DoIt", Version: "2020-01-01", Format: "JSON", Timestamp: "1970-01-01T00:00:00Z" }
      assert.deepInclude(recorder.parametersOf(posted), {
        ...flat,
        ...common,
        InQuery: "yes",
        AccessKeyId: "LTAI5tTest"
      })
      const got = yield* sentFor({ method: "GET", params: { ...params, Action: "Other" } }, v1)
      assert.strictEqual(got.text, "")
      assert.deepInclude(got.query, { ...flat, ...common })
    }))

  it.effect("sends secret parameters as they are", () =>
    Effect.gen(function*() {
      const { text } = yield* sentFor({ params: { Password: Redacted.make("s3cr3t&"), List: [Redacted.make("x")] } })
      assert.strictEqual(text, "Password=s3cr3t%26&List.1=x")
    }))
})

describe("a ROA style call", () => {
  const roa = { style: "ROA", path: "/clusters" } as const

  it.effect("is a GET with its parameters in the query", () =>
    Effect.gen(function*() {
      const { headers, method, query, text, url } = yield* sentFor({ ...roa, params: { name: "a" } })
      assert.deepStrictEqual([method, url.pathname, query, text], ["GET", "/clusters", { name: "a" }, ""])
      assert.strictEqual(headers["x-acs-action"], "DoIt")
    }))

  it.effect.each(["POST", "PUT", "PATCH"] as const)(
    "with %s has its parameters in JSON",
    (method) =>
      Effect.gen(function*() {
        const nested = {
          name: "ü",
          tags: [{ key: Redacted.make("s3cr3t") }],
          count: 1,
          on: true,
          no: null,
          un: undefined
        }
        const { headers, query, text } = yield* sentFor({ ...roa, method, params: nested, query: { dry: true } })
        assert.strictEqual(text, "{\"name\":\"ü\",\"tags\":[{\"key\":\"s3cr3t\"}],\"count\":1,\"on\":true,\"no\":null}")
        assert.deepStrictEqual(query, { dry: "true" })
        assert.strictEqual(headers["content-type"], "application/json; charset=utf-8")
      })
  )

  const clusters = Layer.provide(OpenApi.layer({ product: "cs", version: "2015-12-15" }), accessKey)

  it.effect.each(["c-1", "a/b c", "ü*+~'()!", "..", "%2F", "?#&="])(
    "reaches the path that was meant: %s",
    (id) =>
      Effect.gen(function*() {
        const found = yield* OpenApi.call("DescribeClusterDetail", {
          style: "ROA",
          path: OpenApi.path`/clusters/${`${id}x`}`,
          schema: Schema.Struct({ cluster_id: Schema.String })
        })
        assert.strictEqual(found.cluster_id, `${id}x`)
      }).pipe(Effect.provide(Layer.provideMerge(clusters, cloud(world).layer)))
  )

  it.effect("writes and deletes", () =>
    Effect.gen(function*() {
      const made = yield* OpenApi.call("CreateCluster", {
        style: "ROA",
        method: "POST",
        path: "/clusters",
        params: { name: "漢", region_id: "cn-hangzhou", vpc: { id: "vpc-1" } },
        schema: Schema.Struct({ name: Schema.String, vpc: Schema.Struct({ id: Schema.String }) })
      })
      assert.deepStrictEqual(made, { name: "漢", vpc: { id: "vpc-1" } })
      yield* OpenApi.call("DeleteCluster", {
        style: "ROA",
        method: "DELETE",
        path: "/clusters/c-1",
        schema: Schema.Unknown
      })
      const error = yield* errorOf(OpenApi.call("CreateCluster", {
        style: "ROA",
        method: "POST",
        path: "/clusters",
        body: "no json",
        schema: Schema.Unknown
      }))
      assert.deepInclude(error, { _tag: "ApiError", code: "InvalidRequestBody" })
      assert.match(error._tag === "ApiError" ? error.recommend ?? "" : "", /^https:\/\/api\.aliyun\.com\//)
    }).pipe(drive, Effect.provide(Layer.provideMerge(clusters, cloud(world).layer))))
})

describe("headers", () => {
  it.effect("of the call are sent and signed, whatever their case, and cannot replace the client's own", () =>
    Effect.gen(function*() {
      const { headers } = yield* sentFor({
        headers: {
          "X-Acs-Region-Id": "cn-hangzhou",
          "X-ACS-Action": "Other",
          "x-acs-date": "never",
          Accept: "application/xml",
          "x-other": "1"
        }
      })
      assert.deepInclude(headers, {
        "x-acs-region-id": "cn-hangzhou",
        "x-acs-action": "DoIt",
        "x-acs-date": "1970-01-01T00:00:00Z",
        accept: "application/xml",
        "x-other": "1"
      })
      assert.include(headers["authorization"], "x-acs-region-id")
    }))

  it.effect("do not say where credentials are from when that cannot be written there", () =>
    Effect.gen(function*() {
      for (const providerName of ["", "with space", "zeile\n", "漢", "x".repeat(257)]) {
        const named = Credentials.withProviderName(key, providerName)
        const { headers } = yield* sentFor({}, {}, named as typeof key)
        assert.notProperty(headers, "x-acs-credentials-provider")
      }
    }))
})

const withoutNetwork = Layer.merge(noNetwork, TestCredentials.layer())

describe("a call that cannot be", () => {
  it.effect.each(
    [
      ["a path in RPC style", { path: "/x" }, {}, /path belongs to ROA/],
      ["no path in ROA style", { style: "ROA" }, {}, /path belongs to ROA/],
      ["a path that does not start with /", { style: "ROA", path: "x" }, {}, /percent-encoded/],
      ["a path with spaces", { style: "ROA", path: "/a b" }, {}, /percent-encoded/],
      ["a path with a query", { style: "ROA", path: "/a?s3cr3t" }, {}, /percent-encoded/],
      ["a path that goes up", { style: "ROA", path: "/a/../b" }, {}, /without \. and \.\./],
      ["a path that goes up in disguise", { style: "ROA", path: "/a/%2E./b" }, {}, /without \. and \.\./],
      ["ROA style with version 1", { style: "ROA", path: "/" }, { signature: "HMAC-SHA1" }, /ACS3-HMAC-SHA256 only/],
      ["a body with version 1", { body: "x" }, { signature: "HMAC-SHA1" }, /body needs/],
      ["a header that is the client's", { headers: { Authorization: "s3cr3t" } }, {}, /reserved or not a header name/],
      ["a host of its own", { headers: { Host: "example.com" } }, {}, /reserved or not a header name/],
      ["a header without a name", { headers: { "": "x" } }, {}, /reserved or not a header name/],
      ["a header with a line feed", { headers: { "x-a": "s3cr3t\nx-b: 1" } }, {}, /printable ASCII/],
      ["a header in Chinese", { headers: { "x-a": "漢" } }, {}, /printable ASCII/]
    ] satisfies ReadonlyArray<readonly [string, OpenApi.Call, Partial<OpenApi.Options>, RegExp]>
  )(
    "because of %s is not sent",
    ([, call, options, issue]) =>
      Effect.gen(function*() {
        const client = yield* OpenApi.make({ product: "ecs", version: "2014-05-26", ...options })
        const error = yield* errorOf(client.call("DoIt", { ...call, schema: Schema.Unknown }))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.match(error.message, issue)
        assert.include(error.message, "the options of DoIt")
      }).pipe(Effect.provide(withoutNetwork))
  )
})

describe("parameters", () => {
  const circle: { [name: string]: OpenApi.Param } = {}
  circle["Itself"] = circle
  const deep = Array.from({ length: 100_000 }).reduce<OpenApi.Param>((inner) => ({ Inner: inner }), "end")

  it.effect.each(
    [
      ["that contain themselves", { params: circle }],
      ["that are nested very deep", { params: { Deep: deep } }],
      ["of the query that contain themselves", { query: circle }]
    ] as const
  )("%s are refused", ([, options]) =>
    Effect.gen(function*() {
      const client = yield* OpenApi.make({ product: "ecs", version: "2014-05-26" })
      const error = yield* Effect.flip(client.call("DoIt", { schema: Schema.Undefined, ...options }))
      assert.strictEqual(error._tag, "InvalidConfig")
      assert.include(error.message, "not be nested more than 64 levels deep")
    }).pipe(Effect.provide(withoutNetwork)))
})

describe("the name of an action", () => {
  it.effect.each(["", "Do It", "DoIt\r\nx-acs-version: 1", "\u001b[31mDoIt", "操作"])(
    "that no header can carry is refused, and not shown: %j",
    (action) =>
      Effect.gen(function*() {
        const client = yield* OpenApi.make({ product: "ecs", version: "2014-05-26" })
        const error = yield* Effect.flip(client.call(action, { schema: Schema.Undefined }))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.isTrue(["\r", "\n", "\u001b", "操"].every((text) => !error.message.includes(text)))
      }).pipe(Effect.provide(withoutNetwork))
  )
})

describe("a client", () => {
  const hostOf = (options: Partial<OpenApi.Options>) =>
    Effect.gen(function*() {
      const { layer, sent } = recorder.make()
      const client = yield* Effect.provide(OpenApi.make({ version: "2014-05-26", ...options }), layer)
      yield* client.call("DoIt", { schema: Schema.Undefined })
      return sent.map(({ url }) => url.origin)
    })

  it.effect.each(
    [
      [{ product: "ecs" }, "https://ecs.aliyuncs.com"],
      [{ product: "Ecs", regionId: "cn-hangzhou" }, "https://ecs.cn-hangzhou.aliyuncs.com"],
      [{ product: "ecs", endpoint: "ecs-cn-hangzhou.aliyuncs.com" }, "https://ecs-cn-hangzhou.aliyuncs.com"],
      [{ endpoint: " https://ecs.aliyuncs.com:8443/ " }, "https://ecs.aliyuncs.com:8443"],
      [{ endpoint: "ecs.aliyuncs.com:443" }, "https://ecs.aliyuncs.com"],
      [{ endpoint: "127.0.0.1:8080" }, "https://127.0.0.1:8080"],
      [{ endpoint: "http://127.0.0.1:8080" }, "http://127.0.0.1:8080"],
      [{ endpoint: "http://localhost" }, "http://localhost"],
      [{ endpoint: "http://[::1]:1" }, "http://[::1]:1"]
    ] as const
  )("of %j asks %s", ([options, origin]) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* hostOf(options), [origin])
    }))

  it.effect.each(
    [
      [{}, /option product: set it, or set endpoint/],
      [{ endpoint: "http://ecs.aliyuncs.com" }, /HTTPS/],
      [{ endpoint: "http://127.0.0.1.example.com" }, /HTTPS/],
      [{ endpoint: "https://user:s3cr3t@ecs.aliyuncs.com" }, /host name/],
      [{ endpoint: "ecs.aliyuncs.com/path?s3cr3t" }, /host name/],
      [{ endpoint: "ftp://ecs.aliyuncs.com" }, /host name/],
      [{ endpoint: "ecs aliyuncs" }, /host name/],
      [{ endpoint: "-ecs.aliyuncs.com" }, /host name/],
      [{ endpoint: "ecs.aliyuncs.com:99999" }, /host name/],
      [{ endpoint: " " }, /endpoint must be a non-empty string/],
      [{ product: "e/cs" }, /options product and regionId/],
      [{ product: "ecs", regionId: "cn hangzhou" }, /options product and regionId/],
      [{ product: "ecs", version: "" }, /version must be a non-empty string/],
      [{ product: "ecs", retries: -1 }, /retries must be a whole number, 0 or more/],
      [{ product: "ecs", retries: 1.5 }, /retries must be/],
      [{ product: "ecs", timeout: 0 }, /timeout must be a duration longer than zero/],
      [{ product: "ecs", connectTimeout: "soon s3cr3t" }, /connectTimeout must be a duration/],
      [{ product: "ecs", deadline: Infinity }, /deadline must be a duration/],
      [{ product: "ecs", signature: "s3cr3t" }, /signature must be/],
      [{ product: "ecs", accessKeySecret: "s3cr3t" }, /accessKeySecret is not known here/]
    ] as const
  )("of %j cannot be built", ([options, issue]) =>
    Effect.gen(function*() {
      const error = yield* errorOf(OpenApi.make(untyped({ version: "2014-05-26", ...options })))
      assert.strictEqual(error._tag, "InvalidConfig")
      assert.strictEqual(error.source, "OpenApi")
      assert.match(error.message, issue)
    }).pipe(Effect.provide(withoutNetwork)))
})
