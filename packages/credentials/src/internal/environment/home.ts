import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { HomeDirectory } from "../../Platform.ts"
import type { Env } from "./env.ts"

/** The home directory: `HOME`, `USERPROFILE`, `HOMEDRIVE` with `HOMEPATH`, else what the runtime says. */
export const directory = (environment: Env): Effect.Effect<string | undefined, InvalidConfig> =>
  Effect.gen(function*() {
    const home = (yield* environment.text("HOME")) ?? (yield* environment.text("USERPROFILE"))
    if (home !== undefined) {
      return home
    }
    const drive = yield* environment.text("HOMEDRIVE")
    const path = yield* environment.text("HOMEPATH")
    return path === undefined ? Option.getOrUndefined(yield* HomeDirectory) : `${drive ?? ""}${path}`
  })
