/** The effect of signals to this process. `main.ts` receives them, commands decide which work they interrupt. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Stopped } from "./failure.ts"

/** Fails once this process has received SIGINT or SIGTERM. Never, unless `main.ts` provides it. */
export class Signals extends Context.Reference<Signals>()("@effect-alicloud/cli/Signals", {
  defaultValue: (): Effect.Effect<never, Stopped> => Effect.never
}) {}

/** Runs an effect until it ends or a signal arrives, which interrupts it. */
export const stoppable = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E | Stopped, R> =>
  Effect.flatMap(Signals, (signals) => Effect.raceFirst(self, signals))
