/**
 * Reads the small text files that people and other programs write: config.json, the credentials file, tokens and keys.
 * The sources and `doctor` read them here, so that both accept the same files.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type { PlatformError } from "@effect/platform/Error"
import * as FileSystem from "@effect/platform/FileSystem"
import * as Effect from "effect/Effect"
import { decodeUtf8 } from "../internal/secrecy/webCrypto.ts"

/**
 * What is wrong with a file, in words that hold none of its content.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface FileProblem {
  readonly _tag: "FileProblem"
  readonly missing: boolean
  readonly issue: string
}

/**
 * Reads a text file of at most 1 MiB. A byte order mark is dropped.
 *
 * @since 0.1.0
 * @category unstable
 */
export type ReadText = (path: string) => Effect.Effect<string, FileProblem>

const problem = (issue: string, missing = false): Effect.Effect<never, FileProblem> =>
  Effect.fail({ _tag: "FileProblem", missing, issue })

const maxBytes = 1024 * 1024

const tooLarge = problem("it is larger than 1 MiB")

/** UTF-16 without a mark is valid UTF-8, with a NUL in each character of ASCII. */
const decode = (bytes: Uint8Array): Effect.Effect<string, FileProblem> => {
  if (bytes.length > maxBytes) return tooLarge
  const text = decodeUtf8(bytes)
  return text === undefined || text.includes("\0")
    ? problem("it is not plain UTF-8 text: save it as UTF-8")
    : Effect.succeed(text.replace(/^\uFEFF/, ""))
}

/**
 * Makes the reader.
 *
 * @since 0.1.0
 * @category unstable
 */
export const reader: Effect.Effect<ReadText, never, FileSystem.FileSystem> = Effect.map(
  FileSystem.FileSystem,
  (fs) => (path) =>
    fs.stat(path).pipe(
      Effect.flatMap((info): Effect.Effect<Uint8Array, PlatformError | FileProblem> =>
        info.type !== "File"
          ? problem(info.type === "Directory" ? "it is a directory, not a file" : "it is not a regular file")
          : info.size > maxBytes
          ? tooLarge
          : fs.readFile(path)
      ),
      Effect.flatMap(decode),
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
