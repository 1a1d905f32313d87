import { Effect } from "effect"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import type { Side } from "../subject/clients.ts"
import type { Outage } from "../subject/outage.ts"
import type { Section } from "./plan.ts"

const hours = 4

/** How clients get through an outage of the service, and out of it. */
export const outage: Section = ({ outageSeeds }) =>
  Effect.gen(function*() {
    const { subject } = yield* Lab
    const { ask } = yield* subject()
    const met: Record<Side, Array<Outage>> = { official: [], ours: [] }
    for (let seed = 1; seed <= outageSeeds; seed++) {
      for (const side of ["official", "ours"] as const) met[side].push(yield* ask("outage", { side, hours, seed }))
    }
    const both = (pick: (outage: Outage) => number) => ({
      official: spread(met.official.map(pick)),
      ours: spread(met.ours.map(pick))
    })
    const note = "virtual time, a read every second: one session of an hour is fetched, then connections are refused " +
      `for ${hours} hours. The official client gets a false clock and its requests are answered in memory, as ours`
    const rows: ReadonlyArray<Row> = [
      {
        id: "outage-requests",
        what: `requests during a ${hours} h outage`,
        unit: "count",
        ...both(({ lookups }) => lookups),
        goal: { atMost: 100 },
        note
      },
      {
        id: "outage-recovery",
        what: "end of the outage to a new session",
        unit: "ns",
        ...both(({ recoveryMillis }) => recoveryMillis * 1e6),
        goal: { atMost: 300e9 },
        note: "the same runs, until a read answers another session; the official client's pauses double without an end"
      },
      {
        id: "outage-ended-sessions",
        what: "outage reads that got an expired session",
        unit: "count",
        ...both(({ endedSessions }) => endedSessions),
        note: "the same runs, outage and recovery; our readers get a typed error instead",
        details: {
          errorsOfficial: spread(met.official.map(({ errors }) => errors)),
          errorsOurs: spread(met.ours.map(({ errors }) => errors))
        }
      }
    ]
    return rows
  })
