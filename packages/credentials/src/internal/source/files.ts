import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"

/** What is wrong with a file, in words that hold none of its content. */
export interface FileProblem {
  readonly _tag: "FileProblem"
  readonly missing: boolean
  readonly issue: string
}

const problem = (issue: string, missing = false): Effect.Effect<never, FileProblem> =>
  Effect.fail({ _tag: "FileProblem", missing, issue })

const maxBytes = 1024 * 1024

/** What UTF-16 and bytes that are no text look like when they are read as UTF-8. */
const isOther = (text: string): boolean => text.startsWith("\uFFFD\uFFFD") || text.includes("\0")

export type ReadText = (path: string) => Effect.Effect<string, FileProblem>

/** Reads small text files. */
export const reader: Effect.Effect<ReadText, never, FileSystem.FileSystem> = Effect.map(
  FileSystem.FileSystem,
  (fs) => (path) =>
    fs.stat(path).pipe(
      Effect.flatMap((info): Effect.Effect<string, PlatformError | FileProblem> =>
        info.type !== "File"
          ? problem(info.type === "Directory" ? "it is a directory, not a file" : "it is not a regular file")
          : info.size > maxBytes
          ? problem("it is larger than 1 MiB")
          : fs.readFileString(path)
      ),
      Effect.filterOrElse((text) => !isOther(text), () => problem("it is not plain UTF-8 text: save it as UTF-8")),
      Effect.catchTags({
        BadArgument: () => problem("its path cannot be used"),
        SystemError: (error) =>
          error.reason === "NotFound"
            ? problem("it does not exist", true)
            : problem(
              error.reason === "PermissionDenied" ? "it may not be read" : `it cannot be read (${error.reason})`
            )
      })
    )
)
