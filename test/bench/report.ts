import type { Spread } from "./measure.ts"

/** What is counted. Less is better, always. */
export type Unit = "ns" | "B" | "count"

/** What our number has to be. */
export interface Goal {
  readonly atMost?: number
  /** `atMost` in words, where the number alone says too little. */
  readonly text?: string
  /** How many times as much the official client's number has to be. */
  readonly timesBetter?: number
}

/** One line of the report: the same thing measured with both clients. */
export interface Row {
  readonly id: string
  readonly what: string
  readonly unit: Unit
  readonly official?: Spread
  readonly ours?: Spread
  readonly goal?: Goal
  /** Why there is no number of ours. */
  readonly missing?: string
  /** What exactly was done. */
  readonly note: string
  /** Other numbers of the same measurement. */
  readonly details?: Readonly<Record<string, number | Spread>>
}

export type Verdict = "yes" | "no" | "not measured" | "–"

/** How many times the official client's number is ours. */
export const ratio = ({ official, ours }: Row): number | undefined =>
  official === undefined || ours === undefined || ours.median === 0 ? undefined : official.median / ours.median

export const verdict = (row: Row): Verdict => {
  const { goal, ours } = row
  if (goal === undefined) return "–"
  if (ours === undefined) return "not measured"
  const small = goal.atMost === undefined || ours.median <= goal.atMost
  const better = goal.timesBetter === undefined || (ratio(row) ?? 0) >= goal.timesBetter
  return small && better ? "yes" : "no"
}

const digits = (value: number, count: number): string =>
  value.toLocaleString("en-US", { maximumFractionDigits: count, minimumFractionDigits: 0 })

/** Three significant digits, and thousands with a comma. */
const short = (value: number): string => digits(value, value < 10 ? 2 : value < 100 ? 1 : 0)

const scales: Readonly<Record<Unit, ReadonlyArray<readonly [size: number, name: string]>>> = {
  ns: [[3.6e12, " h"], [6e10, " min"], [1e9, " s"], [1e6, " ms"], [1e3, " µs"], [1, " ns"]],
  B: [[1e6, " MB"], [1e3, " kB"], [1, " B"]],
  count: [[1, ""]]
}

/** A number as people read it. */
export const format = (value: number, unit: Unit): string => {
  const [size, name] = scales[unit].find(([size]) => value >= size) ?? [1, scales[unit].at(-1)?.[1] ?? ""]
  return `${short(value / size)}${name}`
}

export const goalText = ({ goal, unit }: Row): string => {
  if (goal === undefined) return "–"
  const atMost = goal.atMost === undefined ? [] : [goal.text ?? `≤ ${format(goal.atMost, unit)}`]
  const better = goal.timesBetter === undefined ? [] : [`≥ ${short(goal.timesBetter)}× better`]
  return [...atMost, ...better].join(", ")
}

export const ratioText = (row: Row): string => {
  const times = ratio(row)
  return times === undefined ? "–" : `${short(times)}×`
}

/** Where and with what the numbers were made. */
export interface Setting {
  readonly at: string
  readonly node: string
  readonly machine: string
  readonly official: string
  readonly effect: string
}

/** The whole report for other programs. */
export const toJson = (setting: Setting, rows: ReadonlyArray<Row>): string => {
  const lines = rows.map((row) => ({
    id: row.id,
    what: row.what,
    unit: row.unit,
    official: row.official ?? null,
    ours: row.ours ?? null,
    ratio: ratio(row) ?? null,
    goal: row.goal === undefined ? null : goalText(row),
    reached: verdict(row),
    ...(row.missing === undefined ? {} : { missing: row.missing }),
    note: row.note,
    ...(row.details === undefined ? {} : { details: row.details })
  }))
  return `${JSON.stringify({ setting, rows: lines }, (_, value) => rounded(value), 2)}\n`
}

const rounded = (value: unknown): unknown => typeof value === "number" ? Number(value.toPrecision(6)) : value
