/**
 * What of a user's input may appear in a message: names and paths with everything escaped that does not show or changes
 * how the rest shows, words only when they look like words. Everything else stays out of messages altogether.
 */
const escape = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}"]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)

const shorten = (text: string, length: number): string => {
  const chars = Array.from(text)
  return chars.length <= length ? text : `${chars.slice(0, length - 1).join("")}…`
}

/** A profile, section, switch or variable name in quotes. */
export const name = (text: string): string => `"${shorten(escape(text), 64)}"`

/** A file path. */
export const path = (text: string): string => shorten(escape(text), 1024)

/** The value of a `type` or `mode`, or no more than that there was one. */
export const word = (text: string): string => /^[A-Za-z0-9_]{1,24}$/.test(text) ? `"${text}"` : "an unprintable value"

/** Scheme, host and port of a URL; its path and query may hold secrets, and so may a user name. */
export const origin = (url: string): string => {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/\\?#]*@)?([^/\\?#@\s]+)/i.exec(url)
  return match === null ? "an unreadable URL" : `${match[1]}://${shorten(escape(match[2] ?? ""), 128)}`
}

const matching = (pattern: RegExp) => (text: unknown): string | undefined =>
  typeof text === "string" && pattern.test(text) ? text : undefined

/** A service's error code, if it looks like one: words without digits, which keys and tokens are not. */
export const code = matching(/^[A-Za-z][A-Za-z._-]{0,95}$/)

/** The code of a system error: `ECONNREFUSED`. */
export const systemCode = matching(/^[A-Za-z][A-Za-z0-9._-]{0,95}$/)

/** A service's request id, if it looks like one: hex digits, which keys and tokens are not. */
export const requestId = matching(/^[0-9A-Fa-f-]{8,64}$/)
