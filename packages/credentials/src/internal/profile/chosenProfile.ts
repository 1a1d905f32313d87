/**
 * Which profile of `config.json` `CliProfile` uses: the one that a variable names, else the current one, else `default`;
 * and which others it builds on, for the places of `doctor`.
 */
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { atFile, invalidConfig, SourceUnavailable } from "../../CredentialsError.ts"
import * as CliConfigFile from "../../unstable/CliConfigFile.ts"
import type { Profile } from "../../unstable/CliConfigProfile.ts"
import * as Text from "../../unstable/Text.ts"
import type * as TextFile from "../../unstable/TextFile.ts"
import type { Env } from "../environment/env.ts"
import * as credentialsFile from "./credentialsFile.ts"

const name = "CliProfile"

/** The variables that name the profile, in the aliyun CLI's order. */
export const variables = ["ALIBABACLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE", "ALICLOUD_PROFILE"] as const

interface Named {
  readonly variable: string
  readonly profileName: string
}

/** The profile that the first variable which is set names. */
export const named = (environment: Env) =>
  Effect.gen(function*() {
    for (const variable of variables) {
      const profileName = yield* environment.text(variable)
      if (profileName !== undefined) {
        return { variable, profileName }
      }
    }
    return undefined
  })

/**
 * Fails when the file does not have the profile that a variable names. `CredentialsFile` reads one of these variables,
 * too: a profile that its file has is absent here, not broken.
 */
const inCredentialsFile = (
  file: CliConfigFile.Opened,
  { profileName, variable }: Named,
  environment: Env,
  read: TextFile.Read
): Effect.Effect<void, InvalidConfig | SourceUnavailable, Path.Path> =>
  Effect.gen(function*() {
    if (
      variable !== credentialsFile.variables.section || CliConfigFile.byName(file.entries, profileName) !== undefined
    ) {
      return
    }
    const other = yield* credentialsFile.look(environment, read, profileName)
    const wanted = `there is no profile ${Text.name(profileName)}`
    if (other?.has === true) {
      return yield* new SourceUnavailable({
        source: name,
        detail: `${wanted} in ${Text.path(file.path)}; ${Text.path(other.path)} has it`,
        hint: "Add it there, or name another one with ALIBABA_CLOUD_PROFILE."
      })
    }
    if (other !== undefined) {
      const own = CliConfigFile.listNames(file.entries.map(({ name }) => name))
      return yield* invalidConfig(
        name,
        atFile(Text.path(file.path)),
        `${wanted}; the file has ${own}; ${Text.path(other.path)} has ${CliConfigFile.listNames(other.names)}`
      )
    }
  })

export const hasDefault = (file: CliConfigFile.Opened): boolean =>
  CliConfigFile.byName(file.entries, "default") !== undefined

/** The profile and those it builds on, as far as they can be read. */
export const lineage = (
  file: CliConfigFile.Opened | undefined,
  profileName: string
): Effect.Effect<ReadonlyArray<CliConfigFile.Entry | { readonly name: string; readonly at?: undefined }>> =>
  Effect.gen(function*() {
    const path: Array<CliConfigFile.Entry | { readonly name: string }> = []
    let next: string | undefined = profileName
    while (next !== undefined) {
      const entry: CliConfigFile.Entry | undefined = CliConfigFile.byName(file?.entries ?? [], next)
      if (path.some(({ name }) => name === entry?.name)) break
      path.push(entry ?? { name: next })
      const profile: Profile | undefined = file === undefined
        ? undefined
        : Option.getOrUndefined(yield* Effect.option(file.profile(next)))
      next = profile?.mode === "ChainableRamRoleArn" ? profile.source_profile : undefined
    }
    return path
  })

/** The profile that is used when no option names one. */
export const choose = (
  file: CliConfigFile.Opened,
  environment: Env,
  read: TextFile.Read
): Effect.Effect<string, InvalidConfig | SourceUnavailable, Path.Path> =>
  Effect.gen(function*() {
    const found = yield* named(environment)
    if (found !== undefined) {
      yield* inCredentialsFile(file, found, environment, read)
    }
    const chosen = found?.profileName ?? file.current
    if (chosen === undefined && !hasDefault(file)) {
      return yield* new SourceUnavailable({
        source: name,
        detail: `${Text.path(file.path)} names no current profile and has none named "default"`,
        hint: "Name one with ALIBABA_CLOUD_PROFILE."
      })
    }
    return chosen ?? "default"
  })
