/** Resolves the selected source once and records the result of each source, for `doctor`. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig, SourceError } from "@effect-alicloud/credentials/CredentialsError"
import { attemptsOf } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import type * as Source from "@effect-alicloud/credentials/Source"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as FiberRef from "effect/FiberRef"
import * as HashMap from "effect/HashMap"
import * as HashSet from "effect/HashSet"
import * as Logger from "effect/Logger"
import * as LogLevel from "effect/LogLevel"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { BadUsage } from "../internal/failure.ts"
import type { Machine } from "../internal/machine.ts"
import { step } from "../internal/progress.ts"
import * as selection from "../internal/selection.ts"
import * as messages from "../messages/common.ts"

/** The result of one source. */
export interface Asked {
  readonly source: string
  readonly outcome: "won" | "notAsked" | SourceError
  readonly durationMillis: number | undefined
}

/** A warning of the library about something else than a source that is broken. */
export interface Warning {
  readonly place: string
  readonly error: string
}

export interface Resolution {
  /** In the order of the chain. */
  readonly sources: ReadonlyArray<Asked>
  readonly credentials: Credentials | undefined
  readonly warnings: ReadonlyArray<Warning>
}

/** Keeps the warnings: what they say about sources, the report says, too. */
const collecting = <A, E, R>(warnings: Array<Warning>, self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.flatMap(FiberRef.get(FiberRef.currentLoggers), (loggers) =>
    Effect.locally(
      self,
      FiberRef.currentLoggers,
      HashSet.make(Logger.make<unknown, void>((options) => {
        if (options.logLevel !== LogLevel.Warning) {
          HashSet.forEach(loggers, (logger) => logger.log(options))
          return
        }
        const annotation = (name: string) => Option.map(HashMap.get(options.annotations, name), String)
        Option.map(Option.all({ place: annotation("place"), error: annotation("error") }), (warning) =>
          warnings.push(warning))
      }))
    ))

/** Gets credentials once from the selected source or chain, as every other command does, and reports each attempt. */
export const resolve = (selected: selection.Selection): Effect.Effect<
  Resolution,
  InvalidConfig | BadUsage,
  DefaultChain.Requirements | Machine | Scope.Scope
> => {
  const durations = new Map<string, number>()
  const warnings: Array<Warning> = []
  const timed = (leaf: Source.Source): Source.Source => ({
    ...leaf,
    get: Effect.flatMap(Clock.currentTimeMillis, (started) =>
      Effect.ensuring(
        step(messages.gettingFrom(leaf.name), leaf.get),
        Effect.map(Clock.currentTimeMillis, (ended) => durations.set(leaf.name, ended - started))
      ))
  })
  return collecting(
    warnings,
    Effect.gen(function*() {
      const provider = yield* CredentialsProvider.make(
        selection.mapSources(yield* selection.source(selected), timed)
      )
      const credentials = Option.getOrUndefined(yield* Effect.option(provider.get))
      const { outcomes } = yield* provider.report
      return {
        credentials,
        warnings,
        sources: outcomes.map((outcome): Asked => ({
          source: outcome.source,
          durationMillis: durations.get(outcome.source),
          outcome: outcome._tag === "Skipped"
            ? attemptsOf(outcome.error)[0] ?? "notAsked"
            : outcome._tag === "Won"
            ? "won"
            : "notAsked"
        }))
      }
    })
  )
}
