/**
 * Compares this machine's clock with the `Date` of a service's answer. Used by the sources that get sessions over HTTP:
 * `Sts`, `Imds` and `CredentialsUri`.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { SourceFailed } from "../../CredentialsError.ts"
import type { Answer } from "../../unstable/Transport.ts"
import { clockHint, dateOf } from "../../unstable/Transport.ts"
import { expired } from "./expired.ts"

/** A clock that is off by less is good enough for signatures and sessions. */
const toleratedMillis = 5 * 60_000

/** What an answer says about this machine's clock. */
interface Reading {
  readonly now: number
  /** How far this machine's clock is ahead of the service's, in milliseconds. */
  readonly ahead: number
  /** What to do, when the clock is wrong. */
  readonly hint: string | undefined
}

/** Reads answers of one service. The first one that shows a wrong clock is logged as a warning. */
export const reader = (service: string): (answer: Answer) => Effect.Effect<Reading> => {
  let warned = false
  return ({ headers }) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => {
      const ahead = now - (dateOf(headers) ?? now)
      const hint = Math.abs(ahead) > toleratedMillis ? clockHint(ahead, service) : undefined
      const isNews = hint !== undefined && !warned
      warned = warned || isNews
      return Effect.as(isNews ? Effect.logWarning(hint) : Effect.void, { now, ahead, hint })
    })
}

/** Fails for a session that has ended by a clock that is wrong, and says so. The end of a session is not guessed. */
export const check = (
  source: string,
  { hint, now }: Reading,
  end: DateTime.Utc | undefined
): Effect.Effect<void, SourceFailed> =>
  hint !== undefined && end !== undefined && DateTime.toEpochMillis(end) <= now
    ? new SourceFailed({ ...expired(source), hint })
    : Effect.void
