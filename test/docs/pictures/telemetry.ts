/** Draws spans as a trace and metrics as a table, in colours for a light and for a dark page. For `main.ts` beside it. */
import { Array as Arr, MetricState, Order } from "effect"
import { escapeXml } from "../../bench/chart.ts"
import type { Recorded } from "../telemetry/recorder.ts"
import type { Measured, Scene } from "../telemetry/story.ts"

const width = 960
const margin = 20
const row = 24
const nameWidth = 250

const style = `
  .page { fill: #ffffff; stroke: #d0d7de } .text { fill: #1f2328 } .muted { fill: #59636e } .line { stroke: #d0d7de }
  .work { fill: #0969da } .call { fill: #1a7f37 } .own { fill: #8250df } .failed { fill: #cf222e }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117; stroke: #3d444d } .text { fill: #f0f6fc } .muted { fill: #9198a1 } .line { stroke: #3d444d }
    .work { fill: #4493f8 } .call { fill: #3fb950 } .own { fill: #ab7df8 } .failed { fill: #f85149 }
  }
`

const text = (x: number, y: number, kind: "text" | "muted" | "failed", content: string, more = ""): string =>
  `<text x="${x}" y="${y}" class="${kind}"${more}>${escapeXml(content)}</text>`

const bold = " font-weight=\"600\""

const end = " text-anchor=\"end\""

const picture = (title: string, height: number, parts: ReadonlyArray<string>): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    "role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"13\">",
    `<title>${escapeXml(title)}</title>`,
    `<style>${style}</style>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" class="page"/>`,
    ...parts,
    "</svg>",
    ""
  ].join("\n")

const inOrder = Order.combine(
  Order.mapInput(Order.number, ({ start }: Recorded) => start),
  Order.mapInput(Order.string, ({ id }: Recorded) => id)
)

/** Spans below the one that they are part of, in the order in which they began. */
const nested = (
  spans: ReadonlyArray<Recorded>,
  parent?: string,
  depth = 0
): ReadonlyArray<readonly [Recorded, number]> =>
  Arr.sort(spans.filter((span) => span.parent === parent), inOrder)
    .flatMap((span) => [[span, depth] as const, ...nested(spans, span.id, depth + 1)])

const kindOf = ({ failed, name }: Recorded): string =>
  failed ? "failed" : name.startsWith("alicloud.credentials.") ? "work" : name.startsWith("alicloud.") ? "call" : "own"

const shown = ["source", "outcome", "attempt", "store", "server.address"]

const attributesOf = ({ attributes }: Recorded): string =>
  shown.filter((name) => name in attributes).map((name) => `${name}=${String(attributes[name])}`).join(", ")

const timeOf = (millis: number): string => new Date(millis).toISOString().slice(11, 19)

/** Beside it are the duration and the attributes. */
const barWidth = 250

/** Of one scene; `y` is its upper edge. */
const drawScene = ({ spans, start, title }: Scene, y: number, scale: number): ReadonlyArray<string> => {
  const left = margin + nameWidth
  const rows = nested(spans).map(([span, depth], index) => {
    const top = y + 34 + index * row
    const x = left + (span.start - start) * scale
    const length = Math.max((span.end - span.start) * scale, 2)
    return [
      text(margin + depth * 14, top + 15, span.failed ? "failed" : "text", span.name),
      `<rect x="${x.toFixed(1)}" y="${top + 4}" width="${length.toFixed(1)}" height="14" rx="3" class="${
        kindOf(span)
      }"/>`,
      text(Number((x + length + 6).toFixed(1)), top + 15, "muted", `${span.end - span.start} ms`),
      text(width - margin, top + 15, "muted", attributesOf(span), ` font-size="11.5"${end}`)
    ].join("")
  })
  return [
    text(margin, y + 18, "text", title, bold),
    text(width - margin, y + 18, "muted", timeOf(start), end),
    `<line x1="${margin}" x2="${width - margin}" y1="${y + 27}" y2="${y + 27}" class="line"/>`,
    ...rows
  ]
}

/** Every scene on the same scale. */
export const drawTrace = (title: string, scenes: ReadonlyArray<Scene>): string => {
  const longest = Math.max(...scenes.flatMap(({ spans, start }) => spans.map((span) => span.end - start)))
  const parts: Array<string> = []
  let y = margin - 8
  for (const scene of scenes) {
    parts.push(...drawScene(scene, y, barWidth / longest))
    y += 34 + scene.spans.length * row + 18
  }
  return picture(title, y, parts)
}

/** Numbers with at most two decimal places. */
const number = (value: number): string => String(Math.round(value * 100) / 100)

const valueOf = (state: Measured["state"]): string =>
  MetricState.isHistogramState(state)
    ? `${number(Number(state.count))}, together ${number(state.sum)} s, the longest ${number(state.max)} s`
    : MetricState.isCounterState(state)
    ? number(Number(state.count))
    : MetricState.isGaugeState(state)
    ? number(Number(state.value))
    : ""

const tagsOf = ({ tags }: Measured): string =>
  Object.entries(tags).map(([name, value]) => `${name}=${value}`).join(", ")

const columns = { metric: margin, tags: 400, value: width - margin }

/** A metric a row, by name and tags. */
export const drawMetrics = (title: string, metrics: ReadonlyArray<Measured>): string => {
  const sorted = Arr.sortWith(metrics, (metric) => `${metric.name} ${tagsOf(metric)}`, Order.string)
  const parts = sorted.map((metric, index) => {
    const y = margin + 44 + index * row
    const name = metric.name === sorted[index - 1]?.name ? "" : metric.name
    return text(columns.metric, y, "text", name) + text(columns.tags, y, "muted", tagsOf(metric)) +
      text(columns.value, y, "text", valueOf(metric.state), end)
  })
  return picture(title, margin + 44 + sorted.length * row, [
    text(columns.metric, margin + 10, "text", "Metric", bold) + text(columns.tags, margin + 10, "text", "Tags", bold) +
    text(columns.value, margin + 10, "text", "Value", bold + end),
    `<line x1="${margin}" x2="${width - margin}" y1="${margin + 22}" y2="${margin + 22}" class="line"/>`,
    ...parts
  ])
}
