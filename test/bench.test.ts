import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chart, colors, escapeXml } from "./bench/chart.ts"
import { layer } from "./bench/lab.ts"
import { median, percentile, spread } from "./bench/measure.ts"
import type { Row } from "./bench/report.ts"
import { format, goalText, ratio, toJson, verdict } from "./bench/report.ts"
import { outage } from "./bench/rows/outage.ts"
import { quick } from "./bench/rows/plan.ts"
import { requests } from "./bench/rows/requests.ts"
import { notes, table } from "./bench/table.ts"

const row = (more: Partial<Row> = {}): Row => ({
  id: "read",
  what: "a read",
  unit: "ns",
  official: spread([900, 600, 750]),
  ours: spread([250, 240, 260]),
  note: "in a loop",
  ...more
})

describe("what several rounds came to", () => {
  it("the middle sample, of an even number the mean of the middle two, in any order", () => {
    assert.strictEqual(median([3, 10, 1]), 3)
    assert.strictEqual(median([10, 1, 4, 2]), 3)
    assert.isNaN(median([]))
    assert.deepStrictEqual(spread([3, 10, 1]), { median: 3, min: 1, max: 10, rounds: 3 })
  })

  it("the percentile is a sample that was taken", () => {
    const samples = Array.from({ length: 200 }, (_, index) => 200 - index)
    assert.strictEqual(percentile(samples, 99), 198)
    assert.strictEqual(percentile(samples, 100), 200)
    assert.strictEqual(percentile([7], 99), 7)
  })
})

describe("a goal", () => {
  it("is reached at its limit, and not beyond it", () => {
    assert.strictEqual(verdict(row({ goal: { atMost: 250 } })), "yes")
    assert.strictEqual(verdict(row({ goal: { atMost: 249 } })), "no")
    assert.strictEqual(verdict(row({ goal: { timesBetter: 3 } })), "yes")
    assert.strictEqual(verdict(row({ goal: { timesBetter: 3.1 } })), "no")
  })

  it("with two parts is reached when both are", () => {
    assert.strictEqual(verdict(row({ goal: { atMost: 250, timesBetter: 3 } })), "yes")
    assert.strictEqual(verdict(row({ goal: { atMost: 250, timesBetter: 4 } })), "no")
    assert.strictEqual(verdict(row({ goal: { atMost: 200, timesBetter: 3 } })), "no")
  })

  it("is neither reached nor missed by what was not measured, and there may be none", () => {
    const { ours: _, ...unmeasured } = row({ goal: { atMost: 250 }, missing: "not built" })
    assert.strictEqual(verdict(unmeasured), "not measured")
    assert.strictEqual(verdict(row()), "–")
    assert.strictEqual(goalText(row()), "–")
  })

  it("is shown in words", () => {
    assert.strictEqual(goalText(row({ goal: { atMost: 250, timesBetter: 2.5 } })), "≤ 250 ns, ≥ 2.5× better")
    assert.strictEqual(goalText(row({ goal: { atMost: 2e6, text: "≤ 2× quiet" } })), "≤ 2× quiet")
  })

  it("there is no ratio to nothing", () => {
    assert.strictEqual(ratio(row()), 3)
    assert.isUndefined(ratio(row({ ours: spread([0]) })))
  })
})

it("numbers are written for people", () => {
  assert.strictEqual(format(0, "ns"), "0 ns")
  assert.strictEqual(format(249.6, "ns"), "250 ns")
  assert.strictEqual(format(1420, "ns"), "1.42 µs")
  assert.strictEqual(format(505.4e6, "ns"), "505 ms")
  assert.strictEqual(format(93e9, "ns"), "1.55 min")
  assert.strictEqual(format(8941e9, "ns"), "2.48 h")
  assert.strictEqual(format(14_534.77, "B"), "14.5 kB")
  assert.strictEqual(format(19_742, "count"), "19,742")
})

