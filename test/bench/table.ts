import type { Row } from "./report.ts"
import { format, goalText, ratioText, verdict } from "./report.ts"

const head = ["what", "official", "ours", "ratio", "goal", "reached"]

const cells = (row: Row): ReadonlyArray<string> => {
  const { missing, official, ours, unit, what } = row
  return [
    what,
    official === undefined ? "–" : format(official.median, unit),
    ours === undefined ? missing ?? "–" : format(ours.median, unit),
    ratioText(row),
    goalText(row),
    verdict(row)
  ]
}

/** The rows as a Markdown table that is also readable as text. */
export const table = (rows: ReadonlyArray<Row>): string => {
  const lines = [head, ...rows.map(cells)].map((line) => line.map((cell) => cell.replaceAll("|", "\\|")))
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const print = (line: ReadonlyArray<string>): string =>
    `| ${line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`
  return [...lines.slice(0, 1).map(print), rule, ...lines.slice(1).map(print)].join("\n")
}

/** What was done for each row, one line each. */
export const notes = (rows: ReadonlyArray<Row>): string => rows.map(({ note, what }) => `- ${what}: ${note}`).join("\n")
