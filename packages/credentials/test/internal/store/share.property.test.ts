import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Exit, FastCheck as fc, Fiber, Option, Random, Redacted } from "effect"
import { runs } from "../../../../../test/kit/long.ts"
import { makeManualClock, settle } from "../../../../../test/kit/manualClock.ts"
import { collectLogs, failure } from "../../../../../test/kit/upstream.ts"
import * as Credentials from "../../../src/Credentials.ts"
import type { CredentialsError } from "../../../src/CredentialsError.ts"
import { Replaced } from "../../../src/internal/session/refreshing.ts"
import { share } from "../../../src/internal/store/share.ts"
import * as SessionStore from "../../../src/SessionStore.ts"
import type { StsSession } from "../../../src/unstable/SessionDocument.ts"

type Step =
  | { readonly do: "start"; readonly process: number }
  | { readonly do: "proceed"; readonly which: number }
  | { readonly do: "wait"; readonly millis: number }
  | { readonly do: "crash"; readonly process: number }
  | { readonly do: "answer"; readonly seconds: number | undefined }

const index = fc.nat({ max: 5 })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("start" as const), process: index }) },
  { weight: 12, arbitrary: fc.record({ do: fc.constant("proceed" as const), which: fc.nat({ max: 20 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      millis: fc.oneof(fc.nat({ max: 400 }), fc.nat({ max: 6000 }), fc.nat({ max: 400_000 }))
    })
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("crash" as const), process: index }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("answer" as const),
      seconds: fc.constantFrom(undefined, 5, 30, 900, 3600)
    })
  }
)

const scenarios: fc.Arbitrary<Scenario> = fc.record({
  processes: fc.integer({ min: 2, max: 6 }),
  steps: fc.array(step, { minLength: 5, maxLength: 120 }),
  seed: fc.integer()
})

type Lookup = Effect.Effect<StsSession, CredentialsError>

interface Process {
  readonly key: string
  lookup: Lookup
  alive: boolean
  last: StsSession | undefined
  running: Fiber.RuntimeFiber<StsSession, CredentialsError> | undefined
}

interface Scenario {
  readonly processes: number
  readonly steps: ReadonlyArray<Step>
  readonly seed: number
}

