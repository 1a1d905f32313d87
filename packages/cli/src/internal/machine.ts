/**
 * The services of the platform, which are loaded and made when something needs them for the first time: `get` from
 * variables needs none. `Cli.ts` provides them, `get` and `selection.ts` take them on demand.
 */
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import type * as Source from "@effect-alicloud/credentials/Source"
import { deferred } from "@effect-alicloud/credentials/unstable/Deferred"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"

type Services = DefaultChain.Requirements

export class Machine extends Context.Tag("@effect-alicloud/cli/Machine")<
  Machine,
  Effect.Effect<Context.Context<Services>>
>() {}

/** The services of the layer, which live as long as the scope. They are made once. */
export const make = (layer: Layer.Layer<Services>): Effect.Effect<Machine["Type"], never, Scope.Scope> =>
  Effect.flatMap(Effect.scope, (scope) => Effect.cached(Layer.buildWithScope(layer, scope)))

/** Makes the services first. */
export const onMachine = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, Machine | Exclude<R, Services>> =>
  Effect.flatMap(Effect.flatten(Machine), (services) => Effect.provide(self, services))

/** The same source, which makes the services, and is made itself, when it is tried. */
export const onDemand = (definition: Source.Definition<Services>): Source.Definition<Machine> => {
  const { fromProfile, places, profileInUse, profileNames } = definition
  return {
    ...definition,
    fromEnv: deferred(definition.name, onMachine(definition.fromEnv)),
    fromProfile: fromProfile && ((name) => onMachine(fromProfile(name))),
    profileNames: profileNames && onMachine(profileNames),
    profileInUse: profileInUse && ((name) => onMachine(profileInUse(name))),
    places: (name) => onMachine(places(name))
  }
}
