/** The `get` command: resolves credentials once and prints them in a format, or prints what takes them out of a shell. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { expirationOf } from "@effect-alicloud/credentials/Credentials"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Clock from "effect/Clock"
import * as Config from "effect/Config"
import * as Console from "effect/Console"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { type Syntax, syntaxOf } from "../internal/assignments.ts"
import * as formats from "../internal/formats.ts"
import * as screen from "../internal/screen.ts"
import * as selection from "../internal/selection.ts"
import * as messages from "../messages/common.ts"

const table = Effect.fnUntraced(function*(credentials: Credentials) {
  const { table } = yield* Effect.promise(() => import("../internal/table.ts"))
  const now = yield* Clock.currentTimeMillis
  const end = Option.map(expirationOf(credentials), (moment) => ({
    moment: Rfc3339.format(moment),
    left: DateTime.toEpochMillis(moment) - now
  }))
  return table(messages.credentialRows(credentials, Option.getOrUndefined(end)), yield* screen.width)
})

const shell = Effect.map(
  Effect.option(Config.string("SHELL")),
  (given) => syntaxOf(Option.getOrUndefined(given) || undefined, process.platform)
)

const rendered = {
  table,
  json: (credentials: Credentials) => Effect.succeed(formats.json(credentials)),
  env: (credentials: Credentials, syntax: Syntax) => formats.env(credentials, syntax),
  uri: formats.uri,
  external: formats.external
}

export type Format = keyof typeof rendered

export interface Options extends selection.Selection {
  readonly format: Format
  readonly shell: Option.Option<Syntax>
  readonly unset: boolean
}

export const run = Effect.fnUntraced(function*(options: Options) {
  const syntax = Option.isSome(options.shell) ? options.shell.value : yield* shell
  if (options.unset) {
    yield* Effect.flatMap(formats.unset(syntax), screen.write)
    return 0
  }
  const provider = yield* selection.providerOnDemand(options)
  const credentials = yield* provider.get
  const text = yield* rendered[options.format](credentials, syntax)
  yield* options.format === "table" ? Console.log(text) : screen.write(text)
  return 0
})
