import * as FileSystem from "@effect/platform/FileSystem"
import * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as environment from "./environment.ts"

/** The INI credentials file. */
export interface CredentialsFile {
  /** Where it is looked for, in this order. */
  readonly candidates: ReadonlyArray<string>
  /** The one that is used. */
  readonly path: string | undefined
  readonly section: string
  /** The private key files that its sections name. */
  readonly keyFiles: ReadonlyArray<string>
}

const maxBytes = 1024 * 1024

const keyFile = /^[ \t]*private_key_file[ \t]*=[ \t]*(.+?)[ \t]*(?:[ \t][#;].*)?\r?$/gm

export const read = (profile: Option.Option<string>): Effect.Effect<
  CredentialsFile,
  never,
  FileSystem.FileSystem | Path.Path
> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const { join } = yield* Path.Path
    const named = yield* environment.text(environment.credentialsFile)
    const home = yield* environment.home
    const candidates = named !== undefined
      ? [named]
      : home === undefined
      ? []
      : ["credentials", "credentials.ini"].map((file) => join(home, ".alibabacloud", file))
    const stats = yield* Effect.forEach(
      candidates,
      (path) => Effect.map(Effect.option(fs.stat(path)), Option.map((info) => ({ path, info })))
    )
    const found = Option.getOrUndefined(Option.firstSomeOf(stats))
    const text = found !== undefined && found.info.type === "File" && found.info.size <= maxBytes
      ? yield* Effect.orElseSucceed(fs.readFileString(found.path), () => "")
      : ""
    return {
      candidates,
      path: found?.path,
      section: Option.getOrUndefined(profile) ?? (yield* environment.text(environment.section)) ?? "default",
      keyFiles: Array.from(text.matchAll(keyFile), ([, path = ""]) => path)
    }
  })
