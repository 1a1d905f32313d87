import { assert, describe, it } from "@effect/vitest"
import { DateTime, FastCheck as fc, Option } from "effect"
import { parse } from "../../../src/internal/source/printedTime.ts"
import * as Rfc3339 from "../../../src/unstable/Rfc3339.ts"

const noon = Date.UTC(2026, 0, 2, 12, 0, 0)

const anyMillis = (value: unknown) => Option.getOrNull(Option.map(parse(value), DateTime.toEpochMillis))

describe("moments that programs print", () => {
  const good: ReadonlyArray<readonly [value: unknown, millis: number]> = [
    [noon, noon],
    [noon / 1000, noon],
    [noon / 1000 + 0.5, noon + 500],
    [String(noon), noon],
    [String(noon / 1000), noon],
    [`${noon / 1000}.25`, noon + 250],
    ["2026-01-02T12:00:00Z", noon],
    ["2026-01-02T12:00:00.123456789+00:00", noon + 123],
    ["2026-01-02T12:00Z", noon],
    ["2026-01-02 20:00+08:00", noon],
    ["20260102T120000Z", noon],
    ["2026-01-02 12:00:00 +0000 UTC", noon],
    ["2026-01-02 12:00:00 UTC", noon],
    ["2026-01-02 20:00:00.5 +0800 CST m=+0.000012", noon + 500],
    ["2026-01-02 09:00:00 -0300 -03", noon],
    ["Fri, 02 Jan 2026 12:00:00 +0000", noon],
    ["Fri, 02 Jan 2026 12:00:00 GMT", noon],
    ["2 Jan 2026 07:30 -0430", noon],
    ["Fri Jan  2 12:00:00 UTC 2026", noon],
    ["Fri Jan 02 2026 20:00:00 GMT+0800 (China Standard Time)", noon]
  ]
  for (const [value, millis] of good) {
    it(`${JSON.stringify(value)} is one`, () => assert.strictEqual(anyMillis(value), millis))
  }

  const bad: ReadonlyArray<unknown> = [
    "",
    "never",
    0,
    -1,
    3600,
    "900",
    1e15,
    Number.NaN,
    null,
    true,
    ["2026-01-02T12:00:00Z"],
    {},
    "2026-01-02",
    "20260102",
    "202601021200",
    "20260102120000",
    20260102120000,
    "202601-02T12:00:00Z",
    "2026-01-02T12:0000Z",
    "0001-01-01T00:00:00Z",
    "0001-01-01 00:00:00 +0000 UTC",
    "2026-02-30T12:00:00Z",
    "2026-13-02T12:00:00Z",
    "2026-01-02T24:00:00Z",
    "2026-01-02T12:60:00Z",
    "01/02/2026 12:00:00",
    "02.01.2026 12:00",
    "Fri, 02 Jan 2026 12:00:00",
    "Fri, 02 Jan 2026 12:00:00 CST",
    "Fri, 30 Feb 2026 12:00:00 GMT",
    "Fri, 02 Foo 2026 12:00:00 GMT",
    "in 15 minutes",
    "PT15M",
    "\u0000"
  ]
  for (const value of bad) {
    it(`${JSON.stringify(value)} is none`, () => assert.isNull(anyMillis(value)))
  }

  const seconds = fc.integer({ min: 1e9, max: Date.UTC(2200, 0, 1) / 1000 })

  const pad = (value: number): string => String(value).padStart(2, "0")

  it.prop("every way of writing a second is the same moment", [seconds, fc.integer({ min: -1439, max: 1439 })], (
    [second, offset]
  ) => {
    const date = new Date(second * 1000)
    const local = new Date(second * 1000 + offset * 60_000).toISOString().slice(0, 19)
    const zone = `${offset < 0 ? "-" : "+"}${pad(Math.floor(Math.abs(offset) / 60))}${pad(Math.abs(offset) % 60)}`
    const texts = [
      second,
      second * 1000,
      String(second),
      date.toISOString(),
      date.toUTCString(),
      date.toString(),
      `${local}${zone}`,
      `${local.replace("T", " ")} ${zone} XYZ`
    ]
    for (const text of texts) assert.strictEqual(anyMillis(text), second * 1000, String(text))
  })

  it.prop("what services send is read alike", [seconds, fc.constantFrom("Z", "", "z", "+08:00", "-0730")], (
    [second, zone]
  ) => {
    const text = `${new Date(second * 1000).toISOString().slice(0, 19)}${zone}`
    assert.strictEqual(anyMillis(text), Option.getOrNull(Option.map(Rfc3339.parse(text), DateTime.toEpochMillis)))
  })

  it.prop("never a moment that JavaScript reads otherwise", [
    fc.oneof(
      fc.date({ noInvalidDate: true }).map(String),
      fc.string(),
      fc.stringMatching(/^\d{1,4}[-/]\d\d?[-/]\d{1,4} \d\d:\d\d Z$/)
    )
  ], ([text]) => {
    const millis = anyMillis(text)
    const theirs = Date.parse(text)
    if (millis !== null && /[a-z]/i.test(text) && !Number.isNaN(theirs)) assert.strictEqual(millis, theirs)
  })
})
