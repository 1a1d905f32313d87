/** Lays out tables for a terminal, for all commands. */
import stringWidth from "string-width"
import wrapAnsi from "wrap-ansi"

const pad = (text: string, width: number): string => text + " ".repeat(Math.max(0, width - stringWidth(text)))

/**
 * Rows of cells, columns two spaces apart. All columns but the last are as wide as their widest cell, the last takes
 * what is left of `width` and wraps beneath itself.
 */
export const table = (rows: ReadonlyArray<ReadonlyArray<string>>, width: number, indent = 0): string => {
  const columns = Math.max(0, ...rows.map((row) => row.length))
  const widths = Array.from(
    { length: Math.max(0, columns - 1) },
    (_, column) => Math.max(0, ...rows.filter((row) => row.length > column + 1).map((row) => stringWidth(row[column]!)))
  )
  return rows.map((row) => {
    const before = row.slice(0, -1).map((cell, column) => `${pad(cell, widths[column]!)}  `).join("")
    const left = indent + stringWidth(before)
    const cell = row.at(-1) ?? ""
    const last = width === Infinity ? cell : wrapAnsi(cell, Math.max(20, width - left), { hard: true })
    return last.split("\n").map((line, index) =>
      (index === 0 ? `${" ".repeat(indent)}${before}${line}` : `${" ".repeat(left)}${line}`).trimEnd()
    ).join("\n")
  }).join("\n")
}
