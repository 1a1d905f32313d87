/** The profile that `login` and `logout` are about, in config.json. */
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CliConfigFile from "@effect-alicloud/credentials/unstable/CliConfigFile"
import * as CurrentProfile from "@effect-alicloud/credentials/unstable/CurrentProfile"
import * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { Entry } from "./configFile.ts"
import * as configFile from "./configFile.ts"

/**
 * The given profile, else that of the environment, else the current one, else `default`. No file is a file without profiles;
 * anything else that is wrong with it is a failure, and so is a machine without a home directory.
 */
export const open = (given: Option.Option<string>): Effect.Effect<
  { readonly path: string; readonly profileName: string; readonly entry: Entry | undefined },
  CredentialsError,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { path } = yield* CliConfigFile.fileOf("CliProfile", undefined)
    const isThere = yield* Effect.orElseSucceed(fs.exists(path), () => true)
    const file = isThere ? yield* configFile.read : undefined
    if (file?.problem !== undefined) {
      return yield* file.problem
    }
    const override = yield* CurrentProfile.override
    const wanted = Option.getOrUndefined(given) ?? override?.profileName ?? file?.current ?? "default"
    const entry = CliConfigFile.byName(file?.entries ?? [], wanted)
    return { path, profileName: entry?.name ?? wanted, entry }
  })

/** The mode of a profile, unless it may be a mistake that nobody should see. */
export const shownMode = ({ mode }: Entry): string | undefined => /^\w{1,32}$/.test(mode ?? "") ? mode : undefined
