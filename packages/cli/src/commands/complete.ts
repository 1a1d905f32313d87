/**
 * The hidden `complete` command, which the completion scripts run: prints what the last word of a command line may
 * become, a line each, with a description behind a tab.
 */
import * as Effect from "effect/Effect"
import type { Candidate } from "../completions/candidates.ts"
import { candidates } from "../completions/candidates.ts"
import * as screen from "../internal/screen.ts"
import { Sources } from "../internal/sources.ts"
import { describe } from "../program.ts"

/** The first word is the shell, the others those of the command line as far as the cursor. */
export const run = Effect.fnUntraced(function*({ words: [shell = "", ...words] }: {
  readonly words: ReadonlyArray<string>
}) {
  const sources = yield* Sources
  const root = describe(sources.map(({ name }) => name))
  const line = shell === "powershell" ? [...words.slice(0, -1), (words.at(-1) ?? "").replace(/\.$/, "")] : words
  const found = candidates(root, line, shell)
  if (found._tag === "Command") {
    yield* screen.write(`:command ${found.from}`)
    return 0
  }
  const profiles = found._tag === "Profiles"
    ? sources.find((source) => source.profileNames !== undefined && source.name === (found.source ?? source.name))
      ?.profileNames
    : undefined
  const values: ReadonlyArray<Candidate> = found._tag === "Values"
    ? found.values
    : (yield* profiles ?? Effect.succeed([])).flatMap((name) =>
      name.startsWith(found.started) ? [{ value: `${found.prefix}${name}` }] : []
    )
  const lines = values.map(({ description, value }) => description === undefined ? value : `${value}\t${description}`)
  if (lines.length > 0) {
    yield* screen.write(lines.join("\n"))
  }
  return 0
})