/** Each operation of a store and each call of the service happens when the scenario says so, or never. */
const scenario = Effect.fnUntraced(function*({ processes: count, steps }: Scenario) {
  const clock = makeManualClock()
  clock.jump(1_000_000_000_000)
  const now = () => clock.unsafeCurrentTimeMillis()
  const memory = yield* SessionStore.makeMemory
  const problems: Array<string> = []
  let pending: Array<{ readonly process: Process; readonly go: () => void }> = []
  let answered: number | undefined = 3600
  let sessions = 0

  const gated = <A, E>(process: Process, operation: Effect.Effect<A, E>): Effect.Effect<A, E> =>
    Effect.async((resume) => {
      const leave = () => {
        pending = pending.filter((other) => other !== entry)
      }
      const entry = {
        process,
        go: () => {
          leave()
          resume(operation)
        }
      }
      pending.push(entry)
      return Effect.sync(leave)
    })

  const holders = new Map<string, { readonly process: Process; until: number }>()

  const lease = (process: Process, key: string) =>
    Effect.map(
      memory.lease(key),
      Option.map((lease): SessionStore.Lease => {
        const other = holders.get(key)
        if (other?.process.alive === true && other.until > now()) {
          problems.push("two processes hold the lease of a key")
        }
        const holder = { process, until: now() + Duration.toMillis(SessionStore.leaseTime) }
        holders.set(key, holder)
        return {
          renew: gated(process, lease.renew).pipe(
            Effect.tap((renewed) => {
              if (renewed) holder.until = now() + Duration.toMillis(SessionStore.leaseTime)
            })
          ),
          release: (after) =>
            gated(process, lease.release(after)).pipe(
              Effect.tap(() => {
                holder.until = Math.min(holder.until, now() + Duration.toMillis(after))
              })
            )
        }
      })
    )

  const storeOf = (process: Process): SessionStore.Service => ({
    name: "memory",
    get: (key) => gated(process, memory.get(key)),
    set: (key, session) => gated(process, memory.set(key, session)),
    remove: (key, session) => gated(process, memory.remove(key, session)),
    lease: (key) => gated(process, lease(process, key))
  })

  const fetch = (process: Process): Lookup =>
    gated(
      process,
      Effect.suspend((): Lookup => {
        if (answered === undefined) return failure()
        sessions++
        return Effect.succeed({
          accessKeyId: `${process.key}-${sessions}`,
          accessKeySecret: Redacted.make("s3cr3t"),
          securityToken: Redacted.make(`s3cr3t-${sessions}`),
          expiration: DateTime.unsafeMake(now() + answered * 1000)
        })
      })
    )

  const processes = Array.from({ length: count }, (_, index): Process => {
    const process: Process = {
      key: `key${index % 2}`,
      lookup: Effect.suspend(() => lookup),
      alive: true,
      last: undefined,
      running: undefined
    }
    const store = storeOf(process)
    const lookup = Effect.suspend(() =>
      share(store, { key: process.key, fetch: fetch(process), roleArn: "role", roleSessionName: "name" }).pipe(
        Effect.provideService(
          Replaced,
          process.last && Credentials.sts({ type: "sts", providerName: "", ...process.last })
        ),
        Effect.tap((session) => {
          if (session.expiration === undefined || DateTime.toEpochMillis(session.expiration) <= now()) {
            problems.push("a process got an expired session")
          }
          if (!session.accessKeyId.startsWith(`${process.key}-`)) {
            problems.push("a process got the session of another key")
          }
          process.last = session
        }),
        Effect.withClock(clock)
      )
    )
    return process
  })

  const start = (process: Process) =>
    Effect.gen(function*() {
      if (process.alive && (process.running === undefined || Option.isSome(yield* Fiber.poll(process.running)))) {
        process.running = yield* Effect.forkDaemon(process.lookup)
        yield* settle
      }
    })

  for (const step of steps) {
    switch (step.do) {
      case "start":
        yield* start(processes[step.process % count]!)
        break
      case "proceed":
        pending[step.which % pending.length]?.go()
        yield* settle
        break
      case "wait":
        yield* clock.advance(step.millis)
        break
      case "answer":
        answered = step.seconds
        break
      case "crash": {
        // Nothing of it runs any more, also not what it would do at its end.
        const process = processes[step.process % count]!
        process.alive = false
        pending = pending.filter((entry) => entry.process !== process)
        break
      }
    }
  }

  // From here on the service answers. Lookups that it has refused before may still fail, those after them may not.
  answered = 3600
  const alive = processes.filter((process) => process.alive)
  const finish = Effect.gen(function*() {
    for (const process of alive) yield* start(process)
    for (let round = 0; round < 500; round++) {
      for (const entry of pending.filter(({ process }) => process.alive)) entry.go()
      yield* clock.advance(200)
      const ended = yield* Effect.forEach(alive, ({ running }) => Fiber.poll(running!))
      if (ended.every(Option.isSome)) return ended.map((exit) => exit.value)
    }
    return []
  })
  yield* finish
  const exits = yield* finish
  if (exits.length !== alive.length) problems.push("a process waits for ever")
  if (!exits.every(Exit.isSuccess)) problems.push("a process has no session although the service answers")
  assert.deepStrictEqual(problems, [])
})

describe("any interleaving of processes that share a store", () => {
  it.live.prop(
    "has one leaseholder of a key at a time, and gives no expired session, none of another key, and everybody one",
    [scenarios],
    ([run]) =>
      collectLogs().withLogs(
        Effect.suspend(() => scenario(run)).pipe(Effect.withRandom(Random.make(run.seed)))
      ),
    { fastCheck: { numRuns: runs(40, 150) } }
  )
})
