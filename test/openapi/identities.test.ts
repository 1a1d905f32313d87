/** Every kind of credentials calls every style of API with every signature; the fake cloud verifies each request. */
import * as BearerToken from "@effect-alicloud/credentials/BearerToken"
import * as Ecs from "@effect-alicloud/openapi/Ecs"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as Sts from "@effect-alicloud/openapi/Sts"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Redacted, Schema } from "effect"
import { ci, cloud, journal } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, anonymous, bearer, bearerToken, identities, world } from "./utils/identities.ts"

const signatures = ["ACS3-HMAC-SHA256", "HMAC-SHA1"] as const

const last = Effect.map(journal, (entries) => entries.at(-1))

const clusters = OpenApi.layer({ product: "cs", regionId: "cn-hangzhou", version: "2015-12-15" })

const describeClusters = OpenApi.call("DescribeClustersV1", {
  style: "ROA",
  path: "/api/v1/clusters",
  params: { name: "a b+c/~ü*'" },
  schema: Schema.Struct({ clusters: Schema.Array(Schema.Struct({ name: Schema.String })) })
})

describe.each(identities)("$type credentials", ({ arn, layer, provider }) => {
  it.effect.each(signatures)("call RPC style APIs, signed with %s", (signature) =>
    Effect.gen(function*() {
      const ecs = Layer.provide(Ecs.layer({ regionId: "cn-hangzhou", signature }), layer)
      const sts = Layer.provide(Sts.layer({ signature }), layer)
      const regions = yield* drive(Effect.provide(Ecs.describeRegions({ acceptLanguage: "en-US" }), ecs))
      assert.include(regions.map(({ regionId }) => regionId), "ap-southeast-1")
      assert.deepInclude(yield* last, { host: "ecs.cn-hangzhou.aliyuncs.com", method: "POST", status: 200, provider })
      const caller = yield* drive(Effect.provide(Sts.getCallerIdentity, sts))
      assert.match(caller.arn, arn)
      assert.strictEqual(caller.accountId, "1234567890123456")
      assert.deepInclude(yield* last, { host: "sts.aliyuncs.com", provider })
    }).pipe(Effect.provide(cloud(world).layer)))

  it.effect.each(signatures)(
    "call with GET, where everything is in the query, signed with %s",
    (signature) =>
      Effect.gen(function*() {
        const ecs = OpenApi.layer({ endpoint: "ecs.aliyuncs.com", version: "2014-05-26", signature })
        yield* OpenApi.call("DescribeRegions", {
          method: "GET",
          params: { Tag: [{ Key: "a b+c", Value: "/~ü*'\u{1F600}" }] },
          query: { Flag: true },
          schema: Schema.Struct({ Regions: Schema.Unknown })
        }).pipe(Effect.provide(Layer.provide(ecs, layer)), drive)
        assert.deepInclude(yield* last, { method: "GET", status: 200, provider })
      }).pipe(Effect.provide(cloud(world).layer))
  )

  it.effect("call ROA style APIs", () =>
    Effect.gen(function*() {
      const found = yield* describeClusters.pipe(Effect.provide(Layer.provide(clusters, layer)), drive)
      assert.deepStrictEqual(found, { clusters: [{ name: "a b+c/~ü*'" }] })
      assert.deepInclude(yield* last, { host: "cs.cn-hangzhou.aliyuncs.com", path: "/api/v1/clusters", provider })
    }).pipe(Effect.provide(cloud(world).layer)))
})

