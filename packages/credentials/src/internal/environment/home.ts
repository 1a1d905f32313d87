/** Where the files of the home directory are, for the credentials file and for config.json. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { HomeDirectory } from "../../Platform.ts"
import type { Env } from "./env.ts"

const isAbsolute = (path: string): boolean => /^(?:[\\/]|[A-Za-z]:[\\/])/.test(path)

/**
 * The home directory: `HOME`, `USERPROFILE`, `HOMEDRIVE` with `HOMEPATH`, else what the runtime says. A relative path counts
 * as not set: it would be another directory for each working directory.
 */
export const directory = (environment: Env): Effect.Effect<string | undefined, InvalidConfig> =>
  Effect.gen(function*() {
    const drive = yield* environment.text("HOMEDRIVE")
    const path = yield* environment.text("HOMEPATH")
    return [
      yield* environment.text("HOME"),
      yield* environment.text("USERPROFILE"),
      path === undefined ? undefined : `${drive ?? ""}${path}`,
      Option.getOrUndefined(yield* HomeDirectory)
    ].find((home) => home !== undefined && isAbsolute(home))
  })
