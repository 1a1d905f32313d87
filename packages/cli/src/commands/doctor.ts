/** The `doctor` command: diagnoses the sources and prints the report. */
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { diagnose } from "../doctor/diagnose.ts"
import { render } from "../doctor/renderReport.ts"
import { Report } from "../doctor/Report.ts"
import { Refused } from "../internal/failure.ts"
import * as screen from "../internal/screen.ts"
import type * as selection from "../internal/selection.ts"
import * as messages from "../messages/identity.ts"

const encode = Schema.encodeSync(Report)

export const run = Effect.fnUntraced(function*(options: selection.Selection & { readonly format: "table" | "json" }) {
  const diagnosis = yield* diagnose(options)
  yield* options.format === "json"
    ? screen.write(JSON.stringify(encode(diagnosis), null, 2))
    : Console.log(
      render(diagnosis, {
        width: yield* screen.width,
        now: yield* Clock.currentTimeMillis,
        tilde: yield* screen.tilde
      })
    )
  const message = diagnosis.identity === undefined ? messages.unresolved : messages.failure[diagnosis.identity.verdict]
  return message === undefined ? 0 : yield* new Refused({ message })
})
