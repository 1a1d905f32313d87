import * as Arr from "effect/Array"
import * as Either from "effect/Either"
import * as Option from "effect/Option"

/** What a member is set to. Numbers must be finite. */
export type Scalar = string | number | boolean

interface Member {
  readonly name: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly valueStart: number
  readonly valueEnd: number
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The functions below read text that `JSON.parse` accepts, which spares them all checks and all recursion. */
const skipSpace = (text: string, from: number): number => {
  let at = from
  while (" \t\n\r".includes(text.charAt(at)) && at < text.length) at++
  return at
}

const stringEnd = (text: string, start: number): number => {
  let at = start + 1
  while (text[at] !== "\"") at += text[at] === "\\" ? 2 : 1
  return at + 1
}

const containerEnd = (text: string, start: number): number => {
  let depth = 0
  let at = start
  do {
    const char = text[at]
    if (char === "\"") {
      at = stringEnd(text, at)
      continue
    }
    if (char === "{" || char === "[") depth++
    if (char === "}" || char === "]") depth--
    at++
  } while (depth > 0)
  return at
}

const valueEnd = (text: string, start: number): number => {
  const char = text[start]
  if (char === "\"") return stringEnd(text, start)
  if (char === "{" || char === "[") return containerEnd(text, start)
  let at = start
  while (at < text.length && !",]} \t\n\r".includes(text.charAt(at))) at++
  return at
}

const membersOf = (text: string, object: number): ReadonlyArray<Member> => {
  const members: Array<Member> = []
  let at = skipSpace(text, object + 1)
  while (text[at] !== "}") {
    const keyStart = at
    const keyEnd = stringEnd(text, keyStart)
    const valueStart = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const end = valueEnd(text, valueStart)
    members.push({
      name: JSON.parse(text.slice(keyStart, keyEnd)) as string,
      keyStart,
      keyEnd,
      valueStart,
      valueEnd: end
    })
    at = skipSpace(text, end)
    if (text[at] === ",") at = skipSpace(text, at + 1)
  }
  return members
}

const elementStart = (text: string, array: number, index: number): number | undefined => {
  let at = skipSpace(text, array + 1)
  for (let passed = 0; text[at] !== "]"; passed++) {
    if (passed === index) return at
    at = skipSpace(text, valueEnd(text, at))
    if (text[at] === ",") at = skipSpace(text, at + 1)
  }
  return undefined
}

/** Of members with the same name the last one counts, as for `JSON.parse`. */
const lastNamed = (members: ReadonlyArray<Member>, name: string): Member | undefined =>
  Option.getOrUndefined(Arr.findLast(members, (member) => member.name === name))

/** Where the object at a path starts, and how the innermost key before it writes its colon. */
const locate = (
  text: string,
  root: number,
  path: ReadonlyArray<string | number>
): { readonly object: number; readonly colon: string | undefined } | undefined => {
  let at = root
  let colon: string | undefined
  for (const step of path) {
    if (typeof step === "number") {
      const element = text[at] === "[" ? elementStart(text, at, step) : undefined
      if (element === undefined) return undefined
      at = element
      continue
    }
    const member = text[at] === "{" ? lastNamed(membersOf(text, at), step) : undefined
    if (member === undefined) return undefined
    at = member.valueStart
    colon = colonOf(text, member)
  }
  return text[at] === "{" ? { object: at, colon } : undefined
}

const hasLineEnd = (text: string): boolean => /[\r\n]/.test(text)

const colonOf = (text: string, { keyEnd, valueStart }: Member): string => {
  const colon = text.slice(keyEnd, valueStart)
  return hasLineEnd(colon) ? ": " : colon
}

const commaLike = (colon: string): string => colon === ":" ? "," : ", "

const append = (
  text: string,
  object: number,
  members: ReadonlyArray<Member>,
  outerColon: string | undefined,
  added: ReadonlyArray<readonly [name: string, value: string]>
): Edit => {
  const write = (colon: string, comma: string): string =>
    added.map(([name, value]) => `${JSON.stringify(name)}${colon}${value}`).join(comma)

  const last = members.at(-1)
  if (last !== undefined) {
    const colon = colonOf(text, last)
    const previous = members.at(-2)
    const lead = text.slice(object + 1, last.keyStart)
    const comma = previous !== undefined
      ? text.slice(previous.valueEnd, last.keyStart)
      : hasLineEnd(lead)
      ? `,${lead}`
      : commaLike(colon)
    return { start: last.valueEnd, end: last.valueEnd, text: comma + write(colon, comma) }
  }

  const colon = outerColon ?? ": "
  const inside = text.slice(object + 1, skipSpace(text, object + 1))
  const closing = /(\r\n|\n|\r)([ \t]*)$/.exec(inside)
  if (closing === null) {
    return { start: object + 1, end: object + 1, text: inside + write(colon, commaLike(colon)) }
  }
  const unit = /[\r\n]([ \t]+)[^\s]/.exec(text)?.[1] ?? "  "
  const line = `${closing[1] ?? ""}${closing[2] ?? ""}${unit}`
  return { start: object + 1, end: object + 1, text: line + write(colon, `,${line}`) }
}

/**
 * Sets members of the object at a path of a JSON document, and leaves every other character of the text as it is. A
 * member that exists keeps its place; a new one is added at the end, written like the members before it. What is wrong
 * is told without any of the content.
 */
export const setMembers = (
  text: string,
  path: ReadonlyArray<string | number>,
  members: Readonly<Record<string, Scalar>>
): Either.Either<string, string> => {
  const bom = text.startsWith("\uFEFF") ? 1 : 0
  try {
    JSON.parse(text.slice(bom))
  } catch {
    return Either.left("not valid JSON")
  }
  const place = locate(text, skipSpace(text, bom), path)
  if (place === undefined) {
    return Either.left("the object to change is not in it")
  }
  if (Object.values(members).some((value) => typeof value === "number" && !Number.isFinite(value))) {
    return Either.left("a number to write is not finite")
  }
  const { colon, object } = place
  const present = membersOf(text, object)
  const edits: Array<Edit> = []
  const added: Array<readonly [string, string]> = []
  for (const [name, scalar] of Object.entries(members)) {
    const value = JSON.stringify(scalar)
    const member = lastNamed(present, name)
    if (member === undefined) added.push([name, value])
    else edits.push({ start: member.valueStart, end: member.valueEnd, text: value })
  }
  if (added.length > 0) edits.push(append(text, object, present, colon, added))
  // From the end to the start, so that positions stay right. An addition starts where the last value ends.
  edits.sort((a, b) => b.start - a.start)
  return Either.right(
    edits.reduce((result, { end, start, text }) => result.slice(0, start) + text + result.slice(end), text)
  )
}
