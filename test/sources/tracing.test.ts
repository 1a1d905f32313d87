/** A program that is traced tells its tracer about refreshes, and neither the tracer nor a service about secrets. */
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import type { Tracer } from "effect"
import { Array as Arr, Effect, HashMap, Layer, Logger, LogLevel, Option, Order, TestClock } from "effect"
import { cloud, drive, setFaults } from "../kit/cloud.ts"
import { assertNoLeak, marker, renderings } from "../kit/leaks.ts"
import { collector, type Seen } from "../kit/spans.ts"
import { build } from "../kit/world.ts"
import { services } from "./utils/services.ts"

const traced = (tracer: Tracer.Tracer) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  self.pipe(Effect.withSpan("user"), Effect.withTracer(tracer)) as Effect.Effect<A, E, R>

const logCollector = () => {
  const logs: Array<unknown> = []
  const logger = Logger.make<unknown, void>(({ annotations, cause, message }) => {
    logs.push(message, Object.fromEntries(HashMap.toEntries(annotations)), cause)
  })
  return {
    logs,
    layer: Layer.merge(Logger.replace(Logger.defaultLogger, logger), Logger.minimumLogLevel(LogLevel.All))
  }
}

const traceHeaders = ["traceparent", "tracestate", "b3", "x-b3-traceid", "x-b3-spanid", "baggage"]

const namesOf = (spans: ReadonlyArray<Seen>) => Arr.sort(Arr.dedupe(spans.map(({ name }) => name)), Order.string)

describe("a traced program", () => {
  it.effect("would send trace headers if they were not switched off", () => {
    const { layer, requests } = cloud()
    const { spans, tracer } = collector()
    return Effect.gen(function*() {
      const client = yield* HttpClient.HttpClient
      yield* client.get("http://100.100.100.200/?token=s3cr3t").pipe(traced(tracer))
      assert.containsAllKeys(requests[0]?.headers, ["traceparent", "b3"])
      assert.isTrue(renderings(spans).some((text) => text.includes(marker)))
    }).pipe(Effect.provide(layer))
  })

  for (const service of services) {
    it.scoped(`${service.name}: no trace header is sent, and no span or log shows a URL's query or a secret`, () => {
      const { layer, requests } = cloud()
      const { spans, tracer } = collector()
      const { layer: logging, logs } = logCollector()
      return Effect.gen(function*() {
        const provider = yield* build(service.layer)
        yield* provider.get
        yield* setFaults({ endpoint: service.endpoint, kind: "malformed" })
        yield* provider.invalidate(yield* provider.get)
        yield* provider.get
        assert.isAbove(requests.length, 1)
        for (const { headers } of requests) {
          assert.doesNotHaveAnyKeys(headers, traceHeaders)
        }
        const known = ["alicloud.credentials.refresh", "user"]
        const calls = namesOf(spans).filter((name) => !known.includes(name))
        assert.deepStrictEqual(calls, service.endpoint.startsWith("sts.") ? [`alicloud.${service.endpoint}`] : [])
        assert.isAbove(logs.length, 0)
        for (const seen of [...spans, ...logs]) {
          assertNoLeak(seen)
          for (const text of renderings(seen)) {
            assert.notMatch(text, /Signature=|SecurityToken=|\?token|AccessKeyId=/)
          }
        }
      }).pipe(traced(tracer), Effect.provide(Layer.merge(logging, layer)))
    })
  }

  it.scoped("a refresh says its source, its outcome and which attempt it was", () => {
    const { spans, tracer } = collector()
    return Effect.gen(function*() {
      const source = CredentialsProvider.sourceOf(yield* build(services[0]!.layer))
      const provider = yield* CredentialsProvider.make(source)
      yield* setFaults({ endpoint: "sts", kind: "throttle", times: 4 })
      yield* Effect.exit(drive(provider.get))
      yield* Effect.exit(provider.get)
      yield* TestClock.adjust("10 seconds")
      yield* drive(provider.get)
      const refreshes = spans.filter(({ attributes, name }) =>
        name === "alicloud.credentials.refresh" && attributes["source"] === "RamRoleArn"
      )
      assert.deepStrictEqual(refreshes.map(({ attributes }) => [attributes["outcome"], attributes["attempt"]]), [
        ["failure", 1],
        ["failure", 2],
        ["success", 3]
      ])
      const call = spans.find(({ name }) => name === "alicloud.sts.AssumeRole")
      assert.deepStrictEqual(call?.attributes, { source: "RamRoleArn", "server.address": "sts.aliyuncs.com" })
      assert.isTrue(Option.isSome((yield* provider.report).winner))
    }).pipe(traced(tracer), Effect.provide(cloud().layer))
  })
})
