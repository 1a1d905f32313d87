/**
 * The INI format of the credentials file. `#` or `;` starts a comment at the start of a line, after a section header, and
 * after white space or a closing quote; elsewhere it is part of the value. A value in matching quotes is what is between
 * them. There is no interpolation, nesting or continuation. `CredentialsFile` reads a section with it, `doctor` all of
 * them.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Either from "effect/Either"

/**
 * A key of a section, and the line that sets it, counted from 1. A key without an equals sign has no value.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface Entry {
  readonly line: number
  readonly value: string | undefined
}

/**
 * The keys of a section. Of a repeated key the last one counts.
 *
 * @since 0.1.0
 * @category unstable
 */
export type Section = ReadonlyMap<string, Entry>

/**
 * Where and in what way a file is malformed; nothing of the line's content.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface IniError {
  readonly line: number
  readonly issue: string
}

interface Malformed extends IniError {
  /** The section that the line is in. */
  readonly section: string | undefined
  readonly text: string
}

/**
 * The sections by name. A repeated section goes on where it ended.
 *
 * @since 0.1.0
 * @category unstable
 */
export interface Sections {
  readonly sections: ReadonlyMap<string, Section>
  readonly malformed: ReadonlyArray<Malformed>
}

const comment = /\s[#;].*/s
const header = /^\[([^\]]*)\]\s*(?:[#;].*)?$/s
const escaped = /^"((?:[^"\\]|\\["\\])*)"\s*(?:[#;].*)?$/s
const quoted = /^(["'])(.*?)\1\s*(?:[#;].*)?$/s
const word = /^[\p{L}\p{N}_.-]+$/u

/**
 * What a value says. In double quotes `\"` and `\\` are a quote and a backslash, unless other backslashes show that it is
 * meant as it is, like a path of Windows.
 */
const valueOf = (text: string): string => {
  const value = text.trim()
  return escaped.exec(value)?.[1]?.replace(/\\(["\\])/g, "$1") ??
    quoted.exec(value)?.[2] ??
    text.replace(comment, "").trim()
}

/**
 * Reads a file, whatever is in it. A malformed section header starts a section that has no name, keys before the first
 * section are dropped.
 *
 * @since 0.1.0
 * @category unstable
 */
export const parse = (text: string): Sections => {
  const sections = new Map<string, Map<string, Entry>>()
  const malformed: Array<Malformed> = []
  let section: string | undefined
  let keys = new Map<string, Entry>()
  for (const [index, raw] of text.split(/\r\n|\r|\n/).entries()) {
    const line = index + 1
    const full = raw.trim()
    if (full === "" || /^[#;]/.test(full)) continue
    const text = full.replace(comment, "").trim()
    if (text.startsWith("[")) {
      const name = valueOf(header.exec(text)?.[1] ?? "")
      section = name || undefined
      keys = (section === undefined ? undefined : sections.get(section)) ?? new Map<string, Entry>()
      if (section === undefined) {
        malformed.push({ line, issue: "a section header must be [name] and nothing else", section, text })
      } else {
        sections.set(section, keys)
      }
      continue
    }
    const equals = full.indexOf("=")
    const key = full.slice(0, Math.max(equals, 0)).trim()
    if (equals >= 0 && key !== "" && !comment.test(key)) {
      keys.set(valueOf(key), { line, value: valueOf(full.slice(equals + 1)) })
    } else if (word.test(text)) {
      keys.set(text, { line, value: undefined })
    } else {
      malformed.push({ line, issue: "expected [section], key = value or a comment", section, text })
    }
  }
  return { sections, malformed }
}

/** Whether a malformed line may be the header of the section. */
const hides = (text: string, name: string): boolean => {
  const rest = text.replace(/^[[\s"']+/, "")
  return /^\[|\]$/.test(text) && rest.startsWith(name) && !/^[\p{L}\p{N}_.-]/u.test(rest.slice(name.length))
}

/**
 * The section of that name, if there is one. A malformed line is an error only where it is in the section, or may be its
 * header.
 *
 * @since 0.1.0
 * @category unstable
 */
export const find = ({ malformed, sections }: Sections, name: string): Either.Either<Section | undefined, IniError> => {
  const found = malformed.find(({ section, text }) => section === name || hides(text, name))
  return found === undefined ? Either.right(sections.get(name)) : Either.left({ line: found.line, issue: found.issue })
}
