/**
 * Text of services, files and users in messages: names and paths with everything escaped that does not show or that
 * changes how the rest shows, words only when they look like words. Used wherever an error, a log or a report shows
 * what came from a file, a variable or a service.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */

/**
 * Text without what would change how a terminal shows it.
 *
 * @since 0.1.0
 * @category rendering
 */
export const printable = (text: string): string =>
  text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`)

const escape = (text: string): string => printable(text).replaceAll("\"", "\\u{22}")

const shorten = (text: string, length: number): string => {
  const chars = Array.from(text)
  return chars.length <= length ? text : `${chars.slice(0, length - 1).join("")}…`
}

/**
 * The name of a profile, section, switch or variable.
 *
 * @since 0.1.0
 * @category rendering
 */
export const label = (text: string): string => shorten(escape(text), 64)

/**
 * A name in quotes.
 *
 * @since 0.1.0
 * @category rendering
 */
export const name = (text: string): string => `"${label(text)}"`

/**
 * A file path.
 *
 * @since 0.1.0
 * @category rendering
 */
export const path = (text: string): string => shorten(escape(text), 1024)

/**
 * The value of a `type` or `mode`, or no more than that there was one.
 *
 * @since 0.1.0
 * @category rendering
 */
export const word = (text: string): string => /^[A-Za-z0-9_]{1,24}$/.test(text) ? `"${text}"` : "an unprintable value"

/**
 * Scheme, host and port of a URL; its path and query may hold secrets, and so may a user name.
 *
 * @since 0.1.0
 * @category rendering
 */
export const origin = (url: string): string => {
  const match = /^([a-z][a-z0-9+.-]*):\/\/(?:[^/\\?#]*@)?([^/\\?#@\s]+)/i.exec(url)
  return match === null ? "an unreadable URL" : `${match[1]}://${shorten(escape(match[2] ?? ""), 128)}`
}

const matching = (pattern: RegExp) => (text: unknown): string | undefined =>
  typeof text === "string" && pattern.test(text) ? text : undefined

/**
 * A service's error code, if it looks like one: words without digits, which keys and tokens are not.
 *
 * @since 0.1.0
 * @category parsing
 */
export const code: (text: unknown) => string | undefined = matching(/^[A-Za-z][A-Za-z._-]{0,95}$/)

/**
 * The code of a system error: `ECONNREFUSED`.
 *
 * @since 0.1.0
 * @category parsing
 */
export const systemCode: (text: unknown) => string | undefined = matching(/^[A-Za-z][A-Za-z0-9._-]{0,95}$/)

/**
 * A service's request id, if it looks like one: hex digits, which keys and tokens are not.
 *
 * @since 0.1.0
 * @category parsing
 */
export const requestId: (text: unknown) => string | undefined = matching(/^[0-9A-Fa-f-]{8,64}$/)

/**
 * What is known of an answer, for the end of a sentence: ` (HTTP 403, code NoPermission, request id …)`, or nothing.
 *
 * @since 0.1.0
 * @category rendering
 */
export const answerFacts = (answer: {
  readonly status?: number | undefined
  readonly code?: string | undefined
  readonly requestId?: string | undefined
}): string => {
  const facts = [
    answer.status === undefined ? undefined : `HTTP ${answer.status}`,
    answer.code === undefined ? undefined : `code ${answer.code}`,
    answer.requestId === undefined ? undefined : `request id ${answer.requestId}`
  ].filter((fact) => fact !== undefined)
  return facts.length === 0 ? "" : ` (${facts.join(", ")})`
}
