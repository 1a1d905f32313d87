/** The client over real HTTP and HTTPS, with the HTTP client for Node.js. */
import * as CredentialsUri from "@effect-alicloud/credentials/CredentialsUri"
import * as NodeHttp from "@effect-alicloud/node/NodeHttp"
import * as Ecs from "@effect-alicloud/openapi/Ecs"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as Sts from "@effect-alicloud/openapi/Sts"
import type { Fault, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { FetchHttpClient } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { Agent } from "@effect/platform-node/Undici"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer, Schema } from "effect"
import type { LookupFunction } from "node:net"
import { uriPath } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { accessKey, identities, world } from "./utils/identities.ts"

const served = (more: WorldInput = {}) =>
  FakeAlicloudServer.layerClient.pipe(
    Layer.provide(NodeHttp.layer),
    Layer.provideMerge(FakeAlicloudServer.layer({ ...world, ...more }))
  )

const schema = Schema.Struct({ RequestId: Schema.String })

const signatures = ["ACS3-HMAC-SHA256", "HMAC-SHA1"] as const

/** A credentials URI is at the port where the fake is. */
const reachable = identities.map((identity) =>
  identity.type === "credentials_uri"
    ? {
      ...identity,
      layer: Layer.unwrapEffect(
        Effect.map(
          FakeAlicloudServer.FakeAlicloudServer,
          ({ httpUrl }) => CredentialsUri.layer({ credentialsUri: `${httpUrl}${uriPath}` })
        )
      )
    }
    : identity
)

describe.each(signatures)("over HTTP, signed with %s", (signature) => {
  it.live.each(reachable)("$type credentials call", ({ arn, layer }) =>
    Effect.gen(function*() {
      const sts = Layer.provide(Sts.layer({ signature }), layer)
      assert.match((yield* Effect.provide(Sts.getCallerIdentity, sts)).arn, arn)
      const ecs = Layer.provide(Ecs.layer({ signature, regionId: "cn-hangzhou" }), layer)
      assert.isNotEmpty(yield* Effect.provide(Ecs.describeRegions(), ecs))
    }).pipe(Effect.provide(served())))
})

describe("over HTTP", () => {
  it.live("ROA style calls reach their path with every character", () =>
    Effect.gen(function*() {
      const found = yield* OpenApi.call("DescribeClusterDetail", {
        style: "ROA",
        path: OpenApi.path`/clusters/${"a/b c?#%ü*+~"}`,
        query: { "a b": "c+d*~ü" },
        schema: Schema.Struct({ cluster_id: Schema.String })
      })
      assert.strictEqual(found.cluster_id, "a/b c?#%ü*+~")
    }).pipe(Effect.provide(
      Layer.provideMerge(
        Layer.provide(OpenApi.layer({ product: "cs", version: "2015-12-15" }), accessKey),
        served()
      )
    )))

  const failing = (fault: Fault, options: Partial<OpenApi.Options> = {}) =>
    Layer.provideMerge(
      Layer.provide(OpenApi.layer({ product: "ecs", version: "2014-05-26", ...options }), accessKey),
      served({ faults: [fault] })
    )

  it.live.each(
    [
      ["a server error", { endpoint: "ecs", kind: "status", status: 503 }],
      ["a connection that closes", { endpoint: "ecs", kind: "disconnect" }],
      ["an answer that breaks off", { endpoint: "ecs", kind: "truncate" }],
      ["throttling", { endpoint: "ecs", kind: "throttle", retryAfterMillis: 10 }]
    ] satisfies ReadonlyArray<readonly [string, Fault]>
  )("%s is survived", ([, fault]) =>
    Effect.gen(function*() {
      yield* OpenApi.call("DescribeRegions", { schema })
      const { count } = yield* FakeAlicloud
      assert.strictEqual(yield* count("ecs"), 3)
    }).pipe(Effect.provide(failing({ ...fault, times: 2 }))))

  it.live("a silent server is given up after the time-out, then asked again", () =>
    Effect.gen(function*() {
      const [elapsed, found] = yield* Effect.timed(OpenApi.call("DescribeRegions", { schema }))
      assert.property(found, "RequestId")
      assert.isAtLeast(Duration.toMillis(elapsed), 250)
      const { count } = yield* FakeAlicloud
      assert.strictEqual(yield* count("ecs"), 2)
    }).pipe(Effect.provide(failing({ endpoint: "ecs", kind: "hang", times: 1 }, { timeout: "250 millis" }))))

  it.live("redirects are not followed", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(OpenApi.call("DescribeRegions", { schema }))
      assert.deepInclude(error, { _tag: "ApiError", status: 302 })
    }).pipe(Effect.provide(failing({ endpoint: "ecs", kind: "redirect", location: "https://example.com/" }))))

  it.live("a wrong clock is corrected", () =>
    Effect.gen(function*() {
      const sts = yield* Sts.Sts
      yield* sts.getCallerIdentity
      yield* sts.getCallerIdentity
      const { count } = yield* FakeAlicloud
      assert.strictEqual(yield* count("sts"), 3)
    }).pipe(Effect.provide(Layer.provideMerge(
      Layer.provide(Sts.layer(), accessKey),
      served({ clockSkewSeconds: -86_400 })
    ))))

  it.live.each(signatures)(
    "plain HTTP reaches this machine, also with fetch, signed with %s",
    (signature) =>
      Effect.gen(function*() {
        const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
        const sts = Layer.provide(Sts.layer({ endpoint: httpUrl, signature }), accessKey)
        for (const http of [FetchHttpClient.layer, NodeHttp.layer]) {
          const caller = yield* Effect.provide(Sts.getCallerIdentity, Layer.provide(sts, http))
          assert.match(caller.arn, /user\/ci$/)
        }
      }).pipe(Effect.provide(FakeAlicloudServer.layer({ ...world, stsHosts: ["127.0.0.1"] })))
  )
})

