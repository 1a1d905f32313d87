/** The progress line on a terminal, for every command that waits for a service. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { Screen } from "./screen.ts"

/** Steps that are faster than this show nothing. */
const patience = "300 millis"

const clearLine = "\r\u001b[2K"

/** On a terminal, says what is being waited for, and for how long, from 300 ms on. The line goes when the step ends. */
export const step = <A, E, R>(text: string, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(Screen, ({ err }) => {
    if (!err.isTTY) {
      return self
    }
    let shown = false
    const tell = Effect.gen(function*() {
      const started = yield* Clock.currentTimeMillis
      yield* Effect.sleep(patience)
      while (true) {
        const seconds = ((yield* Clock.currentTimeMillis) - started) / 1000
        shown = true
        err.write(`${clearLine}${text} ${seconds.toFixed(1)} s`)
        yield* Effect.sleep("100 millis")
      }
    })
    return Effect.scoped(Effect.zipRight(Effect.forkScoped(tell), self)).pipe(
      Effect.ensuring(Effect.sync(() => {
        if (shown) {
          err.write(clearLine)
        }
      }))
    )
  })
