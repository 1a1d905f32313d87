/** Command lines of `External` and of `process_command`: split without a shell. */
import * as Either from "effect/Either"

/**
 * Splits a command line into program and arguments without a shell, as the official clients do: white space separates;
 * single quotes are literal; outside quotes a backslash takes the next character as it is, inside double quotes only
 * before `"`, `\`, `$` and a backtick; a backslash before a line end joins the lines. On Windows a backslash is
 * literal, except `\"` inside double quotes. Quoted empty arguments are kept.
 */
export const split = (line: string, windows: boolean): Either.Either<readonly [string, ...Array<string>], string> => {
  const chars = Array.from(line.trim())
  if (chars.includes("\0")) {
    return Either.left("it has a NUL character, which no program can be given")
  }
  const words: Array<string> = []
  let word: string | undefined
  let quote: "'" | "\"" | undefined
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!
    const next = chars[at + 1]
    if (char === "\\" && quote !== "'" && !windows) {
      if (next === undefined) {
        return Either.left("it ends with a backslash")
      }
      if (next === "\n") {
        at++
      } else if (quote === undefined || "\"\\$`".includes(next)) {
        word = (word ?? "") + next
        at++
      } else {
        word = (word ?? "") + char
      }
    } else if (char === "\\" && windows && quote === "\"" && next === "\"") {
      word = (word ?? "") + next
      at++
    } else if (quote !== undefined) {
      if (char === quote) {
        quote = undefined
      } else {
        word = (word ?? "") + char
      }
    } else if (char === "'" || char === "\"") {
      quote = char
      word ??= ""
    } else if (/\s/.test(char)) {
      if (word !== undefined) {
        words.push(word)
        word = undefined
      }
    } else {
      word = (word ?? "") + char
    }
  }
  if (quote !== undefined) {
    return Either.left("a quote is not closed")
  }
  if (word !== undefined) {
    words.push(word)
  }
  const [program, ...args] = words
  return program === undefined || program === "" ? Either.left("it names no program") : Either.right([program, ...args])
}
