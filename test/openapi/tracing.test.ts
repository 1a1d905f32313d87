/** A traced program learns which calls were made, and neither its tracer nor the service learns anything else. */
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import { cloud } from "../kit/cloud.ts"
import { assertNoLeak } from "../kit/leaks.ts"
import { collector } from "../kit/spans.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, identities, world } from "./utils/identities.ts"

const traceHeaders = ["traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "baggage"]

const call = OpenApi.call("DescribeRegions", {
  params: { Password: Redacted.make("s3cr3t"), Plain: "s3cr3t" },
  query: { Plain: "s3cr3t" },
  headers: { "x-plain": "s3cr3t" },
  schema: Schema.Struct({ Regions: Schema.Unknown })
})

const layer = Layer.provide(OpenApi.layer({ product: "ecs", version: "2014-05-26" }), accessKey)

describe("a call", () => {
  it.effect("is one span with action, host, attempts and request id", () => {
    const { layer: network, requests } = cloud({
      ...world,
      faults: [{ endpoint: "ecs", kind: "throttle", times: 1 }]
    })
    const { spans, tracer } = collector()
    return Effect.gen(function*() {
      yield* call.pipe(Effect.withTracer(tracer), drive)
      const [span, ...others] = spans
      assert.isEmpty(others)
      assert.deepInclude(span, { name: "alicloud.openapi.DescribeRegions", kind: "client", rest: [] })
      assert.deepStrictEqual(span?.attributes, {
        action: "DescribeRegions",
        "server.address": "ecs.aliyuncs.com",
        attempt: 2,
        requestId: "FA4E0000-0000-4000-8000-000000000002"
      })
      for (const { headers } of requests) assert.doesNotHaveAnyKeys(headers, traceHeaders)
    }).pipe(Effect.provide(Layer.provideMerge(layer, network)))
  })

  it.effect.each(identities)("that fails shows no secret in its span, $type", ({ layer: credentials }) => {
    const { layer: network } = cloud({
      ...world,
      faults: [{ endpoint: "ecs", kind: "error", status: 400, code: "Refused", message: "string to sign is: s3cr3t" }]
    })
    const { spans, tracer } = collector()
    const ecs = Layer.provide(OpenApi.layer({ product: "ecs", version: "2014-05-26" }), credentials)
    return Effect.gen(function*() {
      const client = yield* OpenApi.OpenApi
      yield* Effect.exit(call).pipe(
        Effect.provideService(OpenApi.OpenApi, client),
        Effect.withSpan("user"),
        Effect.withTracer(tracer),
        drive
      )
      assert.includeMembers(spans.map(({ name }) => name), ["user", "alicloud.openapi.DescribeRegions"])
      assertNoLeak(spans)
    }).pipe(Effect.provide(Layer.provideMerge(ecs, network)))
  })
})
