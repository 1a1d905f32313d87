/** The report of `doctor` for people. */
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import stringWidth from "string-width"
import { paint } from "../internal/screen.ts"
import { table } from "../internal/table.ts"
import * as messages from "../messages/doctor.ts"
import * as identities from "../messages/identity.ts"
import type { Diagnosis } from "./diagnose.ts"
import { isToldBySource } from "./fixes.ts"
import type { Source, Status } from "./Report.ts"

/** Where the report is shown. */
interface Page {
  readonly width: number
  readonly now: number
  /** Shortens paths of the home directory. */
  readonly tilde: (text: string) => string
}

type Rows = ReadonlyArray<ReadonlyArray<string>>

const statusColours: Readonly<Record<Status, Parameters<typeof paint>[0]>> = {
  won: "green",
  notConfigured: "gray",
  switchedOff: "gray",
  misconfigured: "red",
  failed: "red",
  notAsked: "gray"
}

const levels = { error: "red", warning: "yellow", info: "cyan", ok: "green" } as const

const order = ["error", "warning", "info", "ok"] as const

const verdicts = { accepted: "green", refused: "red", unknown: "yellow", notApplicable: "green" } as const

/** More than so many checks are summed up. */
const maxChecks = 14

/** The narrowest column for sentences: most names of variables fit into it. */
const readable = 36

const identityRow = ([name, value]: readonly [string, string]): ReadonlyArray<string> => [
  paint("gray", name),
  Text.printable(value)
]

const sourceRow = (tilde: Page["tilde"]) => (source: Source): ReadonlyArray<string> => {
  const colour = statusColours[source.status]
  const detail = tilde(source.reason ?? messages.foundIn(source.lookedAt))
  const text = `${detail}${messages.took(source.durationMillis ?? 0)}`
  return [
    colour === "gray" ? source.source : paint(colour, source.source),
    paint(colour, messages.statuses[source.status]),
    colour === "gray" && text !== "" ? paint("gray", text) : text
  ]
}

const checkRows = (diagnosis: Diagnosis, tilde: Page["tilde"]): Rows => {
  const sorted = order.flatMap((level) =>
    diagnosis.checks.filter((check) => check.level === level && !isToldBySource(diagnosis, check))
  )
  const rows = sorted.slice(0, maxChecks).map(({ check, level, message, subject }) => [
    paint(levels[level], level),
    check,
    tilde(`${subject}: ${message}`)
  ])
  return sorted.length > maxChecks ? [...rows, ["", "", messages.more(sorted.length - maxChecks)]] : rows
}

const heading = (text: string): string => paint("bold", text)

/** A table, or where its last column would be too narrow, each last cell below its row. */
const block = (rows: Rows, width: number): string => {
  const left = [0, 1].map((column) => Math.max(0, ...rows.map((row) => stringWidth(row[column] ?? "") + 2)))
  return width - 2 - left[0]! - left[1]! >= readable ? table(rows, width, 2) : rows.flatMap((row) => [
    table([row.slice(0, -1)], width, 2),
    ...(row.at(-1) === "" ? [] : [table([[row.at(-1)!]], width, 4)])
  ]).join("\n")
}

const top = ({ identity, sources }: Diagnosis, { now, width }: Page): ReadonlyArray<string> => {
  const winner = sources.find(({ status }) => status === "won")
  return identity === undefined || winner === undefined
    ? [paint("red", identities.unresolved)]
    : [
      table([[paint(verdicts[identity.verdict], identities.title(winner, identity))]], width),
      table(identities.rows(identity, now).map(identityRow), width, 2)
    ]
}

/** The whole report for people. */
export const render = (diagnosis: Diagnosis, page: Page): string => {
  const { tilde, width } = page
  const fixes = diagnosis.fixes.map((fix, index) => [`${index + 1}.`, tilde(fix)])
  const sections = [
    top(diagnosis, page),
    [heading(messages.sources), block(diagnosis.sources.map(sourceRow(tilde)), width)],
    [heading(messages.checks), block(checkRows(diagnosis, tilde), width)],
    fixes.length === 0
      ? [paint("green", messages.nothingToFix)]
      : [heading(messages.whatToFix), table(fixes, width, 2)]
  ]
  return sections.map((lines) => lines.join("\n")).join("\n\n")
}
