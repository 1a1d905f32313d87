/** A headless Chromium that is told what to do, over the pipe of its DevTools protocol. Used by `browse.ts`. */
import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import type { Readable, Writable } from "node:stream"
import { makeFolder } from "../../../test/kit/children.ts"
import { chromium, flags } from "../../../test/kit/chromium.ts"

/** An event, with the parameters of those events that `browse.ts` reads. */
export interface Event {
  readonly method: string
  readonly params: {
    readonly args: ReadonlyArray<{ readonly value?: unknown }>
    readonly entry: { readonly level: string; readonly text: string; readonly url?: string }
    readonly exceptionDetails: { readonly text: string; readonly exception?: { readonly description?: string } }
    readonly request: { readonly url: string }
    readonly response: { readonly url: string; readonly status: number }
    readonly type: string
  }
}

interface Message extends Partial<Event> {
  readonly id?: number
  readonly sessionId?: string
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

type Send = (
  method: string,
  params?: Readonly<Record<string, unknown>>
) => Effect.Effect<Readonly<Record<string, unknown>>>

/** One page of the browser. */
export interface Tab {
  readonly send: Send
  /** What has happened in it since it was opened. */
  readonly events: ReadonlyArray<Event>
  /** The value of an expression in the page; of a promise, what it resolves to. */
  readonly evaluate: (expression: string) => Effect.Effect<unknown>
}

export interface Browser {
  readonly tab: Effect.Effect<Tab>
}

export const launch: Effect.Effect<Browser, never, Scope.Scope> = Effect.gen(function*() {
  const folder = yield* makeFolder("chromium-")
  const { stdio } = yield* Effect.acquireRelease(
    Effect.sync(() =>
      spawn(chromium!, [...flags, `--user-data-dir=${folder}`, "--remote-debugging-pipe"], {
        stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
        detached: true
      })
    ),
    (child) => Effect.sync(() => void process.kill(-child.pid!, "SIGKILL"))
  )
  const to = stdio[3] as Writable
  const from = stdio[4] as Readable
  const waiting = new Map<number, (message: Message) => void>()
  const tabs = new Map<string, Array<Event>>()

  const receive = (message: Message): void => {
    if (message.id !== undefined) waiting.get(message.id)?.(message)
    else if (message.sessionId !== undefined) tabs.get(message.sessionId)?.push(message as Event)
  }

  let rest = ""
  from.setEncoding("utf8").on("data", (chunk: string) => {
    const messages = `${rest}${chunk}`.split("\0")
    rest = messages.pop() ?? ""
    for (const message of messages) receive(JSON.parse(message) as Message)
  })

  let last = 0
  const send = (sessionId?: string): Send => (method, params = {}) =>
    Effect.async((resume) => {
      const id = ++last
      waiting.set(id, ({ error, result = {} }) => {
        waiting.delete(id)
        resume(error === undefined ? Effect.succeed(result) : Effect.dieMessage(`${method}: ${error.message}`))
      })
      to.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })

  const tab = Effect.gen(function*() {
    const { targetId } = yield* send()("Target.createTarget", { url: "about:blank" })
    const { sessionId } = yield* send()("Target.attachToTarget", { targetId, flatten: true })
    const events: Array<Event> = []
    tabs.set(sessionId as string, events)
    const here = send(sessionId as string)
    for (const domain of ["Page", "Network", "Runtime", "Log"]) yield* here(`${domain}.enable`)
    const evaluate = (expression: string) =>
      Effect.flatMap(
        here("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true }),
        ({ exceptionDetails, result }) =>
          exceptionDetails === undefined
            ? Effect.succeed((result as { readonly value?: unknown }).value)
            : Effect.dieMessage(`${expression}: ${JSON.stringify(exceptionDetails)}`)
      )
    return { send: here, events, evaluate }
  })
  return { tab }
})
