/**
 * The current profile of the aliyun CLI's `config.json`: which variable takes precedence over it, and how it is changed.
 * For the command line tool; it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type { InvalidConfig } from "../CredentialsError.ts"
import * as env from "../internal/environment/env.ts"
import * as editFile from "../internal/login/editFile.ts"
import * as jsonEdit from "../internal/login/jsonEdit.ts"
import * as chosenProfile from "../internal/profile/chosenProfile.ts"
import * as CliConfigFile from "./CliConfigFile.ts"

/**
 * The variable that names a profile, which is then used instead of the current one.
 *
 * @since 0.1.0
 * @category unstable
 */
export const override: Effect.Effect<
  { readonly variable: string; readonly profileName: string } | undefined,
  InvalidConfig
> = Effect.flatMap(env.capture("CliProfile"), chosenProfile.named)

/**
 * Makes a profile the current one of a file, under its lock; every other byte stays as it is. Fails with the reason why
 * nothing was written, about the file: "its folder cannot be written".
 *
 * @since 0.1.0
 * @category unstable
 */
export const set = (path: string, profileName: string): Effect.Effect<
  void,
  string,
  FileSystem.FileSystem | Path.Path
> =>
  editFile.edit(
    path,
    (text) =>
      Effect.flatMap(CliConfigFile.nameIn(text, profileName), (current) => jsonEdit.setMembers(text, [], { current }))
  )
