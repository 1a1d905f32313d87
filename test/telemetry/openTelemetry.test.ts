import { assert, describe, it } from "@effect/vitest"
import { SpanKind, SpanStatusCode } from "@opentelemetry/api"
import type { Histogram, MetricData } from "@opentelemetry/sdk-metrics"
import { DataPointType } from "@opentelemetry/sdk-metrics"
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base"
import { assertNoLeak } from "../kit/leaks.ts"
import { observe, refreshSpan } from "./utils/scenario.ts"

const observed = observe()

const outline = ({ attributes, kind, name, status }: ReadableSpan) => ({
  name,
  kind: SpanKind[kind],
  status: SpanStatusCode[status.code],
  attributes
})

const call = (status: string) => ({
  name: "alicloud.sts.AssumeRole",
  kind: "CLIENT",
  status,
  attributes: { source: "RamRoleArn", "server.address": "sts.aliyuncs.com" }
})

const refresh = (source: string, outcome: string, attempt: number) => ({
  name: refreshSpan,
  kind: "INTERNAL",
  status: outcome === "success" ? "OK" : "ERROR",
  attributes: { source, outcome, attempt }
})

const reader = { name: "reader", kind: "INTERNAL", status: "OK", attributes: {} }

const seconds = ([whole, nanos]: ReadableSpan["duration"]): number => whole + nanos / 1e9

const named = (metrics: ReadonlyArray<MetricData>, name: string): MetricData | undefined =>
  metrics.find(({ descriptor }) => descriptor.name === name)

/** The number of the data point with exactly these attributes, 0 while there is none. */
const numberOf = (metric: MetricData | undefined, attributes: object): number =>
  metric === undefined || metric.dataPointType === DataPointType.HISTOGRAM ||
    metric.dataPointType === DataPointType.EXPONENTIAL_HISTOGRAM
    ? 0
    : metric.dataPoints.find((point) => JSON.stringify(point.attributes) === JSON.stringify(attributes))?.value ?? 0

const histogramOf = (metric: MetricData | undefined): Pick<Histogram, "count" | "sum"> =>
  metric?.dataPointType === DataPointType.HISTOGRAM && metric.dataPoints[0] !== undefined
    ? metric.dataPoints[0].value
    : { count: 0, sum: 0 }

describe("spans, through the OpenTelemetry SDK", () => {
  it("are one per refresh and one per call of the service, and none per cached read", async () => {
    const { spans } = await observed
    assert.deepStrictEqual(spans.map(outline), [
      refresh("AccessKey", "success", 1),
      call("OK"),
      refresh("RamRoleArn", "success", 1),
      reader,
      reader,
      call("OK"),
      refresh("RamRoleArn", "success", 1),
      reader,
      call("ERROR"),
      refresh("RamRoleArn", "failure", 1),
      call("ERROR"),
      refresh("RamRoleArn", "failure", 2),
      call("OK"),
      refresh("RamRoleArn", "success", 3)
    ])
  })

  it("of calls are children of their refresh, and refreshes belong to no reader", async () => {
    const { spans } = await observed
    const refreshes = spans.filter(({ name }) => name === refreshSpan)
    for (const { parentSpanContext } of refreshes) assert.isUndefined(parentSpanContext)
    const parents = spans.filter(({ name }) => name === "alicloud.sts.AssumeRole").map((span) =>
      refreshes.find((parent) =>
        parent.spanContext().spanId === span.parentSpanContext?.spanId &&
        parent.spanContext().traceId === span.spanContext().traceId
      )
    )
    assert.deepStrictEqual(parents, refreshes.slice(1))
  })

  it("last as long as the work they describe", async () => {
    const { spans } = await observed
    for (const span of spans.filter(({ name }) => name === "alicloud.sts.AssumeRole")) {
      assert.closeTo(seconds(span.duration), 2, 0.1)
    }
  })

  it("of failures say what failed, and nothing secret is in any of them", async () => {
    const { spans } = await observed
    const failed = spans.filter(({ status }) => status.code === SpanStatusCode.ERROR)
    assert.strictEqual(failed.length, 4)
    const warning = "Alibaba Cloud credentials could not be refreshed"
    for (const { events, name, status } of failed) {
      assert.include(status.message, "RamRoleArn failed, Denied: AssumeRole was refused")
      assert.deepStrictEqual(
        events.map((event) => event.name),
        name === refreshSpan ? [warning, "exception"] : ["exception"]
      )
      assert.include(events.at(-1)?.attributes?.["exception.message"], "SignatureDoesNotMatch")
    }
    for (const { attributes, events, links, name, resource, status } of spans) {
      assertNoLeak([name, attributes, events, links, status, resource.attributes])
    }
  })
})

describe("metrics, through the OpenTelemetry SDK", () => {
  it("count refreshes by source and outcome", async () => {
    const { metrics, metricsBefore } = await observed
    const name = "alicloud_credentials_refresh_total"
    const added = (source: string, outcome: string): number =>
      numberOf(named(metrics, name), { source, outcome }) - numberOf(named(metricsBefore, name), { source, outcome })
    const metric = named(metrics, name)
    assert.isTrue(metric?.dataPointType === DataPointType.SUM && metric.isMonotonic)
    assert.strictEqual(added("RamRoleArn", "success"), 3)
    assert.strictEqual(added("RamRoleArn", "failure"), 2)
    assert.strictEqual(added("AccessKey", "success"), 1)
  })

  it("time refreshes in seconds", async () => {
    const { metrics, metricsBefore } = await observed
    const name = "alicloud_credentials_refresh_duration_seconds"
    const [before, after] = [histogramOf(named(metricsBefore, name)), histogramOf(named(metrics, name))]
    assert.strictEqual(after.count - before.count, 6)
    assert.closeTo((after.sum ?? 0) - (before.sum ?? 0), 10, 0.1)
  })

  it("show the seconds that a new session has, and nothing for a pair", async () => {
    const metric = named((await observed).metrics, "alicloud_credentials_seconds_to_expiry")
    assert.strictEqual(metric?.dataPointType, DataPointType.GAUGE)
    assert.closeTo(numberOf(metric, { source: "RamRoleArn" }), 3600, 1)
    assert.strictEqual(numberOf(metric, { source: "AccessKey" }), 0)
  })

  it("hold nothing secret", async () => {
    const own = (await observed).metrics.filter(({ descriptor }) => descriptor.name.startsWith("alicloud_"))
    // Other tests of the process may have made more of them.
    assert.includeMembers(own.map(({ descriptor }) => descriptor.name), [
      "alicloud_credentials_refresh_total",
      "alicloud_credentials_refresh_duration_seconds",
      "alicloud_credentials_seconds_to_expiry"
    ])
    assertNoLeak(own)
  })
})
