/** Draws the output of a program as an SVG of a terminal, and reads the text of such a picture. For `main.ts` beside it. */
import { escapeXml } from "../../bench/chart.ts"

const cell = { width: 8.4, height: 18 }
const margin = 16

/** Text colours by their SGR code, on `background`. */
const colours: Readonly<Record<string, string>> = {
  31: "#ff7b72",
  32: "#56d364",
  33: "#e3b341",
  36: "#56d4dd",
  90: "#8b949e"
}
const background = "#0d1117"
const foreground = "#e6edf3"

interface Style {
  readonly colour: string
  readonly bold: boolean
}

const plain: Style = { colour: foreground, bold: false }

const styleAfter = (style: Style, code: string): Style => {
  switch (code) {
    case "0":
    case "":
      return plain
    case "1":
      return { ...style, bold: true }
    case "22":
      return { ...style, bold: false }
    case "39":
      return { ...style, colour: foreground }
    default:
      return { ...style, colour: colours[code] ?? foreground }
  }
}

/** Words between wide gaps have a place of their own, so that columns are straight in any font. */
const words = (text: string): ReadonlyArray<readonly [at: number, word: string]> =>
  Array.from(text.matchAll(/\S+(?: \S+)*/g), ({ 0: word, index }) => [index, word])

const span = (at: number, text: string, { bold, colour }: Style): string =>
  words(text).map(([offset, word]) => {
    const x = (margin + (at + offset) * cell.width).toFixed(1)
    const weight = bold ? " font-weight=\"bold\"" : ""
    return `<tspan x="${x}" fill="${colour}"${weight}>${escapeXml(word)}</tspan>`
  }).join("")

/** A terminal with a command line and what it printed, with colours. */
export const draw = (title: string, command: string, output: string, columns: number): string => {
  const lines = [`\u001b[90m$\u001b[39m ${command}`, ...output.trimEnd().split("\n")]
  const width = Math.ceil(columns * cell.width + 2 * margin)
  const height = lines.length * cell.height + 2 * margin
  let style = plain
  const drawn = lines.map((line, row) => {
    let at = 0
    const spans = line.split("\u001b[").map((part, index) => {
      const end = index === 0 ? -1 : part.indexOf("m")
      if (index > 0) style = part.slice(0, end).split(";").reduce(styleAfter, style)
      const text = part.slice(end + 1)
      const made = span(at, text, style)
      at += text.length
      return made
    })
    return `<text y="${margin + (row + 1) * cell.height - 5}">${spans.join("")}</text>`
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    "role=\"img\" font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, monospace\" font-size=\"14\">",
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${background}"/>`,
    ...drawn,
    "</svg>",
    ""
  ].join("\n")
}

/** The lines of a picture, without colours and with single spaces. */
export const linesOf = (picture: string): ReadonlyArray<string> =>
  Array.from(
    picture.matchAll(/<text [^>]*>(?<line>.*)<\/text>/g),
    (match) =>
      (match.groups?.["line"] ?? "").replaceAll("</tspan>", " ").replace(/<[^>]*>/g, "")
        .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))).trim()
  )
