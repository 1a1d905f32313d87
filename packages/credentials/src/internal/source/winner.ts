/**
 * The winner of a chain: which source has credentials, remembered from one lookup of `CredentialsProvider.make` to the
 * next, and the report of how the last one went.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Credentials } from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import { isAbsent } from "../../CredentialsError.ts"
import type { ChainReport, Outcome } from "../../CredentialsProvider.ts"
import type { Source } from "../../Source.ts"
import { Sharing } from "../../unstable/Sharing.ts"
import { type Attempt, leaves, type Walk, walk } from "./chain.ts"

export interface Winner {
  /** Gets credentials of the remembered winner, or walks the chain. A failure of the winner is the result. */
  readonly lookup: Effect.Effect<Walk, CredentialsError>
  readonly report: Effect.Effect<ChainReport>
  /** Tells the remembered winner that a service rejected its credentials. */
  readonly invalidate: (rejected: Credentials) => Effect.Effect<void>
}

/**
 * Nothing is remembered before a source has succeeded. While a source above the winner is configured but broken, each
 * lookup walks the chain up to the winner.
 */
export const make = (source: Source): Winner => {
  const all = leaves(source)
  let winner: Source | undefined
  let above: ReadonlyArray<Attempt> = []
  let report: ChainReport = {
    winner: Option.none(),
    outcomes: all.map(({ name }) => ({ _tag: "NotAsked", source: name }))
  }

  const settle = (skipped: ReadonlyArray<Attempt>, found: Walk | undefined): void => {
    const outcomes = all.map((leaf): Outcome => {
      if (found?.winner === leaf) {
        return { _tag: "Won", source: leaf.name, providerName: found.credentials.providerName }
      }
      const attempt = skipped.find((attempt) => attempt.source === leaf)
      return attempt === undefined
        ? { _tag: "NotAsked", source: leaf.name }
        : { _tag: "Skipped", source: leaf.name, error: attempt.error }
    })
    report = { winner: Option.fromNullable(found?.winner.name), outcomes }
  }

  const announce = Effect.fnUntraced(function*(found: Walk, previous: Source | undefined) {
    for (const { error, source } of found.skipped.filter(({ error }) => !isAbsent(error))) {
      yield* Effect.annotateLogs(Effect.logWarning("A configured credential source is broken and was passed over"), {
        source: source.name,
        error: error.message,
        winner: found.winner.name
      })
    }
    if (previous !== undefined && previous !== found.winner) {
      yield* Effect.annotateLogs(Effect.logInfo("Alibaba Cloud credentials come from another source now"), {
        from: previous.name,
        to: found.winner.name
      })
    }
  })

  const walked = Effect.suspend(() => {
    const previous = winner
    return walk(source, previous).pipe(
      Effect.tapBoth({
        onFailure: (end) => Effect.sync(() => settle(end.skipped, undefined)),
        onSuccess: (found) =>
          Effect.suspend(() => {
            winner = found.winner
            above = found.skipped
            settle(found.skipped, found)
            return announce(found, previous)
          })
      }),
      Effect.mapError((end) => end.error)
    )
  })

  const again = (source: Source): Effect.Effect<Walk, CredentialsError> =>
    source.get.pipe(
      Effect.map((credentials) => ({ winner: source, credentials, skipped: above })),
      Effect.tapBoth({
        onFailure: (error) => Effect.sync(() => settle([...above, { source, error }], undefined)),
        onSuccess: (found) => Effect.sync(() => settle(above, found))
      })
    )

  const isBrokenAbove = (): boolean => above.some(({ error }) => !isAbsent(error))

  return {
    lookup: Effect.suspend(() => winner === undefined || isBrokenAbove() ? walked : again(winner)),
    report: Effect.sync(() => report),
    invalidate: (rejected) => Effect.suspend(() => winner?.[Sharing]?.invalidate(rejected) ?? Effect.void)
  }
}
