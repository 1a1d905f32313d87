/** What Effect's loggers and a tracer make of a value. */
import { Cause, Effect, Exit, FiberRef, HashSet, Logger, LogLevel, Metric, Option } from "effect"
import type { Console } from "effect"
import { inspect } from "node:util"
import { collector, type Seen } from "../kit/spans.ts"

const show = (value: unknown): string => typeof value === "string" ? value : inspect(value, { depth: 20 })

/** Collects what the pretty logger prints. */
const consoleOf = (print: (...args: ReadonlyArray<unknown>) => void): Console.Console =>
  ({
    unsafe: { log: print, error: print, group: print, groupCollapsed: print, groupEnd: () => undefined }
  }) as unknown as Console.Console

const loggers: Readonly<Record<string, Logger.Logger<unknown, unknown>>> = {
  string: Logger.stringLogger,
  logfmt: Logger.logfmtLogger,
  json: Logger.jsonLogger,
  structured: Logger.structuredLogger,
  pretty: Logger.prettyLogger({ colors: false, mode: "tty" })
}

const places: ReadonlyArray<(value: unknown) => Effect.Effect<void>> = [
  (value) => Effect.annotateLogs(Effect.logInfo("it came", value), { value, text: String(value) }),
  (value) => Effect.logError("it failed", Cause.isCause(value) ? value : Cause.fail(value))
]

/** What each logger writes, by its name. */
const logged = (value: unknown): ReadonlyMap<string, string> => {
  const texts = new Map(Object.keys(loggers).map((name) => [name, [] as Array<string>]))
  const logger = Logger.make((options) => {
    for (const [name, each] of Object.entries(loggers)) {
      const rendered = each.log(options)
      if (rendered !== undefined) texts.get(name)?.push(show(rendered))
    }
  })
  const print = (...args: ReadonlyArray<unknown>): void => {
    texts.get("pretty")?.push(...args.map(show))
  }
  const all = Effect.forEach(places, (place) => place(value), { discard: true }).pipe(
    Effect.locally(FiberRef.currentLoggers, HashSet.make(logger)),
    Logger.withMinimumLogLevel(LogLevel.All),
    Effect.withConsole(consoleOf(print))
  )
  const exit = Effect.runSyncExit(all)
  const problem = Exit.isFailure(exit) ? Cause.pretty(exit.cause, { renderErrorCause: true }) : ""
  return new Map(Array.from(texts, ([name, parts]) => [name, [...parts, problem].join("\n")]))
}

const textOf = (spans: ReadonlyArray<Seen>): string =>
  `${inspect(spans, { depth: 20 })} ${JSON.stringify(spans.map(({ attributes, name }) => ({ name, attributes })))}`

/** A span that carries the value, and ends with it: exporters record the attributes, the events and the exception. */
const traced = (value: unknown): string => {
  const { spans, tracer } = collector()
  const exit = Effect.runSyncExit(
    (Exit.isExit(value) ? value : Cause.isCause(value) ? Effect.failCause(value) : Effect.fail(value)).pipe(
      Effect.withSpan("work", { attributes: { value, text: String(value) } }),
      Effect.withTracer(tracer)
    )
  )
  return `${textOf(spans)} ${Exit.isFailure(exit) ? Cause.pretty(exit.cause, { renderErrorCause: true }) : ""}`
}

/** All renderings of a value by name. */
export const renderingsOf = (value: unknown): ReadonlyArray<readonly [name: string, text: string]> => [
  ...Array.from(logged(value), ([name, text]) => [`logger ${name}`, text] as const),
  ["span", traced(value)]
]

export const names: ReadonlyArray<string> = [...Object.keys(loggers).map((name) => `logger ${name}`), "span"]

/** Names and labels of every metric of this process. */
export const metrics: Effect.Effect<string> = Effect.map(
  Metric.snapshot,
  (pairs) =>
    pairs.map(({ metricKey: { description, name, tags } }) =>
      [name, Option.getOrElse(description, () => ""), ...tags.flatMap(({ key, value }) => [key, value])].join(" ")
    ).join("\n")
)