describe("a bearer token", () => {
  const own = (headerName: string) =>
    BearerToken.layer({ bearerToken: Redacted.make(bearerToken), headerName: headerName })

  it.effect.each(signatures)("with a header of its own is sent in it and nowhere else, with %s", (signature) => {
    const { layer, parameter, requests } = cloud(world)
    return Effect.gen(function*() {
      const sts = Layer.provide(Sts.layer({ signature }), own("X-Agent-Token"))
      yield* errorOf(Effect.provide(Sts.getCallerIdentity, sts))
      const headers = requests[0]?.headers
      assert.strictEqual(headers?.["x-agent-token"], bearerToken)
      assert.doesNotHaveAnyKeys(headers, ["x-acs-bearer-token", "x-acs-signature-type", "authorization"])
      assert.deepStrictEqual(Arr.map(["SignatureType", "BearerToken", "Signature"], (name) => parameter(0, name)), [
        null,
        null,
        null
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("with the usual header named is a usual one", () =>
    Effect.gen(function*() {
      const sts = Layer.provide(Sts.layer(), own("X-Acs-Bearer-Token"))
      assert.match((yield* Effect.provide(Sts.getCallerIdentity, sts)).arn, bearer.arn)
    }).pipe(Effect.provide(cloud(world).layer)))
})

describe("anonymous credentials", () => {
  it.effect.each(signatures)("send nothing of an identity, with %s", (signature) => {
    const { layer, parameter, requests } = cloud(world)
    return Effect.gen(function*() {
      const ecs = Layer.provide(Ecs.layer({ signature }), anonymous)
      const error = yield* errorOf(Effect.provide(Ecs.describeRegions(), ecs))
      assert.strictEqual(error._tag, "ApiError")
      assert.lengthOf(requests, 1)
      assert.doesNotHaveAnyKeys(requests[0]?.headers, ["authorization", "x-acs-credentials-provider"])
      assert.deepStrictEqual(Arr.map(["AccessKeyId", "Signature", "SignatureMethod"], (name) => parameter(0, name)), [
        null,
        null,
        null
      ])
    }).pipe(Effect.provide(layer))
  })

  it.effect("ROA style calls have no parameter that was not given", () => {
    const { layer, requests } = cloud(world)
    return Effect.gen(function*() {
      yield* errorOf(Effect.provide(describeClusters, Layer.provide(clusters, anonymous)))
      assert.deepStrictEqual(requests[0]?.urlParams, [["name", "a b+c/~ü*'"]])
      assert.doesNotHaveAnyKeys(requests[0]?.headers, ["authorization"])
    }).pipe(Effect.provide(layer))
  })
})

describe("the five kinds of the version 1 SDK", () => {
  const v1 = identities.filter(({ type }) =>
    ["access_key", "sts", "ram_role_arn", "ecs_ram_role", "bearer"].includes(type)
  )

  it.effect.each(v1)("$type is sent as version 1 RPC with HMAC-SHA1", ({ layer, type }) => {
    const recorded = cloud(world)
    return Effect.gen(function*() {
      const sts = Layer.provide(Sts.layer({ signature: "HMAC-SHA1" }), layer)
      yield* drive(Effect.provide(Sts.getCallerIdentity, sts))
      const index = recorded.requests.length - 1
      const sent = (name: string) => recorded.parameter(index, name)
      assert.strictEqual(sent("Action"), "GetCallerIdentity")
      assert.strictEqual(sent("Version"), "2015-04-01")
      assert.strictEqual(sent("Format"), "JSON")
      assert.notProperty(recorded.requests[index]?.headers, "authorization")
      if (type === "bearer") {
        assert.strictEqual(sent("SignatureType"), "BEARERTOKEN")
        assert.isNull(sent("Signature"))
      } else {
        assert.strictEqual(sent("SignatureMethod"), "HMAC-SHA1")
        assert.strictEqual(sent("SignatureVersion"), "1.0")
        assert.lengthOf(sent("Signature") ?? "", 28)
        assert.strictEqual(sent("SecurityToken") === null, type === "access_key")
      }
      assert.deepStrictEqual(recorded.requests[index]?.urlParams, [])
    }).pipe(Effect.provide(recorded.layer))
  })
})

describe("signed calls", () => {
  it.effect("with the wrong secret are refused in words that quote nothing", () =>
    Effect.gen(function*() {
      const ecs = Layer.provide(Ecs.layer(), accessKey)
      const error = yield* errorOf(Effect.provide(Ecs.describeRegions(), ecs))
      assert.deepInclude(error, { _tag: "ApiError", code: "SignatureDoesNotMatch", serverMessage: undefined })
      assert.include(error.message, "The AccessKey secret does not belong to the AccessKey ID")
    }).pipe(Effect.provide(cloud({ ...world, users: [{ ...ci, accessKeySecret: "another" }] }).layer)))

  it.effect.each(
    [
      [{}, "sts.aliyuncs.com"],
      [{ regionId: "cn-beijing" }, "sts.cn-beijing.aliyuncs.com"],
      [{ endpoint: "sts-vpc.cn-beijing.aliyuncs.com" }, "sts-vpc.cn-beijing.aliyuncs.com"],
      [{ endpoint: "https://STS.cn-beijing.aliyuncs.com/", regionId: "eu-west-1" }, "sts.cn-beijing.aliyuncs.com"]
    ] as const
  )("with %j go to %s", ([options, host]) =>
    Effect.gen(function*() {
      yield* Effect.provide(Sts.getCallerIdentity, Layer.provide(Sts.layer(options), accessKey))
      assert.strictEqual((yield* last)?.host, host)
    }).pipe(Effect.provide(cloud(world).layer)))
})
