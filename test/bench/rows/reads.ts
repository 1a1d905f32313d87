import { Effect } from "effect"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import type { Section } from "./plan.ts"

/** What a read of a session costs that is held already. */
export const reads: Section = ({ readRounds, readsPerRound }) =>
  Effect.gen(function*() {
    const { subject } = yield* Lab
    const { ask } = yield* subject({ flags: ["--expose-gc"] })
    const times = yield* ask("reads", { rounds: readRounds, reads: readsPerRound })
    const official = spread(times.official)
    const goal = { atMost: 250, timesBetter: 2.5 }
    const note = `${readsPerRound.toLocaleString("en-US")} reads a round, both clients in one process by turns; ` +
      "official: await getCredential()"
    const rows: ReadonlyArray<Row> = [
      {
        id: "read-loop",
        what: "cached read in a fiber, Effect.whileLoop",
        unit: "ns",
        official,
        ours: spread(times.loop),
        goal,
        note,
        details: { effectSucceedInTheSameLoop: spread(times.floor) }
      },
      {
        id: "read-generator",
        what: "cached read in a fiber, yield* in Effect.gen",
        unit: "ns",
        official,
        ours: spread(times.generator),
        goal,
        note
      },
      {
        id: "read-bridge",
        what: "cached read by an official SDK",
        unit: "ns",
        official,
        ours: spread(times.bridge),
        goal: { timesBetter: 3 },
        note: "await getCredential() on both sides, ours through AlicloudCredential"
      }
    ]
    return rows
  })
