/** A session in good and in bad times, as an OpenTelemetry SDK sees it. */
import { AccessKey, Credentials, CredentialsProvider, RamRoleArn } from "@effect-alicloud/credentials"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as Metrics from "@effect/opentelemetry/Metrics"
import * as Resource from "@effect/opentelemetry/Resource"
import * as OtelTracer from "@effect/opentelemetry/Tracer"
import type { MetricData } from "@opentelemetry/sdk-metrics"
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base"
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base"
import {
  Array as Arr,
  Clock,
  DateTime,
  Effect,
  Fiber,
  Layer,
  Logger,
  Option,
  Redacted,
  TestClock,
  TestContext
} from "effect"
import { patience, turn } from "../../kit/drive.ts"

export interface Observed {
  /** In the order in which they ended. */
  readonly spans: ReadonlyArray<ReadableSpan>
  /** Other tests of the same process count in the same metrics, so only what was added between the two counts. */
  readonly metricsBefore: ReadonlyArray<MetricData>
  readonly metrics: ReadonlyArray<MetricData>
}

export const refreshSpan = "alicloud.credentials.refresh"

const secret = "s3cr3t-of-the-pair"

const world: FakeAlicloud.WorldInput = {
  users: [{ name: "ci", accessKeyId: "LTAI5tCi", accessKeySecret: secret }],
  roles: [{ arn: "acs:ram::1234567890123456:role/deploy" }]
}

/** Every call takes two seconds, the given ones fail. */
const faults = (...more: ReadonlyArray<FakeAlicloud.Fault>): ReadonlyArray<FakeAlicloud.Fault> => [
  { endpoint: "sts", kind: "latency", millis: 2000 },
  ...more
]

const makeTelemetry = () => {
  const spans = new InMemorySpanExporter()
  const metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter: metrics })
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  return {
    spans: () => spans.getFinishedSpans(),
    metrics: Effect.promise(async () => {
      metrics.reset()
      await reader.forceFlush()
      return metrics.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
    }),
    layer: Layer.merge(
      Layer.provide(OtelTracer.layer, Layer.succeed(OtelTracer.OtelTracerProvider, provider)),
      Metrics.layer(() => reader)
    ).pipe(Layer.provide(Resource.layer({ serviceName: "telemetry" })))
  }
}

const earlyWindow = 15 * 60_000

const role = RamRoleArn.layer(
  { roleArn: "acs:ram::1234567890123456:role/deploy", roleSessionName: "telemetry" },
  { refresh: { earlyWindow, jitter: 0 } }
).pipe(
  Layer.provide(AccessKey.layer({ accessKeyId: "LTAI5tCi", accessKeySecret: Redacted.make(secret) }))
)

/** The first fetch, an early refresh, an early refresh that fails twice, and its recovery. */
const story = ({ layer, metrics, spans }: ReturnType<typeof makeTelemetry>): Effect.Effect<Observed> =>
  Effect.gen(function*() {
    const metricsBefore = yield* metrics
    const cloud = yield* FakeAlicloud.FakeAlicloud
    const provider = yield* CredentialsProvider.CredentialsProvider
    const get = Effect.withSpan(provider.get, "reader")
    const refreshes = (): number =>
      spans().filter(({ attributes, name }) => name === refreshSpan && attributes["source"] === "RamRoleArn").length
    const early = Effect.flatMap(get, (credentials) =>
      Option.match(Credentials.expirationOf(credentials), {
        onNone: () => Effect.dieMessage("a session without an end"),
        onSome: (end) => TestClock.setTime(DateTime.toEpochMillis(end) - earlyWindow)
      }))

    /** The pause after a failure. */
    const pause = Effect.gen(function*() {
      const now = yield* Clock.currentTimeMillis
      const [until] = yield* Effect.repeat(
        Effect.map(Effect.zipRight(turn, TestClock.sleeps()), Arr.filter((at) => at > now && at <= now + 1000)),
        { until: Arr.isNonEmptyReadonlyArray, times: patience }
      )
      yield* TestClock.setTime(until ?? now)
    })
    let answers = 0
    /** Signing takes real time, so the clock moves only once the call has arrived; two seconds later it is answered. */
    const answered = Effect.gen(function*() {
      const before = refreshes()
      yield* Effect.repeat(Effect.zipRight(turn, cloud.count("sts")), {
        until: (calls) => calls > answers,
        times: patience
      })
      answers++
      yield* TestClock.adjust("2 seconds")
      yield* Effect.repeat(turn, { until: () => refreshes() > before, times: patience })
    })

    yield* cloud.setFaults(faults())
    const first = yield* Effect.fork(get)
    yield* answered
    yield* Fiber.join(first)
    yield* early
    yield* answered
    yield* cloud.setFaults(faults({
      endpoint: "sts",
      kind: "error",
      status: 400,
      code: "SignatureDoesNotMatch",
      message: `string to sign is: ${secret}`,
      times: 2
    }))
    yield* early
    yield* answered
    yield* pause
    yield* answered
    yield* pause
    yield* answered
    return { metricsBefore, metrics: yield* metrics, spans: spans() }
  }).pipe(
    Effect.provide(role.pipe(
      Layer.provideMerge(FakeAlicloud.layer(world)),
      Layer.provideMerge(layer),
      Layer.provideMerge(Logger.remove(Logger.defaultLogger)),
      Layer.provideMerge(TestContext.TestContext)
    )),
    Effect.orDie
  )

export const observe = (): Promise<Observed> => Effect.runPromise(story(makeTelemetry()))
