import * as Schema from "effect/Schema"

export const Endpoint = Schema.Literal(
  "sts",
  "sts.AssumeRole",
  "sts.AssumeRoleWithOIDC",
  "sts.GenerateSessionAccessKey",
  "sts.GetCallerIdentity",
  "imds",
  "imds.token",
  "imds.list",
  "imds.credentials",
  "oauth",
  "oauth.token",
  "oauth.exchange",
  "cloudsso",
  "cloudsso.credentials",
  "uri",
  "ecs",
  "oss",
  "cs",
  "unknown"
).annotations({ identifier: "Endpoint" })

export type Endpoint = typeof Endpoint.Type

const where = {
  /** `sts`, `imds`, `oauth` and `cloudsso` stand for all of theirs. */
  endpoint: Endpoint,
  /** How many matching requests are affected, default all. */
  times: Schema.optional(Schema.NonNegativeInt),
  /** How many matching requests pass first, default none. */
  after: Schema.optional(Schema.NonNegativeInt)
}

const Status = Schema.Int.pipe(Schema.between(200, 599))

export const Fault = Schema.Union(
  Schema.Struct({ ...where, kind: Schema.Literal("latency"), millis: Schema.NonNegativeInt }),
  Schema.Struct({ ...where, kind: Schema.Literal("skew"), seconds: Schema.Number }),
  Schema.Struct({ ...where, kind: Schema.Literal("expired") }),
  Schema.Struct({ ...where, kind: Schema.Literal("expiresInSeconds"), seconds: Schema.Number }),
  Schema.Struct({
    ...where,
    kind: Schema.Literal("status"),
    status: Status,
    body: Schema.optional(Schema.String),
    contentType: Schema.optional(Schema.String)
  }),
  Schema.Struct({
    ...where,
    kind: Schema.Literal("error"),
    status: Status,
    code: Schema.String,
    message: Schema.optional(Schema.String)
  }),
  Schema.Struct({
    ...where,
    kind: Schema.Literal("throttle"),
    status: Schema.optional(Status),
    code: Schema.optional(Schema.String),
    retryAfterMillis: Schema.optional(Schema.NonNegativeInt)
  }),
  Schema.Struct({ ...where, kind: Schema.Literal("hang") }),
  Schema.Struct({ ...where, kind: Schema.Literal("refuse") }),
  Schema.Struct({ ...where, kind: Schema.Literal("disconnect") }),
  Schema.Struct({ ...where, kind: Schema.Literal("malformed"), body: Schema.optional(Schema.String) }),
  Schema.Struct({ ...where, kind: Schema.Literal("html404") }),
  Schema.Struct({ ...where, kind: Schema.Literal("redirect"), location: Schema.String }),
  Schema.Struct({ ...where, kind: Schema.Literal("truncate") }),
  Schema.Struct({ ...where, kind: Schema.Literal("stall") }),
  Schema.Struct({ ...where, kind: Schema.Literal("huge"), bytes: Schema.NonNegativeInt }),
  Schema.Struct({ ...where, kind: Schema.Literal("dropField"), field: Schema.String }),
  Schema.Struct({ ...where, kind: Schema.Literal("setField"), field: Schema.String, value: Schema.Unknown })
).annotations({ identifier: "Fault" })

export type Fault = typeof Fault.Type

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

/** What the faults do to one request. */
export interface Plan {
  readonly kinds: ReadonlyArray<Fault["kind"]>
  readonly latencyMillis: number
  readonly skewSeconds: number
  readonly lifetimeSeconds: number | undefined
  readonly replacing: Replacing | undefined
  readonly edits: ReadonlyArray<Editing>
}

/** Whether an endpoint is the given one or part of it. */
export const isWithin = (endpoint: Endpoint, whole: Endpoint): boolean =>
  endpoint === whole || endpoint.startsWith(`${whole}.`)

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
