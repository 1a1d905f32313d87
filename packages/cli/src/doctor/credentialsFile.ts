/** Facts about the INI credentials file that its source does not report, for the checks of `doctor`. */
import * as Ini from "@effect-alicloud/credentials/unstable/Ini"
import * as TextFile from "@effect-alicloud/credentials/unstable/TextFile"
import type * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/** The private key files that the sections of a credentials file name. */
export const keyFilesIn = (path: string): Effect.Effect<ReadonlyArray<string>, never, FileSystem.FileSystem> =>
  Effect.flatMap(TextFile.reader, (read) =>
    read(path, Effect.succeed).pipe(
      Effect.map((text) =>
        [...Ini.parse(text).sections.values()].flatMap((keys) => keys.get("private_key_file")?.value || [])
      ),
      Effect.orElseSucceed(() => [])
    ))
