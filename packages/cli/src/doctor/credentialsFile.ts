/** Facts about the INI credentials file that its source does not report, for the checks of `doctor`. */
import * as TextFile from "@effect-alicloud/credentials/unstable/TextFile"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

const keyFile = /^[ \t]*private_key_file[ \t]*=[ \t]*(.+?)[ \t]*(?:[ \t][#;].*)?\r?$/gm

/** The private key files that the sections of a credentials file name. */
export const keyFilesIn = (path: string): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  Effect.flatMap(TextFile.reader, (read) =>
    read(path).pipe(
      Effect.map((text) => Array.from(text.matchAll(keyFile), ([, path = ""]) => path)),
      Effect.orElseSucceed(() => [])
    ))
