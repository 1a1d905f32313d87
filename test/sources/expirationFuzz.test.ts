/**
 * Random expirations, read by us and by the official client: the same moment, or an error that does not show the text.
 * The official client takes letters behind a digit for nothing, and rolls minute and second 60 over.
 */
import { SecretJson } from "@effect-alicloud/credentials"
import { Rfc3339 } from "@effect-alicloud/credentials/unstable/Rfc3339"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Either, FastCheck as fc, Option, Schema } from "effect"
import { createRequire } from "node:module"
import { parse as parsePrinted } from "../../packages/credentials/src/internal/source/printedTime.ts"
import { runs } from "../kit/long.ts"

/** What reads the answers of services in the official client. */
const { parseUTC } = createRequire(import.meta.url)("@alicloud/credentials/dist/src/providers/time.js") as {
  readonly parseUTC: (text: string) => number
}

const official = (text: string): number | undefined => {
  try {
    return parseUTC(text)
  } catch {
    return undefined
  }
}

const decode = SecretJson.decode(Schema.Struct({ Expiration: Rfc3339 }))

const ours = (text: string): Either.Either<number, ReadonlyArray<string>> =>
  Effect.runSync(
    Effect.either(Effect.map(decode({ Expiration: text }), (found) => DateTime.toEpochMillis(found.Expiration)))
  )

const pad = (value: number, length: number): string => String(value).padStart(length, "0")

const number = (max: number, length: number): fc.Arbitrary<string> =>
  fc.integer({ min: 0, max }).map((value) => pad(value, length))

/** Times as services write them, with parts that no time has, too. */
const time: fc.Arbitrary<string> = fc.tuple(
  fc.integer({ min: 1000, max: 9999 }).map(String),
  number(13, 2),
  number(32, 2),
  number(25, 2),
  number(61, 2),
  number(61, 2),
  fc.oneof(fc.constant(""), number(999, 3).map((millis) => `.${millis}`))
).map(([year, month, day, hour, minute, second, fraction]) =>
  `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}Z`
)

/** With one character behind the year replaced, dropped or put in. */
const changed: fc.Arbitrary<string> = fc.tuple(
  time,
  fc.integer({ min: 4, max: 23 }),
  fc.constantFrom(0, 1),
  fc.constantFrom("", ..."0129-+:.TtZz x\u0000é")
).map(([text, at, dropped, added]) => text.slice(0, at) + added + text.slice(at + dropped))

describe("random expirations of services", () => {
  it("are the moments that the official client reads, or errors that do not show them", () => {
    const seen = { same: 0, refused: 0 }
    fc.assert(
      fc.property(fc.oneof(time, changed), (text) => {
        const theirs = official(text)
        const result = ours(text)
        if (Either.isRight(result)) {
          seen.same++
          if (theirs !== undefined) assert.strictEqual(result.right, theirs)
          return
        }
        seen.refused++
        assert.notInclude(result.left.join(), text)
        assert.match(result.left.join(), /^Expiration must be a time such as/)
        if (theirs !== undefined) {
          const written = new Date(theirs).toISOString()
          assert.notInclude([written, written.replace(/\.\d+/, "")], text)
        }
      }),
      { numRuns: runs(500, 2000) }
    )
    assert.isAtLeast(seen.same, 50)
    assert.isAtLeast(seen.refused, 50)
  })
})

/** A moment in the forms of programs, all of which the official client reads, by `new Date`. */
const printed: fc.Arbitrary<string | number> = fc.tuple(
  fc.date({ min: new Date("2001-09-10"), max: new Date("2199-12-31"), noInvalidDate: true }),
  fc.constantFrom<(date: Date) => string | number>(
    (date) => date.getTime(),
    (date) => date.toISOString(),
    (date) => date.toISOString().replace(/:\d\d\.\d+/, ""),
    (date) => date.toISOString().replace(/\.\d+Z/, "+08:00"),
    (date) => date.toUTCString(),
    (date) => date.toUTCString().replace("GMT", "-0330"),
    (date) => `${date.toISOString().slice(0, 19).replace("T", " ")} +0000`,
    String
  )
).map(([date, write]) => write(date))

const changedPrinted = fc.tuple(printed, fc.nat(40), fc.constantFrom(0, 1), fc.constantFrom("", ..."0129-+:.TZ, aM()é"))
  .map(([value, at, dropped, added]) => {
    const text = String(value)
    return text.slice(0, at) + added + text.slice(at + dropped)
  })

describe("random expirations of programs", () => {
  const millisOf = (value: unknown): number | undefined =>
    Option.getOrUndefined(Option.map(parsePrinted(value), DateTime.toEpochMillis))

  it("are the moments that the official client reads", () => {
    fc.assert(
      fc.property(printed, (value) => {
        assert.strictEqual(millisOf(value), new Date(value).getTime())
      }),
      { numRuns: runs(300, 2000) }
    )
  })

  it("are no other moments, or none, where they are misprinted", () => {
    fc.assert(
      fc.property(changedPrinted, (text) => {
        const found = millisOf(text)
        const theirs = new Date(text).getTime()
        // Without a zone the official client takes the machine's.
        if (found !== undefined && /(?:Z|GMT|[+-]\d\d:?\d\d)/i.test(text) && !Number.isNaN(theirs)) {
          assert.strictEqual(found, theirs)
        }
      }),
      { numRuns: runs(500, 2000) }
    )
  })
})
