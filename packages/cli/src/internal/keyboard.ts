/** What the user types: a choice from a list, and pasted lines. For `login`. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Process from "node:process"
import * as Readline from "node:readline"
import { Writable } from "node:stream"
import stringWidth from "string-width"
import * as messages from "../messages/login.ts"
import { paint, Screen } from "./screen.ts"

type Input = NodeJS.ReadableStream & { readonly isTTY?: boolean; setRawMode?: (raw: boolean) => unknown }

/** Where the user types, and what Ctrl-C does while the terminal does not send a signal for it. */
export class Keyboard extends Context.Reference<Keyboard>()("@effect-alicloud/cli/Keyboard", {
  defaultValue: (): { readonly input: Input; readonly interrupt: () => void } => ({
    input: process.stdin,
    interrupt: () => Process.kill(Process.pid, "SIGINT")
  })
}) {}

interface Item {
  readonly id: string
  readonly name: string
}

/** Rows of a list that are shown at once. */
const shown = 10

const matching = <A extends Item>(items: ReadonlyArray<A>, typed: string): ReadonlyArray<A> => {
  const words = typed.toLowerCase().split(/\s+/)
  return items.filter(({ id, name }) => words.every((word) => `${name} ${id}`.toLowerCase().includes(word)))
}

interface State<A> {
  readonly typed: string
  readonly at: number
  readonly found: ReadonlyArray<A>
}

/** A row that wrapped could not be taken away again. */
const fit = (text: string, width: number): string => {
  let shown = text
  while (stringWidth(shown) > width) shown = [...shown].slice(0, -1).join("")
  return shown
}

const render = <A extends Item>(
  title: string,
  { at, found, typed }: State<A>,
  columns: number
): ReadonlyArray<string> => {
  const from = Math.max(0, Math.min(at - Math.floor(shown / 2), found.length - shown))
  const rows = found.slice(from, from + shown).map((item, index) => {
    const text = fit(messages.item(item), Math.max(10, columns - 4))
    return from + index === at ? paint("cyan", `> ${text}`) : `  ${text}`
  })
  return [
    `${paint("bold", title)} ${fit(typed, Math.max(10, columns - title.length - 2))}`,
    ...(rows.length === 0 ? [`  ${messages.noMatch}`] : rows),
    paint("gray", fit(messages.keys(found.length), columns - 1))
  ]
}

const next = <A extends Item>(items: ReadonlyArray<A>, state: State<A>, key: Readline.Key, text: string): State<A> => {
  const move = (by: number): State<A> => ({
    ...state,
    at: Math.max(0, Math.min(state.found.length - 1, state.at + by))
  })
  const type = (typed: string): State<A> => ({ typed, at: 0, found: matching(items, typed) })
  switch (key.name) {
    case "up":
      return move(-1)
    case "down":
      return move(1)
    case "pageup":
      return move(-shown)
    case "pagedown":
      return move(shown)
    case "backspace":
      return type([...state.typed].slice(0, -1).join(""))
    default:
      return key.ctrl === true || key.meta === true || !/^[^\p{C}]+$/u.test(text)
        ? key.ctrl === true && key.name === "u" ? type("") : state
        : type(state.typed + text)
  }
}

/** Whether a user can be asked: both ends are terminals. */
export const isThere: Effect.Effect<boolean> = Effect.zipWith(
  Keyboard,
  Screen,
  ({ input }, { err }) => input.isTTY === true && err.isTTY
)

/** Lets the user choose: typing narrows the list, Enter takes the marked item. There must be a user. */
export const choose = <A extends Item>(title: string, items: ReadonlyArray<A>): Effect.Effect<A> =>
  Effect.gen(function*() {
    const { input, interrupt } = yield* Keyboard
    const { err } = yield* Screen
    return yield* Effect.async<A>((resume) => {
      let state: State<A> = { typed: "", at: 0, found: items }
      let lines = 0
      const clear = (): void => {
        if (lines > 0) err.write(`\r\u001b[${lines}A\u001b[0J`)
        lines = 0
      }
      const draw = (): void => {
        clear()
        const rows = render(title, state, err.columns)
        err.write(`${rows.join("\n")}\n`)
        lines = rows.length
      }
      const stop = (): void => {
        input.off("keypress", onKey)
        input.setRawMode?.(false)
        input.pause()
        clear()
      }
      const onKey = (text: string | undefined, key: Readline.Key): void => {
        if (key.ctrl === true && (key.name === "c" || key.name === "d")) {
          stop()
          interrupt()
          return
        }
        const chosen = state.found[state.at]
        if ((key.name === "return" || key.name === "enter") && chosen !== undefined) {
          stop()
          resume(Effect.succeed(chosen))
          return
        }
        state = next(items, state, key, text ?? "")
        draw()
      }
      Readline.emitKeypressEvents(input)
      input.setRawMode?.(true)
      input.resume()
      input.on("keypress", onKey)
      draw()
      return Effect.sync(stop)
    })
  })

/** Lines that the user pastes, which are not shown; `None` at the end of the input. */
export const lines: Effect.Effect<
  Effect.Effect<Option.Option<Redacted.Redacted>>,
  never,
  Scope.Scope
> = Effect.gen(function*() {
  const { input, interrupt } = yield* Keyboard
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = yield* Effect.acquireRelease(
    Effect.sync(() => Readline.createInterface({ input, output: hidden, terminal: input.isTTY === true })),
    (reader) => Effect.sync(() => reader.close())
  )
  reader.on("SIGINT", interrupt)
  const waiting = reader[Symbol.asyncIterator]()
  return Effect.map(
    Effect.promise(() => waiting.next()),
    (line) => line.done === true ? Option.none() : Option.some(Redacted.make(line.value))
  )
})
