/** Every regular expression of the packages takes linear time, whatever a file, a variable or a server holds. */
import { FastCheck } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { performance } from "node:perf_hooks"
import ts from "typescript"
import { describe, expect, it } from "vitest"

/** The slowest text of this length is then tried at the full one. */
const short = 10_000

const full = 100_000

/** A linear match of 100 kB takes about a millisecond, a quadratic one at least five seconds. */
const budgetMillis = 2000

interface Found {
  readonly place: string
  readonly expression: RegExp
}

const expressionsOf = (path: string): ReadonlyArray<Found> => {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest)
  const found: Array<Found> = []
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf("/")
      const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
      found.push({
        place: `${relative(packages, path)}:${line + 1} ${node.text}`,
        expression: new RegExp(node.text.slice(1, end), node.text.slice(end + 1))
      })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

const packages = join(import.meta.dirname, "../packages")

const found = readdirSync(packages).flatMap((name) => {
  const src = join(packages, name, "src")
  return readdirSync(src, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .flatMap((path) => expressionsOf(join(src, path)))
})

/** Texts that match, as starting points; none for an expression that the generator does not understand. */
const matching = (expression: RegExp): ReadonlyArray<string> => {
  try {
    const plain = new RegExp(
      expression.source.replace(/\(\?<?[=!][^()]*\)/g, ""),
      expression.flags.replace(/[gimy]/g, "")
    )
    return FastCheck.sample(FastCheck.stringMatching(plain), { numRuns: 3, seed: 1 }).map((text) => text.slice(0, 40))
  } catch {
    return []
  }
}

interface Hostile {
  readonly start: string
  readonly unit: string
  readonly end: string
}

/** Beginnings of matches, then a few signs again and again, then something that does not fit. */
const hostile = (expression: RegExp): ReadonlyArray<Hostile> => {
  const samples = matching(expression)
  const units = new Set([" ", "\n", "a", "A", "0", "-", ".", "/", "\"", "<", "\\", "a ", "a.", ...expression.source])
  for (const sample of samples.filter((sample) => sample !== "")) {
    units.add(sample)
    for (const sign of sample) units.add(sign)
  }
  const starts = new Set(["", ...samples, ...samples.map((sample) => sample.slice(0, sample.length / 2))])
  return [...starts].flatMap((start) =>
    [...units].flatMap((unit) => ["\u0000", "\n\u0000"].map((end) => ({ start, unit, end })))
  )
}

const millis = (expression: RegExp, { end, start, unit }: Hostile, length: number): number => {
  const text = start + unit.repeat(Math.ceil(length / unit.length)) + end
  const before = performance.now()
  text.replace(expression, "")
  return performance.now() - before
}

const slowest = (expression: RegExp): Hostile =>
  hostile(expression)
    .map((text) => ({ text, taken: millis(expression, text, short) }))
    .reduce((a, b) => b.taken > a.taken ? b : a).text

describe("regular expressions", () => {
  it("are found in the source of every package", () => {
    expect(found.length).toBeGreaterThan(100)
  })

  it.each(found)("$place takes linear time", ({ expression }) => {
    const text = slowest(expression)
    expect(millis(expression, text, full), `with ${JSON.stringify(text)}`).toBeLessThan(budgetMillis)
  })
})
