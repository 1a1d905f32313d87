/**
 * What the sources of the chain look at on this machine, as `places` of their definitions reports it: whether variables
 * are set and files exist, never their values or contents.
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import type { Place } from "../../Source.ts"
import { expandHome } from "../../unstable/TextFile.ts"
import type { Env } from "../environment/env.ts"

/** A variable that cannot be read counts as not set. */
export const text = (environment: Env, name: string): Effect.Effect<string | undefined> =>
  Effect.orElseSucceed(environment.text(name), () => undefined)

/** Each of the variables. */
export const variables = (environment: Env, names: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Place>> =>
  Effect.forEach(
    names,
    (name) => Effect.map(text(environment, name), (value) => ({ _tag: "Variable", name, set: value !== undefined }))
  )

/** Those of the variables that are set. */
export const setVariables = (environment: Env, names: ReadonlyArray<string>): Effect.Effect<ReadonlyArray<Place>> =>
  Effect.map(variables(environment, names), (found) => found.filter((place) => place._tag === "Variable" && place.set))

export const file = (path: string): Effect.Effect<Extract<Place, { _tag: "File" }>, never, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const expanded = yield* expandHome(path)
    return { _tag: "File", path: expanded, exists: yield* Effect.orElseSucceed(fs.exists(expanded), () => false) }
  })
