import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const pattern = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?<zone>[Zz]|[+-]\d\d:?\d\d)?$/

/** A moment with any number of fraction digits and any offset; without an offset it is UTC. */
export const parse = (text: string): Option.Option<DateTime.Utc> => {
  const match = pattern.exec(text.trim())
  if (match === null) {
    return Option.none()
  }
  const iso = text.trim().replace(" ", "T").replace(/([+-]\d\d)(\d\d)$/, "$1:$2").toUpperCase()
  return Option.map(DateTime.make(match.groups?.["zone"] === undefined ? `${iso}Z` : iso), DateTime.toUtc)
}

/** A moment on the wire. */
export const Rfc3339 = Schema.transformOrFail(Schema.String, Schema.DateTimeUtcFromSelf, {
  strict: true,
  decode: (text, _, ast) =>
    Option.match(parse(text), {
      onNone: () => ParseResult.fail(new ParseResult.Type(ast, text)),
      onSome: ParseResult.succeed
    }),
  encode: (moment) => Effect.succeed(format(moment))
}).annotations({ identifier: "Rfc3339", description: "a time such as 2026-01-02T03:04:05Z" })

/** As requests carry it: UTC, whole seconds. */
export const format = (moment: DateTime.Utc): string => DateTime.formatIso(moment).replace(/\.\d+Z$/, "Z")
