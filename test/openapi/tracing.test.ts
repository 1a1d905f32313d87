/** A traced program learns which calls were made, and neither its tracer nor the service learns anything else. */
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Effect, Exit, Layer, Redacted, Schema, Tracer } from "effect"
import { assertNoLeak } from "../../packages/credentials/test/utils/leaks.ts"
import { cloud } from "../sources/utils/cloud.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, identities, world } from "./utils/identities.ts"

interface Seen {
  readonly name: string
  readonly kind: string
  readonly attributes: Record<string, unknown>
  readonly rest: Array<unknown>
}

/** A tracer that keeps all it is told. */
const collector = () => {
  const spans: Array<Seen> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind, options) => {
      const seen: Seen = { name, kind, attributes: { ...options?.attributes }, rest: [] }
      spans.push(seen)
      return {
        _tag: "Span",
        name,
        spanId: String(spans.length).padStart(16, "0"),
        traceId: "0123456789abcdef0123456789abcdef",
        parent,
        context,
        links,
        kind,
        sampled: true,
        attributes: new Map(),
        status: { _tag: "Started", startTime },
        attribute: (key, value) => {
          seen.attributes[key] = value
        },
        event: (name, _, attributes) => seen.rest.push(name, attributes),
        addLinks: (added) => seen.rest.push(...added.map((link) => link.attributes)),
        end: (_, exit) => {
          if (Exit.isFailure(exit)) seen.rest.push(Cause.pretty(exit.cause, { renderErrorCause: true }), exit.cause)
        }
      }
    },
    context: (execution) => execution()
  })
  return { spans, tracer }
}

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
