/** Facts about the INI credentials file that its source does not report, for the checks of `doctor`. */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

const maxBytes = 1024 * 1024

const keyFile = /^[ \t]*private_key_file[ \t]*=[ \t]*(.+?)[ \t]*(?:[ \t][#;].*)?\r?$/gm

/** The private key files that the sections of a credentials file name. */
export const keyFilesIn = (path: string): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  Effect.flatMap(FileSystem.FileSystem, (fs) =>
    fs.stat(path).pipe(
      Effect.filterOrFail(({ size, type }) => type === "File" && size <= maxBytes),
      Effect.zipRight(fs.readFileString(path)),
      Effect.map((text) => Array.from(text.matchAll(keyFile), ([, path = ""]) => path)),
      Effect.orElseSucceed(() => [])
    ))
