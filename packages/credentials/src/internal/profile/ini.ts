/**
 * The credentials INI file. `#` or `;` starts a comment at the start of a line, after a section header, or after white
 * space; elsewhere it is part of the value. There is no interpolation, quoting, nesting or continuation.
 */
import * as Either from "effect/Either"

/** Sections by name, each with its keys. */
export type Sections = ReadonlyMap<string, ReadonlyMap<string, string>>

/** Where and in what way a file is malformed; nothing of the line's content. */
export interface IniError {
  /** Counted from 1. */
  readonly line: number
  readonly issue: string
}

const comment = /(?:^|\s)[#;].*/s
const header = /^\[([^\]]*)\]\s*(?:[#;].*)?$/s

/**
 * Keys before the first section are dropped. A repeated section goes on where it ended; of a repeated key the last
 * value counts. A byte order mark needs no care: `trim` and `\s` take it for white space.
 */
export const parse = (text: string): Either.Either<Sections, IniError> => {
  const sections = new Map<string, Map<string, string>>()
  let section = new Map<string, string>()
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const malformed = (issue: string): Either.Either<never, IniError> => Either.left({ line: index + 1, issue })
    const line = raw.replace(comment, "").trim()
    if (line === "") continue
    if (line.startsWith("[")) {
      const name = header.exec(line)?.[1]?.trim()
      if (name === undefined) return malformed("a section header must be [name] and nothing else")
      if (name === "") return malformed("the section header has no name")
      section = sections.get(name) ?? new Map<string, string>()
      sections.set(name, section)
      continue
    }
    const equals = line.indexOf("=")
    if (equals === -1) return malformed("expected [section], key = value or a comment")
    const key = line.slice(0, equals).trim()
    if (key === "") return malformed("there is no key before the equals sign")
    section.set(key, line.slice(equals + 1).trim())
  }
  return Either.right(sections)
}
