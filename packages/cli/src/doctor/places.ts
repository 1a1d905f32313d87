/** The places that the sources look at on this machine, for the report and for the checks of the same files. */
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import type { Place } from "@effect-alicloud/credentials/Source"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { Sources } from "../internal/sources.ts"
import type { LookedAt } from "./Report.ts"

/** The places of each source, by its name. */
export type Places = ReadonlyMap<string, ReadonlyArray<Place>>

/** The places of the sources of these names. */
export const of = (
  names: ReadonlyArray<string>,
  profile: Option.Option<string>
): Effect.Effect<Places, never, DefaultChain.Requirements> =>
  Effect.flatMap(Sources, (sources) =>
    Effect.map(
      Effect.forEach(
        sources.filter(({ name }) => names.includes(name)),
        ({ name, places }) => Effect.map(places(Option.getOrUndefined(profile)), (found) => [name, found] as const)
      ),
      (entries) => new Map(entries)
    ))

export const isFile = (place: Place): place is Extract<Place, { _tag: "File" }> => place._tag === "File"

/** A place as the report shows it. */
export const lookedAt = (place: Place): LookedAt => {
  switch (place._tag) {
    case "Variable":
      return { kind: "variable", name: place.name, set: place.set }
    case "File":
      return {
        kind: "file",
        path: Text.path(place.path),
        exists: place.exists,
        ...(place.at === undefined ? {} : { at: Text.path(place.at) }),
        ...(place.profile === undefined ? {} : { name: Text.label(place.profile) })
      }
    case "Address":
      return { kind: "address", address: place.address }
  }
}
