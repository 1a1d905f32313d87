/**
 * Every way in which a value ends up in a log, a trace or an answer. Not here, because they are meant to show secrets:
 * `Redacted.value` and walks that call it, `Schema.encode` of credentials, methods that a value has for handing out its
 * secrets (`Snapshot.toMap`, `getAccessKeySecret`), and accessors that are read on purpose.
 */
import { Cause, Exit, Inspectable, Predicate } from "effect"
import { format, inspect } from "node:util"

/** A way of rendering; `undefined` where it does not apply to a value. */
type Render = (value: unknown) => string | undefined

const maxDepth = 20

const object = (render: (value: object) => string | undefined): Render => (value) =>
  typeof value === "object" && value !== null ? render(value) : undefined

const error = (render: (value: Error) => string | undefined): Render => (value) =>
  value instanceof Error ? render(value) : undefined

/** What a logger writes that does not know the value: every own enumerable member, and theirs. */
const walk = (value: unknown, members: (value: object) => Iterable<readonly [string, unknown]>): string => {
  const seen = new Set<unknown>()
  const lines: Array<string> = []
  const visit = (value: unknown, path: string, depth: number): void => {
    if (Predicate.isObject(value)) {
      if (seen.has(value) || depth > maxDepth) return
      seen.add(value)
      if (value instanceof Map || value instanceof Set) visit(Array.from(value), path, depth + 1)
      for (const [key, member] of members(value)) visit(member, `${path}.${key}`, depth + 1)
    }
    lines.push(`${path}: ${typeof value === "function" ? value.name : stringOf(value)}`)
  }
  visit(value, "", 0)
  return lines.join("\n")
}

const stringOf = (value: unknown): string => {
  try {
    return String(value)
  } catch (thrown) {
    return inspect(thrown)
  }
}

function* enumerable(value: object): Generator<readonly [string, unknown]> {
  for (const key in value) yield [key, (value as Record<string, unknown>)[key]]
}

const causes = (value: Error): string => {
  const texts: Array<string> = []
  for (let cause: unknown = value; texts.length < maxDepth && cause !== undefined && cause !== null;) {
    texts.push(cause instanceof Error ? `${cause.name} ${cause.message} ${cause.stack}` : inspect(cause))
    cause = typeof cause === "object" && "cause" in cause ? cause.cause : undefined
  }
  return texts.join("\n")
}

const prettyOf = (value: unknown): string =>
  [
    Cause.fail(value),
    Cause.die(value),
    Cause.parallel(Cause.fail(value), Cause.die(value)),
    Cause.sequential(Cause.die("first"), Cause.fail({ value }))
  ].map((cause) => Cause.pretty(cause, { renderErrorCause: true })).join("\n")

const renderings: Readonly<Record<string, Render>> = {
  message: (value) =>
    Predicate.hasProperty(value, "message") && typeof value.message === "string" ? value.message : undefined,
  "String": (value) => String(value),
  "template literal": (value) => `${value as string}`,
  "JSON": (value) => JSON.stringify(value),
  "JSON in an object": (value) => JSON.stringify({ value }),
  "JSON in an array": (value) => JSON.stringify([value], null, 2),
  "JSON of a map": (value) => JSON.stringify(Array.from(new Map([["value", value]]))),
  "JSON of all own names": object((value) => JSON.stringify(value, Object.getOwnPropertyNames(value))),
  "JSON of a copy": object((value) => JSON.stringify({ ...value })),
  inspect: (value) => inspect(value, { depth: maxDepth }),
  "inspect in a map": (value) => inspect(new Map([["value", new Set([value])]]), { depth: maxDepth }),
  "inspect hidden": (value) => inspect(value, { depth: maxDepth, showHidden: true }),
  "inspect uncustomized": (value) => inspect(value, { depth: maxDepth, customInspect: false }),
  "inspect a copy": object((value) => inspect({ ...value }, { depth: maxDepth, customInspect: false })),
  "console %s": (value) => format("%s", value),
  "console %o": (value) => format("%o", value),
  "console %j": (value) => format("%j", value),
  "console plain": (value) => format("it is", value, { value }),
  structuredClone: (value) => inspect(structuredClone(value), { depth: maxDepth, showHidden: true }),
  Inspectable: (value) => `${Inspectable.format(Inspectable.toJSON(value))} ${Inspectable.toStringUnknown(value)}`,
  "own members": object((value) => walk(value, Object.entries)),
  "for-in": object((value) => walk(value, enumerable)),
  stack: error((value) => value.stack),
  "causes of an error": error(causes),
  "cause of another error": (value) => {
    const outer = new Error("outer", { cause: value })
    return `${inspect(outer, { depth: maxDepth })} ${Cause.pretty(Cause.fail(outer), { renderErrorCause: true })}`
  },
  "Cause.pretty": (value) =>
    Cause.isCause(value)
      ? `${Cause.pretty(value)} ${Cause.pretty(value, { renderErrorCause: true })}`
      : prettyOf(value),
  "Cause.squash": (value) => Cause.isCause(value) ? inspect(Cause.squash(value), { depth: maxDepth }) : undefined,
  Exit: (value) => `${Exit.fail(value)} ${JSON.stringify(Exit.die(value))} ${inspect(Exit.succeed(value))}`
}

/** A rendering that does not work, such as JSON of what leads back to itself, says why; that may not leak either. */
const attempt = (render: Render, value: unknown): string | undefined => {
  try {
    return render(value)
  } catch (thrown) {
    return `${inspect(thrown, { depth: maxDepth })} ${thrown instanceof Error ? thrown.message : ""}`
  }
}

/** All renderings of a value by name, or those that are named. */
export const renderingsOf = (
  value: unknown,
  names: ReadonlyArray<string> = Object.keys(renderings)
): ReadonlyMap<string, string> => {
  const texts = new Map<string, string>()
  for (const name of names) {
    const render = renderings[name]
    const text = render && attempt(render, value)
    if (text !== undefined) texts.set(name, text)
  }
  return texts
}

/** The names that `renderingsOf` may give. */
export const names: ReadonlyArray<string> = Object.keys(renderings)
