import { assert, describe, it } from "@effect/vitest"
import { DateTime, FastCheck as fc, Option } from "effect"
import { marker } from "../../../../test/kit/leaks.ts"
import { format, parse } from "../../src/unstable/Rfc3339.ts"

const millisOf = (text: string) => Option.getOrNull(Option.map(parse(text), DateTime.toEpochMillis))

const noon = Date.UTC(2026, 0, 2, 12, 0, 0)

describe("moments on the wire", () => {
  const good: ReadonlyArray<readonly [text: string, millis: number]> = [
    ["2026-01-02T12:00:00Z", noon],
    ["2026-01-02T12:00:00z", noon],
    ["2026-01-02t12:00:00Z", noon],
    ["2026-01-02 12:00:00Z", noon],
    ["2026-01-02T12:00:00", noon],
    [" 2026-01-02T12:00:00Z\n", noon],
    ["2026-01-02T20:00:00+08:00", noon],
    ["2026-01-02T20:00:00+0800", noon],
    ["2026-01-02T04:30:00-07:30", noon],
    ["2026-01-02T12:00:00.5Z", noon + 500],
    ["2026-01-02T12:00:00.123Z", noon + 123],
    ["2026-01-02T12:00:00.123456Z", noon + 123],
    ["2026-01-02T12:00:00.123456789+00:00", noon + 123],
    ["2026-01-02T20:00:00.250000+08:00", noon + 250]
  ]
  for (const [text, millis] of good) {
    it(`${JSON.stringify(text)} is one`, () => assert.strictEqual(millisOf(text), millis))
  }

  const bad = [
    "",
    "never",
    "1767355200",
    "2026-01-02",
    "12:00:00Z",
    "2026-13-02T12:00:00Z",
    "2026-01-32T12:00:00Z",
    "2026-01-02T25:00:00Z",
    "2026-01-02T12:60:00Z",
    "2026-01-02T12:00:00.Z",
    "2026-01-02T12:00:00+8",
    "2026-01-02T12:00:00 Z",
    "Fri, 02 Jan 2026 12:00:00 GMT",
    marker
  ]
  for (const text of bad) {
    it(`${JSON.stringify(text.replace(marker, "…"))} is none`, () => assert.isNull(millisOf(text)))
  }

  it.prop("what requests carry has whole seconds and can be read again", [
    fc.integer({ min: 0, max: Date.UTC(9999, 0, 1) })
  ], ([millis]) => {
    const text = format(DateTime.unsafeMake(millis))
    assert.match(text, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    assert.strictEqual(millisOf(text), Math.floor(millis / 1000) * 1000)
  })
})
