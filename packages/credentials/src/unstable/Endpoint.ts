/**
 * The host of a service as users write it: a name or an address, with or without scheme, port and a slash at the end.
 * Used for the endpoint of the Security Token Service and by `@effect-alicloud/openapi`.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Url from "@effect/platform/Url"
import * as Either from "effect/Either"
import * as Option from "effect/Option"

/**
 * An endpoint as it was given.
 *
 * @since 0.1.0
 * @category models
 */
export interface Endpoint {
  /** `undefined` where none was given. */
  readonly scheme: "http" | "https" | undefined
  /** With its port, as given. */
  readonly host: string
  /** As it is sent: lower case, without a default port. */
  readonly sentHost: string
}

const pattern = /^(?:[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

/** Longer than any name with scheme and port. */
const maxLength = 512

/**
 * Reads an endpoint; `None` when it has a path, a user, or anything else that is not a host.
 *
 * @since 0.1.0
 * @category constructors
 */
export const parse = (text: string): Option.Option<Endpoint> => {
  const trimmed = text.trim()
  if (trimmed.length > maxLength) return Option.none()
  const [given = ""] = /^https?:\/\//i.exec(trimmed) ?? []
  const host = trimmed.slice(given.length).replace(/(?<!\/)\/+$/, "")
  const scheme = given === "" ? undefined : given.toLowerCase() === "http://" ? "http" : "https"
  return pattern.test(host) && !/(?:^|\.)-|-(?:\.|:|$)/.test(host)
    ? Option.map(Either.getRight(Url.fromString(`${scheme ?? "https"}://${host}`)), (url) => ({
      scheme,
      host,
      sentHost: url.host
    }))
    : Option.none()
}
