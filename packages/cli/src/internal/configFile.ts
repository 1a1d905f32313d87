/** All profiles of config.json with their places in it, for `doctor` and `profiles`. */
import type { CredentialsError, InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as SecretJson from "@effect-alicloud/credentials/SecretJson"
import * as CliConfigFile from "@effect-alicloud/credentials/unstable/CliConfigFile"
import type { Profile } from "@effect-alicloud/credentials/unstable/CliConfigProfile"
import * as TextFile from "@effect-alicloud/credentials/unstable/TextFile"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"

/** A profile of config.json. Only the first of a name counts. */
export interface Entry {
  /** `$.profiles[2]` */
  readonly at: string
  readonly name: string
  readonly profile: Either.Either<Profile, InvalidConfig>
  /** As it is written, or told by the other fields. */
  readonly mode: string | undefined
  readonly region: string | undefined
  /** The refresh token's end in epoch seconds, which the library does not look at. */
  readonly refreshTokenExpire: number | undefined
}

export interface ConfigFile {
  /** Where it is looked for; none without a home directory. */
  readonly path: string | undefined
  /** Why there are no entries: the file is missing, cannot be read or is not valid. */
  readonly problem: CredentialsError | undefined
  /** The name of the current profile, as it is written. */
  readonly current: string | undefined
  readonly entries: ReadonlyArray<Entry>
  /** The names that several profiles have, with the places of all of them. */
  readonly duplicates: ReadonlyArray<{ readonly name: string; readonly at: ReadonlyArray<string> }>
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined

type Raw = Pick<Entry, "at" | "name" | "mode" | "refreshTokenExpire">

const rawIn = (text: string): Effect.Effect<ReadonlyArray<Raw>> =>
  Effect.map(Effect.orElseSucceed(SecretJson.parse(text), () => undefined), (json) => {
    const profiles: unknown = member(json, "profiles")
    return (Array.isArray(profiles) ? profiles : []).flatMap((profile: unknown, index) => {
      const name = member(profile, "name")
      const mode = member(profile, "mode")
      const end = member(profile, "oauth_refresh_token_expire")
      return typeof name === "string"
        ? [{
          at: `$.profiles[${index}]`,
          name,
          mode: typeof mode === "string" && mode.trim() !== "" ? mode.trim() : undefined,
          refreshTokenExpire: typeof end === "number" && end > 0 ? end : undefined
        }]
        : []
    })
  })

/** Looks at the whole of config.json, as far as it can be read. What is wrong with the chosen profile its source says. */
export const read: Effect.Effect<ConfigFile, never, FileSystem.FileSystem | Path.Path> = Effect.gen(function*() {
  const readText = yield* TextFile.reader
  const seen: { path: string | undefined; text: string } = { path: undefined, text: "" }
  const opened = yield* Effect.either(CliConfigFile.open("CliProfile", undefined, (path, decode) => {
    seen.path = path
    return readText(path, (text) => {
      seen.text = text
      return decode(text)
    })
  }))
  const raw = Either.isLeft(opened) ? [] : yield* rawIn(seen.text)
  const names = [...new Set(raw.map(({ name }) => name))]
  const file = Option.getOrUndefined(Either.getRight(opened))
  const entries = file === undefined ? [] : yield* Effect.forEach(
    raw.filter(({ name }, index) => raw.findIndex((other) => other.name === name) === index),
    (entry) =>
      Effect.map(Effect.either(file.profile(entry.name)), (profile): Entry => ({
        ...entry,
        region: file.entries.find(({ at }) => at === entry.at)?.region,
        mode: entry.mode ?? Option.getOrUndefined(Either.getRight(profile))?.mode,
        profile
      }))
  )
  return {
    path: seen.path,
    problem: Option.getOrUndefined(Either.getLeft(opened)),
    current: file?.current,
    entries,
    duplicates: names.map((name) => ({
      name,
      at: raw.filter((entry) => entry.name === name).map(({ at }) => at)
    })).filter(({ at }) => at.length > 1)
  }
})

/** The profile of an entry, if it can be read. */
export const profileOf = (entry: Entry | undefined): Profile | undefined =>
  entry === undefined ? undefined : Option.getOrUndefined(Either.getRight(entry.profile))

const sourceProfileOf = (entry: Entry | undefined): string | undefined => {
  const profile = profileOf(entry)
  return profile?.mode === "ChainableRamRoleArn" ? profile.source_profile : undefined
}

/** How the path of `source_profile` from a profile ends. */
export interface Lineage {
  /** From the profile on; the last one is missing, or has been there before, where the end says so. */
  readonly path: ReadonlyArray<string>
  readonly end: "source" | "missing" | "cycle"
}

export const lineageOf = (file: ConfigFile, name: string): Lineage => {
  const path: Array<string> = []
  let next: string | undefined = name
  while (next !== undefined) {
    const entry: Entry | undefined = CliConfigFile.byName(file.entries, next)
    const known: string = entry?.name ?? next
    const seen = path.includes(known)
    path.push(known)
    if (entry === undefined) {
      return { path, end: "missing" }
    }
    if (seen) {
      return { path, end: "cycle" }
    }
    next = sourceProfileOf(entry)
  }
  return { path, end: "source" }
}
