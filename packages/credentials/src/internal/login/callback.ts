/** The address at which a browser comes back from the sign-in page, as the listener gets it or a user pastes it. */
import * as Either from "effect/Either"
import * as Redacted from "effect/Redacted"
import { isSameText } from "./pkce.ts"

/** What is wrong with an address, in words without any of it; `denied` for the answer that there will be no login. */
export interface Problem {
  readonly denied: boolean
  readonly issue: string
}

const longest = 16 * 1024

const foreign = (issue: string): Either.Either<never, Problem> => Either.left({ denied: false, issue })

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replace(/\+/g, " "))
  } catch {
    return undefined
  }
}

/**
 * The code in an address. Scheme, host, port and path must be those of `redirectUri`, byte for byte, so that there is
 * neither a user name nor a fragment; there must be one state, the right one, and one code, unless the page has denied it.
 */
export const codeIn = (
  address: Redacted.Redacted,
  redirectUri: string,
  state: Redacted.Redacted
): Either.Either<Redacted.Redacted, Problem> => {
  const text = Redacted.value(address).trim()
  if (text.length > longest) return foreign("it is longer than 16 KiB")
  if (!text.startsWith(`${redirectUri}?`) || text.includes("#")) {
    return foreign(`it must start with ${redirectUri}?`)
  }
  const pairs = text.slice(redirectUri.length + 1).split("&").map((pair) => {
    const mark = pair.indexOf("=")
    return mark < 0 ? [decode(pair), ""] : [decode(pair.slice(0, mark)), decode(pair.slice(mark + 1))]
  })
  const all = (name: string): ReadonlyArray<string> =>
    pairs.flatMap(([key, value]) => key === name ? [value ?? ""] : [])
  const [given = "", ...otherStates] = all("state")
  if (otherStates.length > 0 || !isSameText(given, Redacted.value(state))) {
    return foreign("it is not of this login")
  }
  if (all("error").length > 0) {
    return Either.left({
      denied: true,
      issue: all("error").includes("access_denied")
        ? "the sign-in was denied"
        : "the sign-in page answered with an error"
    })
  }
  const [code = "", ...otherCodes] = all("code")
  return otherCodes.length > 0 || code.trim() === ""
    ? foreign("it has no code")
    : Either.right(Redacted.make(code))
}
