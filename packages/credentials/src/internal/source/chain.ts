import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Credentials } from "../../Credentials.ts"
import { expirationOf, withProviderName } from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import { attemptsOf, isAbsent, NoCredentials } from "../../CredentialsError.ts"
import type * as RefreshPolicy from "../../RefreshPolicy.ts"
import { expired } from "./expired.ts"

/**
 * Where credentials come from. One `get` is one resolution: nothing is cached.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source {
  readonly name: string
  readonly get: Effect.Effect<Credentials, CredentialsError>
  /** What to do with credentials that carry no expiration. Default `expire`. */
  readonly undated?: RefreshPolicy.Undated | undefined
  /** The two sides, if this source is a chain made by `orElse`. */
  readonly chain?: { readonly first: Source; readonly second: Source; readonly fallThrough: FallThrough } | undefined
}

/**
 * When a chain goes on to the next source.
 *
 * - `unavailable`: only past a source that is not configured; one that is configured and broken ends the chain
 * - `anyFailure`: past every error, as the official default chain does
 *
 * @since 0.1.0
 * @category models
 */
export type FallThrough = "unavailable" | "anyFailure"

/**
 * A source from an effect of your own, for example a vault. `undated` says what to do with credentials that carry no
 * expiration; by default they are used for 15 minutes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEffect = (
  name: string,
  get: Effect.Effect<Credentials, CredentialsError>,
  options?: { readonly undated?: RefreshPolicy.Undated | undefined }
): Source => ({ name, get, undated: options?.undated })

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

/** Asks one source. One whose credentials have already ended has failed. */
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

/**
 * Asks the sources in order. `last` is the source behind which the walk does not go on: its error is the answer.
 */
export const walk = (source: Source, last: Source | undefined): Effect.Effect<Walk, Ended> => {
  const chain = source.chain
  if (chain === undefined) {
    return Effect.mapBoth(unexpired(source), {
      onFailure: (error) => ({ error, skipped: [{ source, error }], final: source === last }),
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

/**
 * How two sources are joined.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface OrElseOptions {
  /** When the second source is used. Default `unavailable`. */
  readonly fallThrough?: FallThrough | undefined
}

const isSource = (input: unknown): input is Source => Predicate.hasProperty(input, "get")

/**
 * Joins two sources: `that` is asked when `self` has no credentials. The errors of both are kept.
 *
 * @since 0.1.0
 * @category combinators
 */
export const orElse: {
  (that: Source, options?: OrElseOptions): (self: Source) => Source
  (self: Source, that: Source, options?: OrElseOptions): Source
} = dual(
  (args) => isSource(args[1]),
  (self: Source, that: Source, options?: OrElseOptions): Source => {
    const joined: Source = {
      name: `${self.name} | ${that.name}`,
      get: Effect.suspend(() =>
        Effect.mapBoth(walk(joined, undefined), {
          onFailure: (ended) => ended.error,
          onSuccess: (found) => found.credentials
        })
      ),
      chain: { first: self, second: that, fallThrough: options?.fallThrough ?? "unavailable" }
    }
    return joined
  }
)

/**
 * The same source whose credentials report `prefix/` before their provider name, as the official clients name what
 * wraps a source: `default/env`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withProviderPrefix: {
  (prefix: string): (self: Source) => Source
  (self: Source, prefix: string): Source
} = dual(2, (self: Source, prefix: string): Source =>
  self.chain === undefined
    ? {
      ...self,
      get: Effect.map(self.get, (credentials) => withProviderName(credentials, `${prefix}/${credentials.providerName}`))
    }
    : orElse(withProviderPrefix(self.chain.first, prefix), withProviderPrefix(self.chain.second, prefix), self.chain))

export const leaves = (source: Source): ReadonlyArray<Source> =>
  source.chain === undefined ? [source] : [...leaves(source.chain.first), ...leaves(source.chain.second)]
