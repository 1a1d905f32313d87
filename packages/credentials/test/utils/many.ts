import { Array as Arr, Effect, Random } from "effect"
import { makeManualClock } from "../../../../test/kit/manualClock.ts"
import { makeUpstream, session } from "../../../../test/kit/upstream.ts"
import * as keyedSessions from "../../src/internal/session/keyed.ts"
import type * as RefreshPolicy from "../../src/RefreshPolicy.ts"

export const second = 1000

/** Sessions of one `RamRoleArns` on a clock of its own, without jitter; they share an upstream. */
export const makeMany = (options: {
  readonly capacity?: number
  readonly refreshesPerSecond?: number
  readonly refresh?: RefreshPolicy.Options
}) =>
  Effect.gen(function*() {
    const clock = makeManualClock()
    const upstream = makeUpstream()
    const starts: Array<{ readonly key: string; readonly at: number }> = []
    const sessions = yield* keyedSessions.make({
      capacity: options.capacity ?? 10_000,
      refreshesPerSecond: options.refreshesPerSecond ?? 20,
      refresh: options.refresh
    }).pipe(Effect.withRandom(Random.fixed([0])), Effect.withClock(clock))
    const now = () => clock.unsafeCurrentTimeMillis()
    const handle = (key: string, seconds: number = 3600) =>
      sessions.get(key) ?? sessions.open(key, {
        name: "many",
        lookup: Effect.suspend(() => {
          starts.push({ key, at: now() })
          return Effect.map(
            Effect.zipRight(upstream.get, session(`${key}@${now()}`, seconds)),
            (credentials) => ({ credentials, source: "many", undated: "expire" })
          )
        })
      })
    const read = (key: string, seconds?: number) =>
      Effect.withClock(Effect.suspend(() => handle(key, seconds).read()), clock)
    /** Fetches these sessions at this moment, and reads them so often. */
    const open = (keys: ReadonlyArray<string>, seconds: number = 3600, reads: number = 1) =>
      Effect.gen(function*() {
        upstream.answer = session("any", seconds)
        yield* Effect.forEach(keys, (key) => read(key, seconds), { concurrency: "unbounded", discard: true })
        for (let i = 0; i < reads; i++) {
          yield* Effect.forEach(keys, (key) => read(key, seconds), { discard: true })
        }
        starts.length = 0
      })
    return { clock, upstream, sessions, starts, now, handle, read, open }
  })

export const keys = (count: number, prefix: string = "role"): ReadonlyArray<string> =>
  Arr.makeBy(count, (index) => `${prefix}-${index}`)
