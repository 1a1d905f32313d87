import type { Row } from "./report.ts"
import { format, ratioText } from "./report.ts"

/** Each of them can be told from white and from near black. */
export const colors = { text: "#6e7781", official: "#8b949e", ours: "#2c974b" }

const width = 760
const lineHeight = 46
const left = 16
const barLeft = 330
const barWidth = 270
const top = 52

export const escapeXml = (text: string): string => text.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`)

const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x}" y="${y}" fill="${colors.text}"${more}>${escapeXml(content)}</text>`

const bar = (y: number, color: string, share: number, label: string): string => {
  const length = (share === 0 ? 0 : Math.max(share * barWidth, 1)).toFixed(1)
  return `<rect x="${barLeft}" y="${y}" width="${length}" height="13" rx="2" fill="${color}"/>` +
    text(barLeft + Number(length) + 8, y + 11, label)
}

const legend = (x: number, color: string, name: string): string =>
  `<rect x="${x}" y="19" width="13" height="13" rx="2" fill="${color}"/>${text(x + 20, 30, name)}`

/** Two bars a row, each row on a scale of its own. Rows that only one client has are left out. */
export const chart = (rows: ReadonlyArray<Row>): string => {
  const lines = rows.flatMap((row) => {
    const { official, ours, unit, what } = row
    if (official === undefined || ours === undefined) return []
    const longest = Math.max(official.median, ours.median) || 1
    return [(y: number): string =>
      text(left, y + 14, what) +
      bar(y, colors.official, official.median / longest, format(official.median, unit)) +
      bar(y + 16, colors.ours, ours.median / longest, format(ours.median, unit)) +
      text(width - left, y + 19, ratioText(row), " text-anchor=\"end\" font-weight=\"bold\"")]
  })
  const height = top + lines.length * lineHeight + 4
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    "role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"12.5\">",
    "<title>The official client and ours, side by side: shorter is better</title>",
    legend(left, colors.official, "@alicloud/credentials"),
    legend(left + 180, colors.ours, "@effect-alicloud"),
    text(width - left, 30, "shorter is better, each row on its own scale", " text-anchor=\"end\""),
    ...lines.map((line, index) => line(top + index * lineHeight)),
    "</svg>",
    ""
  ].join("\n")
}
