/**
 * Walks a chain: its sources in order, until one has credentials. `Source.orElse` builds what is walked here,
 * `CredentialsProvider.make` remembers the winner of a walk and reports it. The main file of this folder, which holds what
 * sources are made with.
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Credentials } from "../../Credentials.ts"
import { expirationOf } from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import { attemptsOf, isAbsent, NoCredentials } from "../../CredentialsError.ts"
import type { Source } from "../../Source.ts"
import { expired } from "./expired.ts"

export interface Attempt {
  readonly source: Source
  readonly error: CredentialsError
}

/**
 * What a walk of a chain found: the winner with its credentials, and the errors of those asked before it.
 */
export interface Walk {
  readonly winner: Source
  readonly credentials: Credentials
  readonly skipped: ReadonlyArray<Attempt>
}

/**
 * A walk that found nothing. `final` when no chain around it may go on.
 */
export interface Ended {
  readonly error: CredentialsError
  readonly skipped: ReadonlyArray<Attempt>
  readonly final: boolean
}

const ended = (skipped: ReadonlyArray<Attempt>): Ended => ({
  error: new NoCredentials({ attempts: skipped.flatMap((attempt) => attemptsOf(attempt.error)) }),
  skipped,
  final: false
})

/** Tries one source. Credentials that have already expired count as a failure. */
const unexpired = (source: Source): Effect.Effect<Credentials, CredentialsError> =>
  Effect.flatMap(
    source.get,
    (credentials) =>
      Effect.clockWith((clock) =>
        Option.exists(
            expirationOf(credentials),
            (end) => DateTime.toEpochMillis(end) <= clock.unsafeCurrentTimeMillis()
          )
          ? expired(source.name)
          : Effect.succeed(credentials)
      )
  )

const isCircle = (error: CredentialsError): boolean => error._tag === "InvalidConfig" && error.circle !== undefined

/**
 * Tries the sources in order. The walk ends at `last`, and at a profile that leads back to itself, with its error.
 */
export const walk = (source: Source, last: Source | undefined): Effect.Effect<Walk, Ended> => {
  const chain = source.chain
  if (chain === undefined) {
    return Effect.mapBoth(unexpired(source), {
      onFailure: (error) => ({ error, skipped: [{ source, error }], final: source === last || isCircle(error) }),
      onSuccess: (credentials) => ({ winner: source, credentials, skipped: [] })
    })
  }
  return Effect.catchAll(walk(chain.first, last), (first): Effect.Effect<Walk, Ended> => {
    if (first.final) {
      return Effect.fail(first)
    }
    return chain.fallThrough === "unavailable" && !isAbsent(first.error)
      ? Effect.fail(ended(first.skipped))
      : Effect.mapBoth(walk(chain.second, last), {
        onFailure: (second) => {
          const skipped = [...first.skipped, ...second.skipped]
          return second.final ? { ...second, skipped } : ended(skipped)
        },
        onSuccess: (found) => ({ ...found, skipped: [...first.skipped, ...found.skipped] })
      })
  })
}

export const leaves = (source: Source): ReadonlyArray<Source> =>
  source.chain === undefined ? [source] : [...leaves(source.chain.first), ...leaves(source.chain.second)]
