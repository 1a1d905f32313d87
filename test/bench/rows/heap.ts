import { Effect } from "effect"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import type { Side } from "../subject/clients.ts"
import type { Section } from "./plan.ts"

/** What a session takes in memory. */
export const heap: Section = ({ roles }) =>
  Effect.gen(function*() {
    const { subject } = yield* Lab
    const measure = (side: Side) =>
      Effect.gen(function*() {
        const { ask } = yield* subject({ flags: ["--expose-gc"] })
        return yield* ask("heap", { side, roles })
      }).pipe(Effect.scoped)
    const official = yield* measure("official")
    const ours = yield* measure("ours")
    const rows: ReadonlyArray<Row> = [{
      id: "heap",
      what: `heap per session, ${roles.toLocaleString("en-US")} roles`,
      unit: "B",
      official: spread([official.bytesPerSession]),
      ours: spread([ours.bytesPerSession]),
      goal: { atMost: 4000 },
      note: "V8's used heap with all sessions less without them, after full collections; no sockets, the fake cloud " +
        "is in memory. Ours: one RamRoleArns, every session with its background refresh. Official: a client per role, " +
        "without any",
      details: {
        leftPerSessionOfficial: official.bytesLeftPerSession,
        leftPerSessionOurs: ours.bytesLeftPerSession
      }
    }]
    return rows
  })
