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

type Place = Exclude<ReturnType<typeof locate>, undefined>

/** The object at a path of a text that is JSON, and that text. */
const open = (text: string, path: ReadonlyArray<string | number>): Either.Either<Place, string> => {
  const bom = text.startsWith("\uFEFF") ? 1 : 0
  try {
    JSON.parse(text.slice(bom))
  } catch {
    return Either.left("not valid JSON")
  }
  return Either.fromNullable(locate(text, skipSpace(text, bom), path), () => "the object to change is not in it")
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
  const place = open(text, path)
  if (Either.isLeft(place)) {
    return Either.left(place.left)
  }
  if (Object.values(members).some((value) => typeof value === "number" && !Number.isFinite(value))) {
    return Either.left("a number to write is not finite")
  }
  const { colon, object } = place.right
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

/** Removes members of the object at a path, all of the same name, and leaves every other character as it is. */
export const removeMembers = (
  text: string,
  path: ReadonlyArray<string | number>,
  names: ReadonlyArray<string>
): Either.Either<string, string> =>
  Either.map(open(text, path), ({ object }) => {
    const members = membersOf(text, object)
    const kept = members.filter(({ name }) => !names.includes(name))
    const [first] = members
    const last = members.at(-1)
    if (first === undefined || last === undefined || kept.length === members.length) return text
    // What is between two members is written before the second one, and goes with it.
    const between = (member: Member): string =>
      text.slice(members[members.indexOf(member) - 1]!.valueEnd, member.keyStart)
    const rest = kept.map((member, index) =>
      (index === 0 ? "" : between(member)) + text.slice(member.keyStart, member.valueEnd)
    )
    return text.slice(0, first.keyStart) + rest.join("") + text.slice(last.valueEnd)
  })

/** What is before a value on its line, if that is white space only. */
const indentBefore = (text: string, at: number): { readonly eol: string; readonly indent: string } | undefined => {
  const [, eol, indent] = /(\r\n|\n|\r)([ \t]*)$/.exec(text.slice(0, at)) ?? []
  return eol === undefined || indent === undefined ? undefined : { eol, indent }
}

/** Adds an object to the array that a member of the outermost object has, written like the one before it. */
export const appendObject = (
  text: string,
  array: string,
  members: Readonly<Record<string, Scalar>>
): Either.Either<string, string> =>
  Either.flatMap(open(text, []), ({ object }) => {
    const member = lastNamed(membersOf(text, object), array)
    if (member === undefined || text[member.valueStart] !== "[") return Either.left(`there is no array ${array} in it`)
    const starts: Array<number> = []
    for (let at = elementStart(text, member.valueStart, 0); at !== undefined;) {
      starts.push(at)
      at = elementStart(text, member.valueStart, starts.length)
    }
    const last = starts.at(-1)
    const line = indentBefore(text, last ?? member.keyStart)
    const unit = /[\r\n]([ \t]+)[^\s]/.exec(text)?.[1] ?? "\t"
    const base = last === undefined ? `${line?.indent ?? ""}${unit}` : line?.indent ?? ""
    const isOneLine = line === undefined || (last !== undefined && !hasLineEnd(text.slice(last, valueEnd(text, last))))
    const colon = colonOf(text, member)
    const written = Object.entries(members).map(([name, value]) =>
      `${JSON.stringify(name)}${colon}${JSON.stringify(value)}`
    )
    const added = isOneLine
      ? `{${written.join(commaLike(colon))}}`
      : `{${line.eol}${base}${unit}${written.join(`,${line.eol}${base}${unit}`)}${line.eol}${base}}`
    const start = last === undefined ? member.valueStart + 1 : valueEnd(text, last)
    const end = last === undefined ? member.valueEnd - 1 : start
    const before = line === undefined ? "" : `${line.eol}${base}`
    const lead = last === undefined ? before : `,${before === "" && colon !== ":" ? " " : before}`
    const after = last === undefined && line !== undefined ? `${line.eol}${line.indent}` : ""
    return Either.right(text.slice(0, start) + lead + added + after + text.slice(end))
  })
