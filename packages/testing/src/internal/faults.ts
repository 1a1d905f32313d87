/** Applies the faults of a world to one request, for `answer.ts`. */
import type { Endpoint, Fault } from "../Fault.ts"

type Of<Kind extends Fault["kind"]> = Extract<Fault, { readonly kind: Kind }>

/** Faults that answer, or do not answer, instead of the service. */
export type Replacing = Of<
  "status" | "error" | "throttle" | "hang" | "refuse" | "disconnect" | "malformed" | "html404" | "redirect"
>

/** Faults that change what the service answered. */
export type Editing = Of<"truncate" | "stall" | "huge" | "dropField" | "setField">

/** A fault and how many requests it has matched. */
export interface Armed {
  readonly fault: Fault
  matched: number
}

export const arm = (fault: Fault): Armed => ({ fault, matched: 0 })

/** The effect of the faults on one request. */
export interface Plan {
  readonly kinds: ReadonlyArray<Fault["kind"]>
  readonly latencyMillis: number
  readonly skewSeconds: number
  readonly lifetimeSeconds: number | undefined
  readonly replacing: Replacing | undefined
  readonly edits: ReadonlyArray<Editing>
}

/** Whether an endpoint is the given one or part of it. `Ecs.DescribeVpcs`, an action of the world's own, is part of `ecs`. */
export const isWithin = (endpoint: Endpoint, whole: Endpoint): boolean =>
  `${endpoint}.`.toLowerCase().startsWith(`${whole}.`.toLowerCase())

const isReplacing = (fault: Fault): fault is Replacing =>
  ["status", "error", "throttle", "hang", "refuse", "disconnect", "malformed", "html404", "redirect"]
    .includes(fault.kind)

const isEditing = (fault: Fault): fault is Editing =>
  ["truncate", "stall", "huge", "dropField", "setField"].includes(fault.kind)

const isNow = ({ fault, matched }: Armed): boolean => {
  const after = fault.after ?? 0
  return matched > after && (fault.times === undefined || matched <= after + fault.times)
}

/** Counts the request on every fault that matches it and plans those that affect it. */
export const planFor = (armed: ReadonlyArray<Armed>, endpoint: Endpoint): Plan => {
  const matching = armed.filter(({ fault }) => isWithin(endpoint, fault.endpoint))
  for (const one of matching) one.matched++
  const faults = matching.filter(isNow).map(({ fault }) => fault)
  const sum = (amount: (fault: Fault) => number) => faults.reduce((total, fault) => total + amount(fault), 0)
  const lifetimes = faults.flatMap((fault) =>
    fault.kind === "expired" ? [-60] : fault.kind === "expiresInSeconds" ? [fault.seconds] : []
  )
  return {
    kinds: faults.map(({ kind }) => kind),
    latencyMillis: sum((fault) => fault.kind === "latency" ? fault.millis : 0),
    skewSeconds: sum((fault) => fault.kind === "skew" ? fault.seconds : 0),
    lifetimeSeconds: lifetimes[0],
    replacing: faults.find(isReplacing),
    edits: faults.filter(isEditing)
  }
}
