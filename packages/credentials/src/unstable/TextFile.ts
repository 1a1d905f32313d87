/**
 * Reads the small text files that people and other programs write: config.json, the credentials file, tokens and keys.
 * The sources and `doctor` read them here, so that both accept the same files.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as FileSystem from "@effect/platform/FileSystem"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schedule from "effect/Schedule"
import * as env from "../internal/environment/env.ts"
import * as home from "../internal/environment/home.ts"
import * as smallFile from "../internal/source/smallFile.ts"
import { decodeUtf8 } from "./WebCrypto.ts"

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
 * Reads a regular text file of at most 1 MiB, in at most five seconds, without its byte order mark, and decodes it.
 *
 * Other tools rewrite these files in place: for some milliseconds they are empty or end in the middle. So a file that
 * cannot be used and that has changed within the last second is read again, up to five times within 200 ms, before the
 * failure counts.
 *
 * @since 0.1.0
 * @category unstable
 */
export type Read = <A, E>(
  path: string,
  decode: (text: string) => Effect.Effect<A, E>
) => Effect.Effect<A, E | FileProblem>

const problem = (issue: string, missing = false): Effect.Effect<never, FileProblem> =>
  Effect.fail({ _tag: "FileProblem", missing, issue })

/** UTF-16 without a mark is valid UTF-8, with a NUL in each character of ASCII. */
const decode = ({ bytes }: smallFile.SmallFile): Effect.Effect<string, FileProblem> => {
  const text = decodeUtf8(bytes)
  return text === undefined || text.includes("\0")
    ? problem("it is not plain UTF-8 text: save it as UTF-8")
    : Effect.succeed(text.replace(/^\uFEFF/, ""))
}

const readText = (fs: FileSystem.FileSystem, path: string): Effect.Effect<string, FileProblem> =>
  smallFile.read(fs, path).pipe(
    Effect.flatMap(decode),
    Effect.catchTags({
      Unreadable: ({ issue }) => problem(issue),
      BadArgument: () => problem("its path cannot be used"),
      SystemError: (error) =>
        error.reason === "NotFound"
          ? problem("it does not exist", true)
          : problem(
            error.reason === "PermissionDenied" ? "it may not be read" : `it cannot be read (${error.reason})`
          )
    })
  )

const again = Schedule.intersect(Schedule.spaced("40 millis"), Schedule.recurs(5))

/** Some file systems keep times in whole seconds. */
const recentMillis = 1000

/**
 * Repeats a use of a file that fails while another program may be rewriting the file, as `Read` does.
 *
 * @since 0.1.0
 * @category unstable
 */
export const whileChanging =
  (fs: FileSystem.FileSystem, path: string) => <A, E, R>(use: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> => {
    const isRecent = Effect.zipWith(
      Effect.option(fs.stat(path)),
      Clock.currentTimeMillis,
      (info, now) =>
        Option.exists(
          Option.flatMap(info, ({ mtime }) => mtime),
          (changed) => Math.abs(now - changed.getTime()) <= recentMillis
        )
    )
    return Effect.retry(use, { schedule: again, while: () => isRecent })
  }

/**
 * Makes the reader.
 *
 * @since 0.1.0
 * @category unstable
 */
export const reader: Effect.Effect<Read, never, FileSystem.FileSystem> = Effect.map(
  FileSystem.FileSystem,
  (fs) => (path, decode) => whileChanging(fs, path)(Effect.flatMap(readText(fs, path), decode))
)

/**
 * The path with the home directory in the place of a leading `~`, as in `~/.aliyun/key.pem`. No shell has done so where
 * a file or a variable names it.
 *
 * @since 0.1.0
 * @category unstable
 */
export const expandHome = (path: string): Effect.Effect<string> =>
  /^~[\\/]/.test(path)
    ? Effect.flatMap(env.capture("home"), home.directory).pipe(
      Effect.map((directory) => directory === undefined ? path : directory.replace(/[\\/]$/, "") + path.slice(1)),
      Effect.orElseSucceed(() => path)
    )
    : Effect.succeed(path)
