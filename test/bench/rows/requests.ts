import { Effect } from "effect"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import type { Side } from "../subject/clients.ts"
import type { Section } from "./plan.ts"

interface Counted {
  readonly requests: number
  readonly failedReads: number
}

const numbers = ({ official, ours }: Readonly<Record<Side, Counted>>) => ({
  official: spread([official.requests]),
  ours: spread([ours.requests]),
  details: { failedReadsOfficial: official.failedReads, failedReadsOurs: ours.failedReads }
})

/** How many requests reach the cloud. */
export const requests: Section = ({ readers }) =>
  Effect.gen(function*() {
    const { cloud, subject } = yield* Lab
    const { ask } = yield* subject()

    const herd = (side: Side) =>
      Effect.gen(function*() {
        const before = yield* cloud.count("sts")
        const { failed } = yield* ask("herd", { side, readers })
        return { requests: (yield* cloud.count("sts")) - before, failedReads: failed }
      })

    const paced = (side: Side) =>
      Effect.map(
        ask("paced", { side, reads: 50, pauseMillis: 10_000, seconds: 900 }),
        ({ errors, requests }) => ({ requests, failedReads: errors })
      )

    const rows: ReadonlyArray<Row> = [
      {
        id: "cold-readers",
        what: `requests for ${readers.toLocaleString("en-US")} concurrent first reads`,
        unit: "count",
        ...numbers({ official: yield* herd("official"), ours: yield* herd("ours") }),
        goal: { atMost: 1 },
        note: "AssumeRole of one role, over HTTPS on loopback; what the server received is counted"
      },
      {
        id: "short-session",
        what: "requests for 50 reads of a 900 s session",
        unit: "count",
        ...numbers({ official: yield* paced("official"), ours: yield* paced("ours") }),
        goal: { atMost: 1 },
        note: "one read every 10 seconds, in virtual time, against the fake cloud in memory"
      }
    ]
    return rows
  })