/** Every name is this machine, and its certificates are those of the fake. */
const overTls = (trusted: boolean) =>
  Layer.unwrapScoped(Effect.gen(function*() {
    const { caPem } = yield* FakeAlicloudServer.FakeAlicloudServer
    const lookup: LookupFunction = (_, options, callback) =>
      options.all === true ? callback(null, [{ address: "127.0.0.1", family: 4 }]) : callback(null, "127.0.0.1", 4)
    const agent = yield* Effect.acquireRelease(
      Effect.sync(() => new Agent({ connect: { lookup, ...(trusted ? { ca: caPem } : {}) } })),
      (agent) => Effect.promise(() => agent.destroy())
    )
    return Layer.provide(
      NodeHttpClient.layerUndiciWithoutDispatcher,
      Layer.succeed(NodeHttpClient.Dispatcher, agent)
    )
  }))

const tls = (trusted: boolean) => Layer.provideMerge(overTls(trusted), FakeAlicloudServer.layer(world))

describe("over HTTPS", () => {
  const endpointOf = (host: string) =>
    Effect.map(FakeAlicloudServer.FakeAlicloudServer, ({ httpsPort }) => `${host}:${httpsPort}`)

  it.live.each(signatures)(
    "calls go to the host of the API, and its port is signed, too: %s",
    (signature) =>
      Effect.gen(function*() {
        const endpoint = yield* endpointOf("ecs.cn-hangzhou.aliyuncs.com")
        const ecs = Layer.provide(Ecs.layer({ endpoint, signature }), accessKey)
        assert.isNotEmpty(yield* Effect.provide(Ecs.describeRegions(), ecs))
        const { journal } = yield* FakeAlicloud
        assert.deepInclude((yield* journal)[0], { host: endpoint, status: 200 })
      }).pipe(Effect.provide(tls(true)))
  )

  it.live("a certificate that is not trusted ends the call at once", () =>
    Effect.gen(function*() {
      const endpoint = yield* endpointOf("ecs.aliyuncs.com")
      const ecs = Layer.provide(Ecs.layer({ endpoint }), accessKey)
      const error = yield* errorOf(Effect.provide(Ecs.describeRegions(), ecs))
      assert.deepInclude(error, { _tag: "TransportError", reason: "Certificate", retryable: false })
      assert.include(error.message, `the certificate of https://${endpoint} is not trusted`)
    }).pipe(Effect.provide(tls(false))))
})
