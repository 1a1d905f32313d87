import { Effect } from "effect"
import * as Fs from "node:fs"
import { createRequire } from "node:module"
import * as Os from "node:os"
import { parseArgs } from "node:util"
import { chart } from "./chart.ts"
import { layer } from "./lab.ts"
import type { Row, Setting } from "./report.ts"
import { toJson } from "./report.ts"
import { heap } from "./rows/heap.ts"
import { nothing } from "./rows/nothing.ts"
import { opening } from "./rows/opening.ts"
import { outage } from "./rows/outage.ts"
import { full, quick } from "./rows/plan.ts"
import { reads } from "./rows/reads.ts"
import { redis } from "./rows/redis.ts"
import { refresh } from "./rows/refresh.ts"
import { requests } from "./rows/requests.ts"
import { shared } from "./rows/shared.ts"
import { startup } from "./rows/startup.ts"
import { notes, table } from "./table.ts"

const sections = { requests, reads, refresh, heap, opening, startup, shared, redis, nothing, outage }

const usage = `pnpm bench [--quick] [--only ${Object.keys(sections).join("|")}] [--node VERSION]

The official client and ours side by side. A whole run writes test/bench/results; with --quick (few rounds) or --only
(one section, may be repeated) nothing is written. With --node (may be repeated) the section startup installs and uses
that version of Node.js.
`

const results = new URL("results/", import.meta.url)

const version = (name: string): string =>
  (createRequire(import.meta.url)(`${name}/package.json`) as { readonly version: string }).version

const setting = (): Setting => ({
  at: new Date().toISOString(),
  node: process.version,
  machine: `${Os.platform()} ${Os.arch()}, ${Os.cpus().length} × ${Os.cpus()[0]?.model ?? "unknown"}`,
  official: `@alicloud/credentials ${version("@alicloud/credentials")}`,
  effect: `effect ${version("effect")}`
})

const bench = (options: {
  readonly quick: boolean
  readonly only: ReadonlyArray<string>
  readonly node: ReadonlyArray<string>
}) =>
  Effect.gen(function*() {
    const rows: Array<Row> = []
    for (const [name, section] of Object.entries(sections)) {
      if (options.only.length > 0 && !options.only.includes(name)) continue
      const start = performance.now()
      process.stderr.write(`${name} …`)
      rows.push(...yield* Effect.scoped(section({ ...options.quick ? quick : full, nodes: options.node })))
      process.stderr.write(` ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
    }
    const made = setting()
    const { at, effect, machine, node, official } = made
    process.stdout.write(`\n${official}, ${effect}, Node.js ${node}, ${machine}, ${at}\n`)
    process.stdout.write(`Medians; less is better; ratio: official ÷ ours\n\n${table(rows)}\n\n${notes(rows)}\n`)
    if (options.quick || options.only.length > 0 || options.node.length > 0) return
    Fs.mkdirSync(results, { recursive: true })
    Fs.writeFileSync(new URL("results.json", results), toJson(made, rows))
    Fs.writeFileSync(new URL("chart.svg", results), chart(rows))
  }).pipe(Effect.provide(layer))

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    node: { type: "string", multiple: true, default: [] },
    help: { type: "boolean", default: false }
  }
})

const isKnown = values.only.every((name) => Object.hasOwn(sections, name))

if (values.help || !isKnown) {
  process.stdout.write(usage)
  process.exitCode = isKnown ? 0 : 2
} else {
  await Effect.runPromise(bench(values))
}
