/** The check of `doctor` for the files in which commands keep sessions of roles: where they are, and whether they are used. */
import * as FileSessionStore from "@effect-alicloud/credentials/FileSessionStore"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import * as sessionCache from "../../internal/sessionCache.ts"
import { shellWord } from "../../internal/shell.ts"
import * as messages from "../../messages/cache.ts"
import type { Finding } from "./Finding.ts"

const findings = (
  { directory, mode, problem, sessions }: FileSessionStore.Contents,
  off: boolean
): ReadonlyArray<Finding> => {
  const subject = Text.path(directory)
  if (problem !== undefined && !off) {
    const fix = messages.makePrivate(subject, shellWord(directory), mode)
    return [{ check: "cache", level: "warning", subject, message: messages.unusable(problem), fix }]
  }
  return mode === undefined && sessions.length === 0
    ? []
    : [{ check: "cache", level: off ? "info" : "ok", subject, message: messages.holds(sessions.length, mode, off) }]
}

/** Nothing where there is no folder. It is looked at only: sessions in it are not used, so that each source is tried. */
export const check: Effect.Effect<ReadonlyArray<Finding>, never, FileSystem.FileSystem | Path.Path> = Effect.gen(
  function*() {
    const contents = yield* FileSessionStore.contents()
    return findings(contents, yield* sessionCache.isSwitchedOff)
  }
).pipe(Effect.orElseSucceed(() => []))
