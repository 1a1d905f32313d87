import { Effect } from "effect"
import { Lab } from "../lab.ts"
import { spread } from "../measure.ts"
import type { Row } from "../report.ts"
import type { Section } from "./plan.ts"

const capacity = 100

/** What a new role costs while many others wait for their first session. */
export const opening: Section = ({ coldRoles, openingRounds }) =>
  Effect.gen(function*() {
    const { subject } = yield* Lab
    const { ask } = yield* subject()
    const measure = (roles: number) => Effect.replicateEffect(ask("opening", { roles, capacity }), openingRounds)
    yield* measure(1000)
    const few = yield* measure(1000)
    const many = yield* measure(coldRoles)
    const rows: ReadonlyArray<Row> = [{
      id: "cold-roles",
      what: `opening a role, ${coldRoles.toLocaleString("en-US")} at once at a capacity of ${capacity}`,
      unit: "ns",
      ours: spread(many),
      goal: { atMost: 5 * spread(few).median, text: "≤ 5× that with 1,000" },
      note: "one RamRoleArns whose caller has no credentials yet, so that every role waits for its first session. " +
        "16 times as many pending lookups cost the garbage collector more; a walk over them would cost 16 times as much",
      details: { with1000Roles: spread(few) }
    }]
    return rows
  })
