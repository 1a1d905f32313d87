/**
 * Where the INI credentials file is, and what its sections are named: for `CredentialsFile`, and for `CliProfile`, which
 * leaves a profile that only this file has to it.
 */
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import type { InvalidConfig } from "../../CredentialsError.ts"
import { byName } from "../../unstable/CliConfigFile.ts"
import * as Ini from "../../unstable/Ini.ts"
import * as TextFile from "../../unstable/TextFile.ts"
import type { Env } from "../environment/env.ts"
import * as home from "../environment/home.ts"

export const variables = { file: "ALIBABA_CLOUD_CREDENTIALS_FILE", section: "ALIBABA_CLOUD_PROFILE" } as const

/** The named file, else those in the home directory, in the order in which they are looked for. */
export const paths = (environment: Env, given?: string): Effect.Effect<
  { readonly named: boolean; readonly paths: ReadonlyArray<string> },
  InvalidConfig,
  Path.Path
> =>
  Effect.gen(function*() {
    const named = given ?? (yield* environment.text(variables.file))
    if (named !== undefined) {
      return { named: true, paths: [yield* TextFile.expandHome(named)] }
    }
    const { join } = yield* Path.Path
    const directory = yield* home.directory(environment)
    return {
      named: false,
      paths: directory === undefined
        ? []
        : ["credentials", "credentials.ini"].map((file) => join(directory, ".alibabacloud", file))
    }
  })

const namesIn = ({ sections }: Ini.Sections): ReadonlyArray<string> => [...sections.keys()]

/** The section, found by its name as it is, else without white space around it. */
export const find = (text: string, wanted: string): Either.Either<Ini.Section | undefined, Ini.IniError> => {
  const parsed = Ini.parse(text)
  const found = byName(namesIn(parsed).map((name) => ({ name })), wanted)
  return Ini.find(parsed, found?.name ?? wanted)
}

/** What the file says of a section, as far as it can be read. A malformed one is there. */
export const look = (environment: Env, read: TextFile.Read, wanted: string): Effect.Effect<
  { readonly path: string; readonly has: boolean; readonly names: ReadonlyArray<string> } | undefined,
  never,
  Path.Path
> =>
  Effect.gen(function*() {
    for (const path of (yield* paths(environment)).paths) {
      const text = yield* Effect.either(read(path, Effect.succeed))
      if (Either.isRight(text)) {
        const found = find(text.right, wanted)
        return {
          path,
          has: Either.isLeft(found) || found.right !== undefined,
          names: namesIn(Ini.parse(text.right))
        }
      }
      if (!text.left.missing) break
    }
    return undefined
  }).pipe(Effect.orElseSucceed(() => undefined))
