import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { Effect } from "effect"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import { format } from "../report.ts"
import type { Side } from "../subject/clients.ts"
import type { RefreshRound } from "../subject/refresh.ts"
import type { Section } from "./plan.ts"

/** Lifetimes of sessions that are refreshed after some seconds: ours in the last third, there from 900 s on. */
const seconds: Readonly<Record<Side, number>> = { official: 902, ours: 5 }

const faults = (side: Side): ReadonlyArray<Fault> => [
  { endpoint: "sts", kind: "latency", millis: 500 },
  { endpoint: "sts", kind: "expiresInSeconds", seconds: seconds[side] }
]

/** What readers notice of a refresh. */
export const refresh: Section = ({ refreshRounds }) =>
  Effect.gen(function*() {
    const { cloud, subject } = yield* Lab
    const { ask } = yield* subject()
    const round = (side: Side) =>
      Effect.zipRight(cloud.setFaults(faults(side)), Effect.ensuring(ask("refresh", { side }), cloud.clearFaults))
    const rounds: Record<Side, Array<RefreshRound>> = { official: [], ours: [] }
    for (let i = 0; i < refreshRounds; i++) {
      rounds.ours.push(yield* round("ours"))
      rounds.official.push(yield* round("official"))
    }
    const quiet = (side: Side) => spread(rounds[side].map(({ quiet }) => quiet.p99))
    const during = (side: Side) => spread(rounds[side].map(({ during }) => during.p99))
    const still = quiet("ours")
    const rows: ReadonlyArray<Row> = [
      {
        id: "quiet-p99",
        what: "p99 of a cached read, no refresh",
        unit: "ns",
        official: quiet("official"),
        ours: still,
        note: "one reader that reads without end, each read timed with process.hrtime, which is part of the number"
      },
      {
        id: "refresh-p99",
        what: "p99 of a read during a 500 ms refresh",
        unit: "ns",
        official: during("official"),
        ours: during("ours"),
        goal: { atMost: 2 * still.median, text: `≤ 2× quiet (${format(still.median, "ns")})` },
        note: "the same reader; the reads that were under way while AssumeRole was (official: one, it waits)",
        details: {
          readsDuringRefreshOfficial: spread(rounds.official.map(({ during }) => during.reads)),
          readsDuringRefreshOurs: spread(rounds.ours.map(({ during }) => during.reads)),
          longestReadOursNanos: spread(rounds.ours.map(({ during }) => during.longest))
        }
      }
    ]
    return rows
  })
