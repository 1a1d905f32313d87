import { AlicloudCredential } from "@effect-alicloud/sdk"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Fs from "node:fs"
import { recorder } from "./telemetry/recorder.ts"
import { story } from "./telemetry/story.ts"
import { rowsIn, sectionsOf } from "./utils/markdown.ts"

const read = (path: string): string => Fs.readFileSync(new URL(path, import.meta.url), "utf8")

const sections = sectionsOf(read("../../docs/telemetry.md"))

const tableOf = (title: string): ReadonlyArray<ReadonlyArray<string>> =>
  rowsIn(sections.find((section) => section.title === title)?.text ?? [])

/** The words in code of a cell that are names of its own, not values behind a colon. */
const namesIn = (cell: string): ReadonlyArray<string> =>
  cell.split(";").flatMap((part) =>
    Array.from((part.split(":")[0] ?? "").matchAll(/`([\w.]+)`/g), ([, name = ""]) => name)
  )

/** What the page says of each span or metric. */
const documented = (title: string): ReadonlyMap<string, ReadonlySet<string>> =>
  new Map(tableOf(title).map(([name = "", , names = ""]) => [name.slice(1, -1), new Set(namesIn(names))]))

/** Everything seen of each name, together. */
const united = (
  seen: ReadonlyArray<readonly [name: string, names: ReadonlyArray<string>]>
): ReadonlyMap<string, ReadonlySet<string>> => {
  const all = new Map<string, Set<string>>()
  for (const [name, names] of seen) all.set(name, new Set([...all.get(name) ?? [], ...names]))
  return all
}

/** The spans of calls with an official client: one that works, one that is refused. */
const officialCalls = Effect.suspend(() => {
  const { ended, tracer } = recorder()
  const refused = Object.assign(new Error("refused"), { code: "Forbidden", data: { RequestId: "0A1B2C3D" } })
  return Effect.all([
    AlicloudCredential.use(() => Promise.resolve(), { action: "DescribeRegions" }),
    Effect.ignore(AlicloudCredential.use(() => Promise.reject(refused), { action: "DescribeRegions" }))
  ]).pipe(
    Effect.provide(Layer.provide(AlicloudCredential.layer, TestCredentials.layer())),
    Effect.withTracer(tracer),
    Effect.map(() => ended.filter(({ name }) => name.startsWith("alicloud.sdk.")))
  )
})

const packages = ["credentials", "node", "openapi", "redis", "sdk"]

const sources = packages.flatMap((name) =>
  Fs.readdirSync(new URL(`../../packages/${name}/src/`, import.meta.url), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => read(`../../packages/${name}/src/${file}`))
)

describe("the page about telemetry", () => {
  it.live("lists the spans and metrics that a run emits, with their attributes and tags", () =>
    Effect.gen(function*() {
      const { metrics, scenes } = yield* story
      const spans = [...scenes.flatMap((scene) => scene.spans), ...(yield* officialCalls)]
        .filter(({ name }) => name.startsWith("alicloud."))
        .map(({ attributes, name }) =>
          [name.replace(/(sts|openapi|sdk)\.\w+$/, "$1.<Action>"), Object.keys(attributes)] as const
        )
      assert.deepStrictEqual(united(spans), documented("Spans"))
      // Other tests of the process count in the same metrics.
      assert.deepStrictEqual(
        united(metrics.map(({ name, tags }) => [name, Object.keys(tags)] as const)),
        documented("Metrics")
      )
    }))

  it("lists every message that the packages log", () => {
    const logged = sources.flatMap((source) => Array.from(source.matchAll(/Effect\.log(?:Warning|Info|Error)\(/g)))
    const rows = tableOf("Logs")
    // One line of the code is about the clock of STS and others, one about that of APIs.
    assert.strictEqual(rows.length, logged.length - 1)
    for (const [message = "", , annotations = ""] of rows) {
      const source = sources.find((text) => text.includes(message.slice(1, -1)))
      assert.isDefined(source, message)
      for (const name of namesIn(annotations)) assert.match(source, new RegExp(`\\b${name}\\b`))
    }
  })
})
