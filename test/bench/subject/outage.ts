import * as Effect from "effect/Effect"
import type { Side } from "./clients.ts"
import { longSession } from "./clients.ts"
import { make, readEvery } from "./stage.ts"

const second = 1000

/** Nobody waits longer than this for a new session. */
const patience = 48 * 3600 * second

/** What a reader met in an outage of the service, and after it. */
export interface Outage {
  /** Requests to the service while it was out. */
  readonly lookups: number
  /** From the end of the outage to the first read of a new session. */
  readonly recoveryMillis: number
  /** Reads that were answered with a session that had ended. */
  readonly endedSessions: number
  /** Reads that were answered with an error. */
  readonly errors: number
}

/** An outage of so many hours that begins when the first session has been fetched. */
export const outage = (params: {
  readonly side: Side
  readonly hours: number
  readonly seed: number
}): Promise<Outage> =>
  Effect.gen(function*() {
    const stage = yield* make(params.side, { seed: params.seed, seconds: longSession })
    const { clock, cloud } = stage
    const begin = clock.unsafeCurrentTimeMillis()
    let first: string | undefined
    yield* Effect.promise(() =>
      readEvery(second, stage, (id, at) => {
        first = id
        return at < begin + second
      })
    )
    yield* cloud.setFaults([{ endpoint: "sts", kind: "refuse" }])
    const before = yield* cloud.count("sts")
    let endedSessions = 0
    let errors = 0
    const note = (id: string | undefined, at: number): void => {
      if (id === undefined) errors++
      if (id === first && at >= begin + longSession * second) endedSessions++
    }
    const end = begin + params.hours * 3600 * second
    yield* Effect.promise(() =>
      readEvery(second, stage, (id, at) => {
        note(id, at)
        return at < end
      })
    )
    const lookups = (yield* cloud.count("sts")) - before
    yield* cloud.clearFaults
    const back = clock.unsafeCurrentTimeMillis()
    yield* Effect.promise(() =>
      readEvery(second, stage, (id, at) => {
        note(id, at)
        return (id === undefined || id === first) && at < back + patience
      })
    )
    return { lookups, recoveryMillis: clock.unsafeCurrentTimeMillis() - back, endedSessions, errors }
  }).pipe(Effect.scoped, Effect.runPromise)
