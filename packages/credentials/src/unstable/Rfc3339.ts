/**
 * Times on the wire. Used for every time that a service or a program sends or is sent, in all packages.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const pattern = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?<zone>[Zz]|[+-]\d\d:?\d\d)?$/

/**
 * A moment with any number of fraction digits and any offset; without an offset it is UTC.
 *
 * @since 0.1.0
 * @category parsing
 */
export const parse = (text: string): Option.Option<DateTime.Utc> => {
  const match = pattern.exec(text.trim())
  if (match === null) {
    return Option.none()
  }
  const iso = text.trim().replace(" ", "T").replace(/([+-]\d\d)(\d\d)$/, "$1:$2").toUpperCase()
  return Option.map(DateTime.make(match.groups?.["zone"] === undefined ? `${iso}Z` : iso), DateTime.toUtc)
}

/**
 * A moment on the wire.
 *
 * @since 0.1.0
 * @category schemas
 */
export const Rfc3339: Schema.Schema<DateTime.Utc, string> = Schema.transformOrFail(
  Schema.String,
  Schema.DateTimeUtcFromSelf,
  {
    strict: true,
    decode: (text, _, ast) =>
      Option.match(parse(text), {
        onNone: () => ParseResult.fail(new ParseResult.Type(ast, text)),
        onSome: ParseResult.succeed
      }),
    encode: (moment) => Effect.succeed(format(moment))
  }
).annotations({ identifier: "Rfc3339", description: "a time such as 2026-01-02T03:04:05Z" })

/**
 * A moment, or epoch milliseconds, as requests and documents carry it: UTC and whole seconds, rounded down, because not
 * every client reads fractions.
 *
 * @since 0.1.0
 * @category formatting
 */
export const format = (moment: DateTime.Utc | number): string =>
  DateTime.formatIso(DateTime.unsafeMake(typeof moment === "number" ? Math.floor(moment) : moment)).replace(
    /\.\d+Z$/,
    "Z"
  )
