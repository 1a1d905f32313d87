/** The order of fibers in one process, for `fileLock.ts`, whose lock file keeps other processes out. */
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as FiberId from "effect/FiberId"

/** Runs effects one at a time, in the order in which they came. */
export const makeTurns = () => {
  let last: Effect.Effect<void> = Effect.void
  return <A, E, R>(
    body: (before: Effect.Effect<void>) => Effect.Effect<A, E, R>
  ): Effect.Effect<A, E, R> =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const turn = { before: last, own: Deferred.unsafeMake<void>(FiberId.none), came: false }
        last = Deferred.await(turn.own)
        return turn
      }),
      (turn) =>
        body(Effect.zipRight(
          turn.before,
          Effect.sync(() => {
            turn.came = true
          })
        )),
      // A fiber that left before its turn leaves the wait to the next one.
      (turn) => Deferred.completeWith(turn.own, turn.came ? Effect.void : turn.before)
    )
}
