/** What of a user's configuration may be shown, and how. */
import { printable } from "../internal/screen.ts"

const escape = (text: string): string => printable(text).replaceAll("\"", "\\u{22}")

const shorten = (text: string, length: number): string => {
  const chars = Array.from(text)
  return chars.length <= length ? text : `${chars.slice(0, length - 1).join("")}…`
}

/** The name of a profile or section. */
export const name = (text: string): string => shorten(escape(text), 64)

/** A file path. */
export const path = (text: string): string => shorten(escape(text), 1024)

/** Scheme, host and port of a URL; the rest may hold secrets. */
export const origin = (url: string): string => {
  const [, scheme, host] = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/\\?#]*@)?([^/\\?#@\s]+)/i.exec(url) ?? []
  return scheme === undefined || host === undefined ? "an unreadable URL" : `${scheme}://${shorten(escape(host), 128)}`
}

/** A word of a shell command. */
export const word = (text: string): string =>
  /^[\w./:@%+=,~-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
