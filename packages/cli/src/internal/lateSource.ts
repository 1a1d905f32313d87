/**
 * A source whose module is loaded when something needs more of it than its name, its variables and its switches. The build
 * puts these into the chain in place of the sources behind the first.
 */
import type * as Source from "@effect-alicloud/credentials/Source"
import * as Effect from "effect/Effect"

const optional = ["fromProfile", "profileNames", "profileInUse"] as const

/** What the build knows of a definition. */
export interface Known extends Pick<Source.Definition, "name" | "variables" | "switches"> {
  /** The parts that it has of those that a definition may leave out. */
  readonly parts: ReadonlyArray<typeof optional[number]>
}

export const knownOf = <R>(definition: Source.Definition<R>): Known => {
  const { name, switches, variables } = definition
  return { name, variables, switches, parts: optional.filter((part) => definition[part] !== undefined) }
}

/** The definition, from what is known and the module that has the rest. */
export const make = <R>(
  { parts, ...known }: Known,
  load: () => Promise<{ readonly definition: Source.Definition<R> }>
): Source.Definition<R> => {
  const use = <A, E>(f: (definition: Source.Definition<R>) => Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.flatMap(Effect.promise(load), ({ definition }) => f(definition))
  const all: Required<Pick<Source.Definition<R>, typeof optional[number]>> = {
    fromProfile: (name) => use(({ fromProfile }) => fromProfile!(name)),
    profileNames: use(({ profileNames }) => profileNames!),
    profileInUse: (name) => use(({ profileInUse }) => profileInUse!(name))
  }
  return {
    ...known,
    fromEnv: use(({ fromEnv }) => fromEnv),
    places: (name) => use(({ places }) => places(name)),
    ...Object.fromEntries(parts.map((part) => [part, all[part]]))
  }
}
