import * as Effect from "effect/Effect"
import type { Side } from "./clients.ts"
import { make, readEvery } from "./stage.ts"

/** How many requests so many reads cause that come one after the other, with a pause between two, in virtual time. */
export const paced = (params: {
  readonly side: Side
  readonly reads: number
  readonly pauseMillis: number
  /** The lifetime of the session. */
  readonly seconds: number
}): Promise<{ readonly requests: number; readonly errors: number }> =>
  Effect.gen(function*() {
    const stage = yield* make(params.side, { seed: 1, seconds: params.seconds })
    let left = params.reads
    let errors = 0
    yield* Effect.promise(() =>
      readEvery(params.pauseMillis, stage, (id) => {
        if (id === undefined) errors++
        return --left > 0
      })
    )
    return { requests: yield* stage.cloud.count("sts"), errors }
  }).pipe(Effect.scoped, Effect.runPromise)
