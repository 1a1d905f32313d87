import { styleText } from "node:util"

type Style = "bold" | "gray" | "green" | "red" | "yellow"

const colourful = process.stdout.isTTY === true && !process.env["NO_COLOR"]

/** Colours text on a terminal, unless `NO_COLOR` is set; pipes get plain text. */
export const paint = (style: Style, text: string): string => colourful ? styleText(style, text) : text
