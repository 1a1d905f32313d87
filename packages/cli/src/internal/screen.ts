/** Output of all commands: streams, width, colours and harmless text. */
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Config from "effect/Config"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { stripVTControlCharacters, styleText } from "node:util"

type Stream = Pick<NodeJS.WriteStream, "write" | "isTTY" | "columns">

/** Where the program writes to: answers to `out`, everything else to `err`. */
export class Screen extends Context.Reference<Screen>()("@effect-alicloud/cli/Screen", {
  defaultValue: (): { readonly out: Stream; readonly err: Stream } => ({ out: process.stdout, err: process.stderr })
}) {}

/** How many columns a line may have: the terminal's. In a pipe a line may be as long as it is. */
export const width: Effect.Effect<number> = Effect.map(
  Screen,
  ({ out }) => out.isTTY ? Math.max(40, out.columns) : Infinity
)

const isSet = (name: string): Effect.Effect<boolean> =>
  Effect.match(Config.string(name), { onFailure: () => false, onSuccess: (value) => value !== "" })

/** The values of `FORCE_COLOR` that ask for colours; any other takes them away. */
const forced = ["", "1", "true", "2", "3"]

/**
 * Whether colours are wanted, or not, on terminals and elsewhere. As in Node.js `FORCE_COLOR` takes precedence over
 * `NO_COLOR`.
 */
const colours: Effect.Effect<boolean | undefined> = Effect.flatMap(
  Effect.option(Config.string("FORCE_COLOR")),
  Option.match({
    onNone: () => Effect.map(isSet("NO_COLOR"), (isPlain) => isPlain ? false : undefined),
    onSome: (value) => Effect.succeed(forced.includes(value))
  })
)

/** The home directory that `~` means. */
const home = Config.string("HOME").pipe(Config.orElse(() => Config.string("USERPROFILE")), Effect.option)

/**
 * Changes paths of the home directory so that they begin with `~`, but for those in quotes of a shell, which would take it
 * literally.
 */
export const tilde: Effect.Effect<(text: string) => string> = Effect.map(home, (found) => {
  const directory = Text.path(Option.getOrElse(found, () => "").replace(/[\\/]$/, ""))
  return directory.length < 2 ?
    (text) => text :
    (text) =>
      text.replaceAll(
        directory,
        (path, at: number) =>
          /[\s("]/.test(text[at - 1] ?? " ") && /[\\/]/.test(text[at + path.length] ?? "") ? "~" : path
      )
})

/**
 * Everything for people is written with its colours and with whole paths. This takes the colours away where they are not
 * wanted, outside terminals and as `colours` says, and shortens the paths.
 */
export const forPeople = <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function*() {
    const { err, out } = yield* Screen
    const wanted = yield* colours
    const shortened = yield* tilde
    const printer = (stream: Stream) => {
      const fit = wanted ?? stream.isTTY ? (text: string) => text : stripVTControlCharacters
      return (...parts: ReadonlyArray<unknown>): void => {
        stream.write(`${shortened(fit(parts.map(String).join(" ")))}\n`)
      }
    }
    const log = printer(out)
    const error = printer(err)
    const base = yield* Effect.console
    return yield* Effect.withConsole(self, {
      ...base,
      log: (...parts) => Effect.sync(() => log(...parts)),
      error: (...parts) => Effect.sync(() => error(...parts)),
      unsafe: { ...base.unsafe, log, error }
    })
  })

/** Writes an answer that is data, byte for byte. */
export const write = (text: string): Effect.Effect<void> =>
  Effect.map(Screen, ({ out }) => {
    out.write(`${text}\n`)
  })

/** Colours text; `withColours` decides whether it stays so. */
export const paint = (style: "bold" | "gray" | "green" | "red" | "yellow" | "cyan", text: string): string =>
  styleText(style, text, { validateStream: false })
