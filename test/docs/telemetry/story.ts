/**
 * A service that works for a tenant, on the fake cloud and at a fixed time: what it emits is shown on the page about
 * telemetry, as pictures and as tables.
 */
import { AccessKey, RamRoleArn, SessionStore } from "@effect-alicloud/credentials"
import { CallCredentials, Ecs } from "@effect-alicloud/openapi"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import type { MetricState } from "effect"
import { Clock, Effect, Fiber, Layer, Logger, Metric, Random, Redacted, TestClock, TestContext } from "effect"
import { patience, turn } from "../../kit/drive.ts"
import { type Recorded, recorder } from "./recorder.ts"

/** A metric of the library with one set of tags. */
export interface Measured {
  readonly name: string
  readonly tags: Readonly<Record<string, string>>
  readonly state: MetricState.MetricState.Untyped
}

/** What happened between two moments, without pauses in between. */
export interface Scene {
  readonly title: string
  readonly start: number
  readonly spans: ReadonlyArray<Recorded>
}

export interface Told {
  readonly scenes: ReadonlyArray<Scene>
  readonly metrics: ReadonlyArray<Measured>
}

const start = Date.parse("2026-01-02T09:00:00Z")

const roleArn = "acs:ram::1234567890123456:role/tenant"

/** Turns of the event loop after which whatever can begin without a timer has begun. */
const settling = 50

/** How long the services take to answer, in milliseconds. */
const takes = { sts: 180, ecs: 120 }

const latency: ReadonlyArray<FakeAlicloud.Fault> = [
  { endpoint: "sts", kind: "latency", millis: takes.sts },
  { endpoint: "ecs", kind: "latency", millis: takes.ecs }
]

const key = { accessKeyId: "LTAI5tService", accessKeySecret: "s3cr3t" }

const cloud = FakeAlicloud.layer({
  users: [{ name: "service", ...key }],
  roles: [{ arn: roleArn, trustedUsers: ["service"] }],
  faults: latency
})

const service = Layer.merge(
  RamRoleArn.layerMany({ refresh: { jitter: 0 } }),
  Ecs.layer({ regionId: "cn-hangzhou" })
).pipe(
  Layer.provide(AccessKey.layer({ accessKeyId: key.accessKeyId, accessKeySecret: Redacted.make(key.accessKeySecret) })),
  Layer.provide(SessionStore.layerMemory)
)

const request = Effect.flatMap(
  RamRoleArn.RamRoleArns,
  (roles) => CallCredentials.provide(Ecs.describeRegions(), roles.provider({ roleArn }))
).pipe(Effect.withSpan("GET /regions"))

const until = (condition: Effect.Effect<boolean>) =>
  Effect.repeat(Effect.zipRight(turn, condition), { until: (holds) => holds, times: patience }).pipe(
    Effect.filterOrDieMessage((holds) => holds, "the story waits for something that does not happen")
  )

/** When the next timer of a kind ends. Signing takes real time, during which the clock stands still. */
const sleeping = (isNext: (after: number) => boolean) =>
  Effect.gen(function*() {
    const now = yield* Clock.currentTimeMillis
    const next = Effect.map(
      TestClock.sleeps(),
      (sleeps) => Math.min(...Array.from(sleeps).filter((at) => isNext(at - now)))
    )
    yield* until(Effect.map(next, Number.isFinite))
    return yield* next
  })

/** Goes on to the timer that takes so long. */
const pass = (millis: number) => Effect.flatMap(sleeping((after) => after === millis), TestClock.setTime)

const metrics: Effect.Effect<ReadonlyArray<Measured>> = Effect.map(
  Metric.snapshot,
  (pairs) =>
    pairs.filter(({ metricKey }) => metricKey.name.startsWith("alicloud_")).map(({ metricKey, metricState }) => ({
      name: metricKey.name,
      tags: Object.fromEntries(metricKey.tags.map(({ key, value }) => [key, value])),
      state: metricState
    }))
)

export const story: Effect.Effect<Told> = Effect.suspend(() => {
  const { ended, open, tracer } = recorder()
  const scenes: Array<Scene> = []
  const scene = <E, R>(title: string, spans: number, run: Effect.Effect<unknown, E, R>) =>
    Effect.gen(function*() {
      const begins = yield* Clock.currentTimeMillis
      const before = ended.length
      yield* run
      yield* until(Effect.sync(() => ended.length === before + spans))
      scenes.push({ title, start: begins, spans: ended.slice(before) })
    })

  const untraced = Effect.withTracerEnabled(
    Effect.flatMap(Effect.fork(request), (fiber) => Effect.zipRight(pass(takes.ecs), Fiber.join(fiber))),
    false
  )

  /** A request at the moment at which the early refresh begins. */
  const duringRefresh = Effect.gen(function*() {
    yield* sleeping((after) => after === takes.sts)
    const fiber = yield* Effect.fork(request)
    yield* pass(takes.ecs)
    yield* Fiber.join(fiber)
    yield* pass(takes.sts - takes.ecs)
  })

  /** After the pause before it, while which nothing is under way. */
  const nextAttempt = Effect.gen(function*() {
    yield* Effect.replicateEffect(turn, settling)
    while (open() === 0) {
      yield* Effect.flatMap(sleeping((after) => after > 0), TestClock.setTime)
      yield* Effect.replicateEffect(turn, settling)
    }
    yield* pass(takes.sts)
  })

  /** Sessions that no reader has had are not refreshed. */
  const toNextRefresh = Effect.gen(function*() {
    yield* untraced
    yield* TestClock.adjust("40 minutes")
    yield* Effect.flatMap(sleeping((after) => after > 0), TestClock.setTime)
  })

  return Effect.gen(function*() {
    yield* TestClock.setTime(start)
    const fake = yield* FakeAlicloud.FakeAlicloud
    yield* scene(
      "The first request waits for the session",
      6,
      Effect.gen(function*() {
        const fiber = yield* Effect.fork(request)
        yield* pass(takes.sts)
        yield* pass(takes.ecs)
        yield* Fiber.join(fiber)
      })
    )
    yield* toNextRefresh
    yield* scene("A quarter of an hour before it ends it is refreshed, and no request waits", 5, duringRefresh)
    yield* fake.setFaults([
      ...latency,
      { endpoint: "sts", kind: "error", status: 403, code: "NoPermission", times: 2 }
    ])
    yield* toNextRefresh
    yield* scene(
      "STS refuses twice: requests go on with the session that is there",
      11,
      Effect.gen(function*() {
        yield* duringRefresh
        yield* nextAttempt
        yield* nextAttempt
      })
    )
    return { scenes, metrics: yield* metrics }
  }).pipe(
    Effect.provide(service.pipe(Layer.provideMerge(cloud))),
    Effect.withTracer(tracer),
    Effect.withRandom(Random.make("telemetry")),
    Effect.provide([TestContext.TestContext, Logger.remove(Logger.defaultLogger)]),
    Effect.orDie
  )
})
