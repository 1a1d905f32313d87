/** Compares what a page shows with what is printed. */
import type { Block } from "./markdown.ts"

const prompt = "$ alicloud-credentials "

/** Without what is different every time: request ids, durations, moments, fibers. */
export const normalised = (text: string): ReadonlyArray<string> =>
  text
    .replace(/\b[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}\b/g, "request-id")
    .replace(/ \(\d+\s+ms\)$/gm, "")
    .replace(/^\[[\d:.]+\] (\w+) \(#\d+\)/gm, "$1")
    .split("\n")
    .map((line) => line.trimEnd())

/** The first line that is not among the others behind those before it. */
export const firstMissing = (lines: ReadonlyArray<string>, among: ReadonlyArray<string>): string | undefined => {
  let from = 0
  return lines.find((line) => {
    const at = among.indexOf(line, from)
    from = at + 1
    return at === -1
  })
}

/** The arguments of the command that a block shows the output of. */
export const commandOf = ({ lines }: Block): ReadonlyArray<string> | undefined =>
  lines[0]?.startsWith(prompt) === true ? lines[0].slice(prompt.length).split(" ") : undefined

export const shownIn = (block: Block): ReadonlyArray<string> =>
  normalised(block.lines.filter((line) => line !== "…" && !line.startsWith(prompt)).join("\n"))
