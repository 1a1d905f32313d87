import { assert, describe, it } from "@effect/vitest"
import { Effect, Option, Random, TestClock } from "effect"
import { inspect } from "node:util"
import { absent, atOnce, collectLogs, idOf, secret, session } from "../../../test/kit/upstream.ts"
import type { CredentialsError } from "../src/CredentialsError.ts"
import * as CredentialsProvider from "../src/CredentialsProvider.ts"
import * as Source from "../src/Source.ts"
import type { Scripted } from "./utils/sources.ts"
import { broken, brokenError, missing, working } from "./utils/sources.ts"

const cached = (source: Source.Source) => Effect.withRandom(CredentialsProvider.make(source), Random.fixed([0]))

const chainOf = (...sources: readonly [Scripted, ...Array<Scripted>]): Source.Source =>
  sources.slice(1).reduce(
    (self: Source.Source, that) => Source.orElse(self, that, { fallThrough: "anyFailure" }),
    sources[0]
  )

const calls = (...sources: ReadonlyArray<Scripted>): ReadonlyArray<number> => sources.map((source) => source.calls)

const at = (seconds: number) => TestClock.setTime(seconds * 1000)

const assertError = (actual: CredentialsError, expected: CredentialsError): void => {
  assert.strictEqual(actual.message, expected.message)
  assert.deepStrictEqual({ ...actual }, { ...expected })
}

describe("the remembered winner", () => {
  it.scoped("is used alone when those above it are absent", () =>
    Effect.gen(function*() {
      const [a, b, c] = [missing("A"), working("B"), working("C")]
      const provider = yield* cached(chainOf(a, b, c))
      for (const time of [0, 4000, 8000]) {
        yield* at(time)
        yield* provider.get
      }
      assert.deepStrictEqual(calls(a, b, c), [1, 3, 0])
    }))

  it.scoped("that fails later causes its error once its session has expired: no other identity takes its place", () =>
    Effect.gen(function*() {
      const [a, b, c] = [missing("A"), working("B"), working("C")]
      const provider = yield* cached(chainOf(a, b, c))
      yield* provider.get
      b.answer = brokenError("B")
      yield* at(3590)
      assert.strictEqual(idOf(yield* provider.get), "B-1")
      yield* at(3600)
      assertError(yield* Effect.flip(provider.get), brokenError("B"))
      assert.deepStrictEqual(calls(a, c), [1, 0])
    }))

  it.scoped("that is absent later causes its error too", () =>
    Effect.gen(function*() {
      const [a, b] = [working("A"), working("B")]
      const provider = yield* cached(chainOf(a, b))
      yield* provider.get
      a.answer = absent("A")
      yield* at(3600)
      assertError(yield* Effect.flip(provider.get), absent("A"))
      assert.strictEqual(b.calls, 0)
    }))

  it.scoped("that fails later causes its error even while a broken source above it is retried", () =>
    Effect.gen(function*() {
      const [a, b, c] = [broken("A"), working("B"), working("C")]
      const provider = yield* cached(chainOf(a, b, c))
      yield* provider.get
      b.answer = brokenError("B")
      yield* at(3600)
      assertError(yield* Effect.flip(provider.get), brokenError("B"))
      assert.deepStrictEqual(calls(a, b, c), [2, 2, 0])
    }))

  it.scoped("does not exist while everything fails: the next call tries the chain again, at once after the first failure", () =>
    Effect.gen(function*() {
      const [a, b] = [missing("A"), broken("B")]
      const provider = yield* cached(chainOf(a, b))
      const error = yield* Effect.flip(provider.get)
      assert.strictEqual(error._tag, "NoCredentials")
      a.answer = working("A").get
      assert.strictEqual(idOf(yield* provider.get), "A-1")
      assert.deepStrictEqual(calls(a, b), [2, 1])
    }))

  it.scoped("is never a source whose credentials had already expired: the chain continues after it", () =>
    Effect.gen(function*() {
      const [a, b] = [working("A"), working("B")]
      a.answer = session("expired", -60)
      const provider = yield* cached(chainOf(a, b))
      assert.strictEqual(idOf(yield* provider.get), "B-1")
      const report = yield* provider.report
      assert.deepStrictEqual(report.outcomes.map(({ _tag }) => _tag), ["Skipped", "Won"])
      const skipped = report.outcomes[0]
      assert.isTrue(
        skipped?._tag === "Skipped" && skipped.error._tag === "SourceFailed" && skipped.error.reason === "Expired"
      )
    }))

  it.scoped("concurrent first calls share one walk", () =>
    Effect.gen(function*() {
      const [a, b] = [missing("A"), working("B")]
      a.answer = Effect.delay(a.answer, "1 second")
      const provider = yield* cached(chainOf(a, b))
      const readers = yield* Effect.fork(atOnce(100, provider.get))
      yield* TestClock.adjust("1 second")
      assert.strictEqual(new Set(yield* readers).size, 1)
      assert.deepStrictEqual(calls(a, b), [1, 1])
    }))
})

