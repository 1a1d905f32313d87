import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Metric, MetricState, TestClock, Tracer } from "effect"
import { inspect } from "node:util"
import {
  atOnce,
  collectLogs,
  failure,
  makeSession,
  makeUpstream,
  secret,
  session,
  warnings
} from "../../../test/kit/upstream.ts"

const at = (seconds: number) => TestClock.setTime(seconds * 1000)

/** The state of a metric whose tags are exactly these. */
const metric = (name: string, tags: Record<string, string>) =>
  Effect.map(Metric.snapshot, (pairs) =>
    pairs.find(({ metricKey }) =>
      metricKey.name === name &&
      metricKey.tags.length === Object.keys(tags).length &&
      metricKey.tags.every((tag) => tags[tag.key] === tag.value)
    )?.metricState)

const count = (source: string, outcome: string) =>
  Effect.map(
    metric("alicloud_credentials_refresh_total", { source, outcome }),
    (state) => state !== undefined && MetricState.isCounterState(state) ? state.count : 0
  )

interface Recorded {
  readonly name: string
  readonly attributes: Record<string, unknown>
}

/** Collects the spans that end. */
const collectSpans = () => {
  const ended: Array<Recorded> = []
  const tracer = Tracer.make({
    span: (name, parent, context, links, startTime, kind) => {
      const attributes = new Map<string, unknown>()
      return {
        _tag: "Span",
        name,
        spanId: String(ended.length),
        traceId: "trace",
        parent,
        context,
        status: { _tag: "Started", startTime },
        attributes,
        links,
        sampled: true,
        kind,
        end: () => {
          ended.push({ name, attributes: Object.fromEntries(attributes) })
        },
        attribute: (key, value) => {
          attributes.set(key, value)
        },
        event: () => {},
        addLinks: () => {}
      }
    },
    context: (f) => f()
  })
  return { ended, withSpans: Effect.withTracer(tracer) }
}

describe("metrics", () => {
  it.scoped("count refreshes by source and outcome", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const sound = upstream.answer
      const cache = yield* makeSession(upstream, { name: "Counted" })
      upstream.answer = failure()
      yield* Effect.exit(cache.get)
      upstream.answer = sound
      for (let i = 0; i < 10; i++) {
        yield* cache.get
      }
      yield* at(2700)
      assert.strictEqual(yield* count("Counted", "success"), 2)
      assert.strictEqual(yield* count("Counted", "failure"), 1)
      assert.strictEqual(yield* count("Counted", "interrupted"), 0)
    }))

  it.effect("count a refresh that the end of the scope interrupted as such", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.never
      yield* Effect.scoped(Effect.gen(function*() {
        const cache = yield* makeSession(upstream, { name: "Cut off" })
        yield* Effect.fork(cache.get)
        yield* TestClock.adjust(1)
      }))
      assert.strictEqual(yield* count("Cut off", "interrupted"), 1)
      assert.strictEqual(yield* count("Cut off", "failure"), 0)
    }))

  it.scoped("give the seconds a session had left when it arrived, and the seconds its refresh took", () =>
    Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = Effect.delay(session("session", 3602), "2 seconds")
      const cache = yield* makeSession(upstream, { name: "Measured" })
      yield* Effect.fork(cache.get)
      yield* TestClock.adjust("2 seconds")
      const gauge = yield* metric("alicloud_credentials_seconds_to_expiry", { source: "Measured" })
      assert.strictEqual(gauge !== undefined && MetricState.isGaugeState(gauge) && gauge.value, 3602)
      const duration = yield* metric("alicloud_credentials_refresh_duration_seconds", {})
      assert.isAtLeast(duration !== undefined && MetricState.isHistogramState(duration) ? duration.max : 0, 2)
    }))
})

describe("spans", () => {
  it.effect("one per refresh, with source, outcome and attempt; a cached read has none", () => {
    const { ended, withSpans } = collectSpans()
    return Effect.gen(function*() {
      const upstream = makeUpstream()
      const sound = upstream.answer
      const cache = yield* makeSession(upstream, { name: "Traced" })
      upstream.answer = failure()
      yield* Effect.exit(cache.get)
      upstream.answer = sound
      for (let i = 0; i < 10; i++) {
        yield* cache.get
      }
      assert.deepStrictEqual(ended, [
        {
          name: "alicloud.credentials.refresh",
          attributes: { source: "Traced", outcome: "failure", attempt: 1 }
        },
        {
          name: "alicloud.credentials.refresh",
          attributes: { source: "Traced", outcome: "success", attempt: 2 }
        }
      ])
    }).pipe(withSpans, Effect.scoped)
  })

  it.effect("hold no secret", () => {
    const { ended, withSpans } = collectSpans()
    return Effect.gen(function*() {
      const cache = yield* makeSession(makeUpstream())
      yield* cache.get
      assert.notInclude(inspect(ended, { depth: 10 }), secret)
    }).pipe(withSpans, Effect.scoped)
  })
})

describe("logs", () => {
  it.effect("one warning per failed refresh while there is a value, with source, error, count and next attempt", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream, { name: "Logged" })
      yield* cache.get
      yield* cache.get
      assert.deepStrictEqual(logs, [])
      upstream.answer = failure()
      yield* at(2800)
      yield* atOnce(100, cache.get)
      assert.isAbove(upstream.calls, 5)
      assert.deepStrictEqual(logs.length, upstream.calls - 1)
      assert.deepStrictEqual(
        logs.slice(0, 3).map(({ annotations, level }) => ({ level, annotations })),
        [
          [1, 0],
          [2, 50],
          [3, 100]
        ].map(([failuresInARow, nextAttemptInMillis]) => ({
          level: "WARN",
          annotations: { source: "Logged", error: failure().message, failuresInARow, nextAttemptInMillis }
        }))
      )
      assert.notInclude(inspect(logs, { depth: 10 }), secret)
    }).pipe(withLogs, Effect.scoped)
  })

  it.effect("a defect is not printed, since it may contain anything", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const upstream = makeUpstream(3600)
      const cache = yield* makeSession(upstream)
      yield* cache.get
      upstream.answer = Effect.die(new Error(`${secret} in a defect`))
      yield* at(3550)
      yield* cache.get
      assert.strictEqual(warnings(logs).length, 1)
      assert.strictEqual(warnings(logs)[0]?.annotations["error"], "an unexpected defect")
      assert.notInclude(inspect(logs, { depth: 10 }), secret)
    }).pipe(withLogs, Effect.scoped)
  })

  it.effect("nothing is logged while there has never been a value: the reader has the error", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const upstream = makeUpstream()
      upstream.answer = failure()
      const cache = yield* makeSession(upstream)
      assert.isTrue(Exit.isFailure(yield* Effect.exit(cache.get)))
      assert.deepStrictEqual(logs, [])
    }).pipe(withLogs, Effect.scoped)
  })
})
