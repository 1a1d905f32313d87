/**
 * Finds where a text stops being JSON, for `secretJson`: the engine's own message differs from one to the next, and
 * quotes what it cannot read.
 */

/** Line and column count from 1. `expected` says what must be there, without anything that is. */
export interface JsonFault {
  readonly line: number
  readonly column: number
  readonly expected: string
}

const space = /[ \t\n\r]*/y
const scalar = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/y
const plain = /[ !#-[\]-\uFFFF]*/y
const escape = /\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})/y

const comment = /\/[/*]|#/y

const endOf = (pattern: RegExp, text: string, from: number): number => {
  pattern.lastIndex = from
  return pattern.test(text) ? pattern.lastIndex : from
}

interface Stop {
  readonly at: number
  readonly expected: string
}

/** The end of a text in quotes. */
const stringEnd = (text: string, start: number): number | Stop => {
  let at = start + 1
  while (true) {
    at = endOf(plain, text, at)
    if (text[at] === "\"") return at + 1
    if (text[at] !== "\\") return { at, expected: "the closing quote of a text" }
    const end = endOf(escape, text, at)
    if (end === at) return { at, expected: "an escape such as \\n: a backslash in a text is written twice" }
    at = end
  }
}

/** Reads without recursion. `inside` is the bracket that ends the innermost list or object. */
const find = (text: string): Stop | undefined => {
  const open: Array<string> = []
  let next: "value" | "name" | "colon" | "after" = "value"
  let mayEnd = false
  for (let at = endOf(space, text, 0);; at = endOf(space, text, at)) {
    const char = text[at]
    const inside = open.at(-1)
    const isAfterComma = !mayEnd && (inside === "}" ? next === "name" : next === "value")
    const stop = (expected: string): Stop => {
      const hint = endOf(comment, text, at) > at
        ? ": JSON has no comments"
        : isAfterComma && char !== undefined && char === inside
        ? ": there is no comma after the last one"
        : ""
      return { at, expected: expected + hint }
    }
    if (char !== undefined && char === inside && (mayEnd || next === "after")) {
      open.pop()
      next = "after"
      mayEnd = false
      at++
      continue
    }
    switch (next) {
      case "after":
        if (inside === undefined) return at < text.length ? stop("the end of the text") : undefined
        if (char !== ",") return stop(`a comma or ${inside}`)
        next = inside === "}" ? "name" : "value"
        at++
        break
      case "colon":
        if (char !== ":") return stop("a colon")
        next = "value"
        at++
        break
      case "name": {
        if (char !== "\"") return stop(`a name in double quotes${mayEnd ? " or }" : ""}`)
        const end = stringEnd(text, at)
        if (typeof end !== "number") return end
        next = "colon"
        mayEnd = false
        at = end
        break
      }
      case "value": {
        if (char === "{" || char === "[") {
          open.push(char === "{" ? "}" : "]")
          next = char === "{" ? "name" : "value"
          mayEnd = true
          at++
          break
        }
        const end = char === "\"" ? stringEnd(text, at) : endOf(scalar, text, at)
        if (typeof end !== "number") return end
        if (end === at) return stop(mayEnd ? "a value or ]" : "a value")
        next = "after"
        mayEnd = false
        at = end
      }
    }
  }
}

/** Where a text that `JSON.parse` refuses is wrong. */
export const jsonFault = (text: string): JsonFault | undefined => {
  const stop = find(text)
  if (stop === undefined) return undefined
  const lines = text.slice(0, stop.at).split(/\r\n|\r|\n/)
  return {
    line: lines.length,
    column: Array.from(lines.at(-1) ?? "").length + 1,
    expected: stop.at < text.length ? stop.expected : `${stop.expected}, but it ends there`
  }
}