describe("a broken source above the winner", () => {
  it.effect("is retried at the winner's next refresh and takes over when it works, with an info log", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const [a, b] = [broken("A"), working("B")]
      const provider = yield* cached(chainOf(a, b))
      assert.strictEqual(idOf(yield* provider.get), "B-1")
      yield* provider.get
      a.answer = session("A-again", 3600).pipe(Effect.delay("1 second"))
      yield* at(2699)
      assert.deepStrictEqual(calls(a, b), [1, 1])
      yield* at(2701)
      assert.strictEqual(idOf(yield* provider.get), "A-again")
      assert.deepStrictEqual(calls(a, b), [2, 1])
      assert.strictEqual(Option.getOrUndefined((yield* provider.report).winner), "A")
      assert.deepStrictEqual(logs.filter((log) => log.level === "INFO"), [{
        level: "INFO",
        message: "Alibaba Cloud credentials come from another source now",
        annotations: { from: "B", to: "A" },
        cause: ""
      }])
      yield* at(6301)
      yield* provider.get
      assert.strictEqual(b.calls, 1)
    }).pipe(withLogs, Effect.scoped)
  })

  it.scoped("is not tried again once it is absent", () =>
    Effect.gen(function*() {
      const [a, b] = [broken("A"), working("B")]
      const provider = yield* cached(chainOf(a, b))
      yield* provider.get
      a.answer = absent("A")
      for (const time of [3600, 7200, 10_800]) {
        yield* at(time)
        yield* provider.get
      }
      assert.deepStrictEqual(calls(a, b), [2, 4])
    }))

  it.effect("is named by a warning each time it is passed over; an absent one is not", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const [a, b, c] = [missing("A"), broken("B"), working("C")]
      const provider = yield* cached(chainOf(a, b, c))
      yield* provider.get
      const warning = {
        level: "WARN",
        message: "A configured credential source is broken and was passed over",
        annotations: { source: "B", error: brokenError("B").message, winner: "C" },
        cause: ""
      }
      assert.deepStrictEqual(logs, [warning])
      yield* provider.get
      yield* at(3600)
      yield* provider.get
      assert.deepStrictEqual(logs, [warning, warning])
      assert.notInclude(inspect(logs, { depth: 10 }), secret)
    }).pipe(withLogs, Effect.scoped)
  })

  it.effect("is not warned about when no source succeeds: the error names it", () => {
    const { logs, withLogs } = collectLogs()
    return Effect.gen(function*() {
      const provider = yield* cached(chainOf(missing("A"), broken("B")))
      yield* Effect.flip(provider.get)
      assert.deepStrictEqual(logs, [])
    }).pipe(withLogs, Effect.scoped)
  })
})

describe("report", () => {
  const outcomes = (provider: CredentialsProvider.Service) =>
    Effect.map(provider.report, (report) => [
      Option.getOrNull(report.winner),
      ...report.outcomes.map((outcome) =>
        outcome._tag === "Won"
          ? `${outcome.source} won as ${outcome.providerName}`
          : outcome._tag === "Skipped"
          ? `${outcome.source} skipped, ${outcome.error.message}`
          : `${outcome.source} not asked`
      )
    ])

  it.scoped("before the first call no source has been tried", () =>
    Effect.gen(function*() {
      const provider = yield* cached(chainOf(missing("A"), working("B")))
      assert.deepStrictEqual(yield* outcomes(provider), [null, "A not asked", "B not asked"])
    }))

  it.scoped("after a success it names the source used, those skipped and why, and those not tried", () =>
    Effect.gen(function*() {
      const provider = yield* cached(chainOf(missing("A"), broken("B"), working("C"), working("D")))
      yield* provider.get
      assert.deepStrictEqual(yield* outcomes(provider), [
        "C",
        `A skipped, ${absent("A").message}`,
        `B skipped, ${brokenError("B").message}`,
        "C won as upstream",
        "D not asked"
      ])
    }))

  it.scoped("after a failure it has the error of each source that was tried", () =>
    Effect.gen(function*() {
      const strict = Source.orElse(Source.orElse(missing("A"), broken("B")), working("C"))
      const provider = yield* cached(strict)
      yield* Effect.flip(provider.get)
      assert.deepStrictEqual(yield* outcomes(provider), [
        null,
        `A skipped, ${absent("A").message}`,
        `B skipped, ${brokenError("B").message}`,
        "C not asked"
      ])
    }))

  it.scoped("after a refresh that failed in a walk it has the errors of all sources tried in it", () =>
    Effect.gen(function*() {
      const [a, b, c] = [broken("A"), working("B"), working("C")]
      const provider = yield* cached(chainOf(a, b, c))
      yield* provider.get
      b.answer = brokenError("B")
      yield* at(3600)
      yield* Effect.flip(provider.get)
      assert.deepStrictEqual(yield* outcomes(provider), [
        null,
        `A skipped, ${brokenError("A").message}`,
        `B skipped, ${brokenError("B").message}`,
        "C not asked"
      ])
    }))
})
