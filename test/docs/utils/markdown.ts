/** A fenced block: what stands after its opening fence, and its lines. */
export interface Block {
  readonly info: string
  readonly lines: ReadonlyArray<string>
}

export interface Section {
  readonly level: number
  readonly title: string
  /** Outside fenced blocks. */
  readonly text: ReadonlyArray<string>
  readonly blocks: ReadonlyArray<Block>
}

/** A page by its headings, in order; what comes before the first one is left out. */
export const sectionsOf = (page: string): ReadonlyArray<Section> => {
  const sections: Array<Section & { text: Array<string>; blocks: Array<Block & { lines: Array<string> }> }> = []
  let open: { readonly info: string; readonly lines: Array<string> } | undefined
  for (const line of page.split("\n")) {
    const section = sections.at(-1)
    if (open !== undefined) {
      if (line === "```") open = undefined
      else open.lines.push(line)
    } else if (line.startsWith("```")) {
      open = { info: line.slice(3), lines: [] }
      section?.blocks.push(open)
    } else {
      const [, marks, title] = /^(#+) (.+)$/.exec(line) ?? []
      if (marks !== undefined && title !== undefined) {
        sections.push({ level: marks.length, title, text: [], blocks: [] })
      } else {
        section?.text.push(line)
      }
    }
  }
  if (open !== undefined) throw new Error("a fenced block has no end")
  return sections
}

/** The cells of every row of a table, the headings of its columns and the line below them left out. */
export const rowsIn = (text: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> =>
  text.flatMap((line, index) => {
    const isHead = /^\| ?-/.test(text[index + 1] ?? "")
    return !line.startsWith("|") || isHead || /^\| ?-/.test(line)
      ? []
      : [line.split("|").slice(1, -1).map((cell) => cell.trim())]
  })
