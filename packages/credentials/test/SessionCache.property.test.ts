import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Exit, FastCheck as fc, Fiber, Option, Random, Scope } from "effect"
import { makeManualClock, settle } from "../../../test/kit/manualClock.ts"
import { collectLogs, failure, idOf, makeSession, makeUpstream, session } from "../../../test/kit/upstream.ts"
import { expirationOf } from "../src/Credentials.ts"
import type { Credentials } from "../src/Credentials.ts"
import type { CredentialsError } from "../src/CredentialsError.ts"

type Answer = "fresh" | "same" | "expired" | "failure" | "defect" | "interrupt"

type Step =
  | { readonly do: "wait"; readonly millis: number }
  | { readonly do: "jump"; readonly millis: number }
  | { readonly do: "read" }
  | { readonly do: "peek" }
  | { readonly do: "leave" }
  | { readonly do: "invalidate"; readonly which: "current" | "oldest" }
  | { readonly do: "answer"; readonly answer: Answer; readonly latency: number; readonly seconds: number }

const millis = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: 90_000 }),
  fc.integer({ min: 1, max: 5_000_000 })
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), millis }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("jump" as const),
      millis: fc.integer({ min: -43_200_000, max: 43_200_000 })
    })
  },
  { weight: 6, arbitrary: fc.constant({ do: "read" as const }) },
  { weight: 2, arbitrary: fc.constant({ do: "peek" as const }) },
  { weight: 1, arbitrary: fc.constant({ do: "leave" as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("invalidate" as const),
      which: fc.constantFrom("current" as const, "oldest" as const)
    })
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      answer: fc.constantFrom<Array<Answer>>(
        "fresh",
        "fresh",
        "same",
        "expired",
        "failure",
        "failure",
        "defect",
        "interrupt"
      ),
      latency: fc.constantFrom(0, 0, 20, 3000, 100_000),
      seconds: fc.constantFrom(1, 3, 10, 60, 900, 3600, 43_200)
    })
  }
)

const runs = fc.record({
  steps: fc.array(step, { minLength: 5, maxLength: 60 }),
  seed: fc.integer(),
  pastExpiry: fc.constantFrom("refuse" as const, "serve" as const)
})

/** The least pause that must follow the n-th failure in a row, whatever the random number. */
const leastPause = (failures: number, hadValue: boolean): number =>
  failures <= 1 ? 0 : Math.floor(Math.min(hadValue ? 240_000 : 5000, 100 * 2 ** (failures - 2)) / 2)

const scenario = Effect.fnUntraced(function*(
  { pastExpiry, seed, steps }: {
    readonly steps: ReadonlyArray<Step>
    readonly seed: number
    readonly pastExpiry: "refuse" | "serve"
  }
) {
  const clock = makeManualClock()
  clock.jump(1_000_000_000_000)
  const now = () => clock.unsafeCurrentTimeMillis()
  const scope = yield* Scope.make()
  const upstream = makeUpstream(3600)

  const accepted: Array<Credentials> = []
  const newest = () => accepted.at(-1)
  const isValid = (credentials: Credentials | undefined) =>
    credentials !== undefined && now() < DateTime.toEpochMillis(Option.getOrThrow(expirationOf(credentials)))

  let failures = 0
  let failedAt = 0
  let notBefore = 0
  const failed = () => {
    failures += 1
    failedAt = now()
    notBefore = now() + leastPause(failures, accepted.length > 0)
  }

  const setAnswer = (answer: Answer, latency: number, seconds: number) => {
    const answers: Record<Answer, Effect.Effect<Credentials, CredentialsError>> = {
      fresh: Effect.suspend(() => session(`session-${upstream.calls}`, seconds)),
      same: Effect.suspend(() => Effect.succeed(newest()!)),
      expired: session("expired", -1),
      failure: failure(),
      defect: Effect.die("defect"),
      interrupt: Effect.interrupt
    }
    upstream.answer = Effect.suspend(() => {
      assert.isFalse(now() >= failedAt && now() < notBefore, "the source was asked during a hold-off")
      const chosen = answer === "same" && newest() === undefined ? answers.fresh : answers[answer]
      return Effect.delay(chosen, latency).pipe(
        Effect.tapErrorCause(() => Effect.sync(failed)),
        Effect.tap((credentials) => {
          if (!isValid(credentials)) {
            return failed()
          }
          accepted.push(credentials)
          failures = 0
          notBefore = 0
        })
      )
    })
  }
  setAnswer("fresh", 0, 3600)

  const cache = yield* makeSession(upstream, { random: Random.make(seed), refresh: { pastExpiry } }).pipe(
    Effect.withClock(clock),
    Scope.extend(scope)
  )

  const check = (credentials: Credentials) => {
    assert.strictEqual(idOf(credentials), idOf(newest()), "a reader got other credentials than the newest ones")
    if (pastExpiry === "refuse") {
      assert.isTrue(isValid(credentials), "a reader got expired credentials")
    }
  }
  const problems: Array<unknown> = []
  const read = Effect.onExit(cache.get, (exit) =>
    Effect.sync(() => {
      try {
        if (Exit.isSuccess(exit)) {
          check(exit.value)
        } else if (!Exit.isInterrupted(exit)) {
          assert.isFalse(isValid(newest()), "a reader failed although there was a valid value")
          assert.isFalse(pastExpiry === "serve" && accepted.length > 0, "a reader failed although the old value serves")
        }
      } catch (problem) {
        problems.push(problem)
      }
    }))

  const readers: Array<Fiber.RuntimeFiber<Credentials, CredentialsError>> = []
  const fork = Effect.map(Effect.forkDaemon(Effect.withClock(read, clock)), (fiber) => readers.push(fiber))

  for (const step of steps) {
    switch (step.do) {
      case "wait":
        yield* clock.advance(step.millis)
        break
      case "jump":
        clock.jump(step.millis)
        break
      case "read":
        yield* fork
        break
      case "peek": {
        const credentials = cache.unsafeCurrent()
        if (credentials !== undefined) {
          check(credentials)
          assert.isTrue(isValid(credentials))
        }
        break
      }
      case "leave":
        yield* settle
        if (readers.length > 0) {
          yield* Fiber.interrupt(readers.shift()!)
        }
        break
      case "invalidate": {
        const rejected = step.which === "current" ? newest() : accepted[0]
        if (rejected !== undefined) {
          yield* cache.invalidate(rejected)
        }
        break
      }
      case "answer":
        setAnswer(step.answer, step.latency, step.seconds)
        break
    }
  }

  setAnswer("fresh", 0, 3600)
  yield* clock.advance(400_000)
  yield* fork
  yield* clock.advance(0)
  const exits = yield* Effect.forEach(readers, Fiber.poll)
  assert.isTrue(exits.every(Option.isSome), "a reader waits for ever")
  assert.isTrue(Option.exists(exits.at(-1)!, Exit.isSuccess), "the cache has not recovered")
  assert.deepStrictEqual(problems, [])
  assert.isAtMost(upstream.mostInFlight, 1, "more than one lookup at a time")

  yield* Scope.close(scope, Exit.void)
  const { calls } = upstream
  assert.deepStrictEqual(clock.timers(), [])
  yield* clock.advance(100_000_000)
  assert.strictEqual(upstream.calls, calls)
})

describe("any sequence of reads, waits, failures, invalidations, slow lookups, interruptions and clocks that are set", () => {
  it.live.prop(
    "never gives an expired value, an older value, an error in place of a value, or two lookups at a time",
    [runs],
    ([run]) => collectLogs().withLogs(scenario(run)),
    { fastCheck: { numRuns: 400 } }
  )
})
