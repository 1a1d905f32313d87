/**
 * Times as programs print them, for `External`. No protocol defines these; answers of services are read by
 * `unstable/Rfc3339.ts`.
 */
import * as DateTime from "effect/DateTime"
import * as Option from "effect/Option"

const zone = String.raw`(?<zone>z|utc?|(?:utc|gmt)?[+-]\d\d:?\d\d|gmt)`

const date = String.raw`(?<year>\d{4})(?<dash>-?)(?<month>\d\d)\k<dash>(?<day>\d\d)`

const time = String.raw`(?<hour>\d\d)(?<colon>:?)(?<minute>\d\d)(?:\k<colon>(?<second>\d\d)(?:[.,](?<fraction>\d+))?)?`

const weekday = String.raw`(?:[a-z]{3,9},? +)?`

/** What programs print: ISO 8601 and Go, RFC 2822, and `date` and JavaScript. Times with names need a zone. */
const printed: ReadonlyArray<RegExp> = [
  String.raw`${date}[t ]${time}(?: ?${zone}(?: [a-z]+| [+-]\d\d)?(?: m=\S+)?)?`,
  String.raw`${weekday}(?<day>\d\d?) (?<month>[a-z]{3}) (?<year>\d{4}) ${time} ${zone}(?: \([^()]*\))?`,
  String.raw`${weekday}(?<month>[a-z]{3}) +(?<day>\d\d?) (?<year>\d{4}) ${time} ${zone}(?: \([^()]*\))?`,
  String.raw`${weekday}(?<month>[a-z]{3}) +(?<day>\d\d?) ${time} ${zone} (?<year>\d{4})`
].map((pattern) => new RegExp(`^${pattern}$`, "i"))

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ")

const offsetMillis = (zone = ""): number => {
  const [, sign, hours, minutes] = /([+-])(\d\d):?(\d\d)$/.exec(zone) ?? []
  return (sign === "-" ? -1 : 1) * (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60_000
}

const moment = (parts: Readonly<Record<string, string | undefined>>): DateTime.Utc | undefined => {
  const number = (name: string): number => Number(parts[name] ?? 0)
  const month = months.indexOf((parts["month"] ?? "").toLowerCase()) + 1 || number("month")
  const [year, day, hour, minute, second] = ["year", "day", "hour", "minute", "second"].map(number)
  const local = new Date(Date.UTC(year!, month - 1, day, hour, minute, second))
  const fits = year! >= 1970 && local.getUTCMonth() === month - 1 && local.getUTCDate() === day &&
    hour! < 24 && minute! < 60 && second! < 60
  const fraction = Math.floor(Number(`0.${parts["fraction"] ?? 0}`) * 1000)
  return fits ? DateTime.unsafeMake(local.getTime() + fraction - offsetMillis(parts["zone"])) : undefined
}

/** From 2001 to 2286 seconds since 1970 have 10 digits and milliseconds 13; a date without separators has 8, 12 or 14. */
const epoch = (value: number): DateTime.Utc | undefined => {
  const millis = value < 1e10 ? value * 1000 : value
  return millis >= 1e12 && millis < 1e13 ? DateTime.unsafeMake(Math.floor(millis)) : undefined
}

/**
 * A moment as a program may print it: everything that can be read in one way only. That is RFC 3339, a time without
 * seconds, epoch seconds or milliseconds as a number or as text, and the forms of Go, RFC 2822, JavaScript and `date`.
 */
export const parse = (value: unknown): Option.Option<DateTime.Utc> => {
  const text = typeof value === "string" ? value.trim() : ""
  if (typeof value === "number" || /^\d+(?:\.\d+)?$/.test(text)) return Option.fromNullable(epoch(Number(value)))
  const parts = printed.map((pattern) => pattern.exec(text)?.groups).find((groups) => groups !== undefined)
  return Option.fromNullable(parts && moment(parts))
}
