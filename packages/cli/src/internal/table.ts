/** Lays out tables for a terminal, for all commands. */
import stringWidth from "string-width"
import wrapAnsi from "wrap-ansi"

/** Names that are longer than a line, such as ARNs, break after a sign between their parts. */
const breakNames = (text: string, width: number): string =>
  text.replace(/\S+/g, (word) => {
    const lines = [""]
    for (const part of word.split(/(?<=[/:])/)) {
      const line = `${lines.at(-1)}${part}`
      if (stringWidth(line) > width && lines.at(-1) !== "") {
        lines.push(part)
      } else {
        lines[lines.length - 1] = line
      }
    }
    return lines.join("\n")
  })

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
    const room = Math.max(20, width - left)
    const last = width === Infinity ? cell : wrapAnsi(breakNames(cell, room), room, { hard: true })
    return last.split("\n").map((line, index) =>
      (index === 0 ? `${" ".repeat(indent)}${before}${line}` : `${" ".repeat(left)}${line}`).trimEnd()
    ).join("\n")
  }).join("\n")
}

/** The last column of a list is not narrower than this, unless all of it fits. */
const narrow = 36

/**
 * Rows under headings, the marked ones with a star. Where the last column would be narrow, a row is a paragraph instead:
 * its first cell, the next ones beneath it in one line, and the last one in lines of its own.
 */
export const list = (
  headings: ReadonlyArray<string>,
  rows: ReadonlyArray<{ readonly marked: boolean; readonly cells: ReadonlyArray<string> }>,
  width: number
): string => {
  const mark = (text: string, marked: boolean): string => marked ? `*${text.slice(1)}` : text
  const all = [
    [`  ${headings[0] ?? ""}`, ...headings.slice(1)],
    ...rows.map(({ cells: [first = "", ...rest], marked }) => [mark(`  ${first}`, marked), ...rest])
  ]
  const longest = (column: number): number => Math.max(...all.map((row) => stringWidth(row[column] ?? "")))
  const before = headings.slice(0, -1).reduce((sum, _, column) => sum + longest(column) + 2, 0)
  if (before + Math.min(narrow, longest(headings.length - 1)) <= width) {
    return table(all, width)
  }
  return rows.map(({ cells: [first = "", ...rest], marked }) => {
    const told = (cell: string): boolean => cell !== "" && cell !== "-"
    const paragraph = [rest.slice(0, -1).filter(told).join(", "), rest.at(-1) ?? ""].filter(told)
    return [mark(table([[first]], width, 2), marked), ...paragraph.map((line) => table([[line]], width, 4))].join("\n")
  }).join("\n")
}