describe("the report", () => {
  const rows: ReadonlyArray<Row> = [
    row({ goal: { atMost: 250 } }),
    { id: "cli", what: "a | b", unit: "ns", official: spread([5e6]), missing: "not built", note: "processes" }
  ]

  it("as a table has aligned columns, and no cell can break it", () => {
    const text = table(rows)
    assert.deepStrictEqual(text.split("\n"), [
      "| what   | official | ours      | ratio | goal     | reached |",
      "| ------ | -------- | --------- | ----- | -------- | ------- |",
      "| a read | 750 ns   | 250 ns    | 3×    | ≤ 250 ns | yes     |",
      "| a \\| b | 5 ms     | not built | –     | –        | –       |"
    ])
    assert.strictEqual(notes(rows), "- a read: in a loop\n- a | b: processes")
  })

  it("as JSON keeps the spread, and what is not there is null", () => {
    const setting = { at: "2026-01-02T03:04:05.000Z", node: "v20", machine: "m", official: "o", effect: "e" }
    assert.deepStrictEqual(JSON.parse(toJson(setting, rows)), {
      setting,
      rows: [
        {
          id: "read",
          what: "a read",
          unit: "ns",
          official: { median: 750, min: 600, max: 900, rounds: 3 },
          ours: { median: 250, min: 240, max: 260, rounds: 3 },
          ratio: 3,
          goal: "≤ 250 ns",
          reached: "yes",
          note: "in a loop"
        },
        {
          id: "cli",
          what: "a | b",
          unit: "ns",
          official: { median: 5e6, min: 5e6, max: 5e6, rounds: 1 },
          ours: null,
          ratio: null,
          goal: null,
          reached: "–",
          missing: "not built",
          note: "processes"
        }
      ]
    })
  })
})

describe("the chart", () => {
  const drawn = chart([
    row({ what: "<a> & \"b\"" }),
    row({ what: "nobody's", ours: spread([0]), official: spread([0]) }),
    { id: "cli", what: "half", unit: "ns", official: spread([5e6]), note: "" }
  ])

  it("is well-formed, whatever the rows are called", () => {
    const open: Array<string> = []
    for (const [, end, name, self] of drawn.matchAll(/<(\/?)([a-z]+)(?: [a-z-]+(?::[a-z]+)?="[^"<>&]*")*(\/?)>/gi)) {
      if (end === "/") assert.strictEqual(open.pop(), name)
      else if (self === "") open.push(name ?? "")
    }
    assert.deepStrictEqual(open, [])
    const between = drawn.replace(/<[^<>]*>/g, "")
    assert.notMatch(between, /[<>]|&(?!#\d+;)/)
    assert.include(drawn, "&#60;a&#62; &#38; &#34;b&#34;")
    assert.strictEqual(escapeXml("it's"), "it&#39;s")
  })

  it("shows the rows that both clients have, the longer bar at full length", () => {
    const bars = [...drawn.matchAll(/<rect x="330" y="\d+" width="([\d.]+)"/g)].map(([, width]) => Number(width))
    assert.deepStrictEqual(bars, [270, 90, 0, 0])
    assert.notInclude(drawn, "half")
  })

  it("needs nothing from elsewhere, and can be read on white and on near black", () => {
    assert.notMatch(drawn.replace("http://www.w3.org/2000/svg", ""), /https?:|url\(|@import|<style|<script/)
    for (const color of Object.values(colors)) {
      for (const background of ["#ffffff", "#0d1117"]) {
        assert.isAtLeast(contrast(color, background), color === colors.text ? 4 : 3, `${color} on ${background}`)
      }
    }
  })
})

/** The contrast of two colors as web pages are judged by it. */
const contrast = (one: string, other: string): number => {
  const both = [luminance(one), luminance(other)]
  return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05)
}

const luminance = (color: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

describe("the rows that do not depend on the machine's speed", () => {
  const few = { ...quick, readers: 100 }

  it.live("are what the official client does, and reach their goals", () =>
    Effect.gen(function*() {
      const [herd, paced] = yield* requests(few)
      assert.deepStrictEqual([herd?.official?.median, herd?.ours?.median], [100, 1])
      assert.deepStrictEqual([paced?.official?.median, paced?.ours?.median], [50, 1])
      const [lookups, recovery, ended] = yield* outage(few)
      for (const row of [lookups, recovery]) assert.strictEqual(row === undefined ? "" : verdict(row), "yes", row?.what)
      assert.strictEqual(ended?.ours?.median, 0)
      assert.isAbove(ended?.official?.median ?? 0, 10_000)
    }).pipe(Effect.scoped, Effect.provide(layer)), 60_000)
})
