/** The `cache` command: lists the sessions that commands keep in files, without secrets, or removes them. */
import * as FileSessionStore from "@effect-alicloud/credentials/FileSessionStore"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as screen from "../internal/screen.ts"
import { list as table } from "../internal/table.ts"
import * as messages from "../messages/cache.ts"

export type Options =
  | { readonly action: "list"; readonly format: "table" | "json" }
  | { readonly action: "clear" }

const list = Effect.fnUntraced(function*(format: "table" | "json") {
  const { directory, problem, sessions } = yield* FileSessionStore.contents()
  const now = yield* Clock.currentTimeMillis
  if (format === "json") {
    const listed = sessions.map((session) => ({ ...session, expiration: Rfc3339.format(session.expiration) }))
    yield* screen.write(JSON.stringify({ directory, problem, sessions: listed }, null, 2))
    return
  }
  if (problem !== undefined) {
    yield* Console.error(messages.problem(directory, problem))
  }
  if (sessions.length === 0) {
    yield* Console.error(messages.empty(directory))
    return
  }
  const rows = sessions.map((session) => messages.row(session, DateTime.toEpochMillis(session.expiration) - now))
  yield* Console.log(table(messages.headings, rows, yield* screen.width))
})

export const run = Effect.fnUntraced(function*(options: Options) {
  if (options.action === "list") {
    yield* list(options.format)
  } else {
    yield* Console.log(messages.cleared(yield* FileSessionStore.clear()))
  }
  return 0
})
