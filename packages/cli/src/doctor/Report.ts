/** The schema of `doctor --format json`, and the model of the whole diagnosis. */
import { FailureReason, Issue, Location } from "@effect-alicloud/credentials/CredentialsError"
import * as Schema from "effect/Schema"

/** Something a source looks at. */
export const LookedAt = Schema.Union(
  Schema.Struct({ kind: Schema.Literal("variable"), name: Schema.String, set: Schema.Boolean }),
  Schema.Struct({
    kind: Schema.Literal("file"),
    path: Schema.String,
    exists: Schema.Boolean,
    /** Where in it: `$.profiles[2]`, `[default]`. */
    at: Schema.optional(Schema.String),
    /** The name of the profile there. */
    name: Schema.optional(Schema.String)
  }),
  Schema.Struct({ kind: Schema.Literal("address"), address: Schema.String })
).annotations({ identifier: "LookedAt" })

export type LookedAt = typeof LookedAt.Type

/**
 * - `won`: its credentials are the answer
 * - `notConfigured`, `switchedOff`: it is absent here; the chain tries the next one
 * - `misconfigured`, `failed`: it is configured and broken
 * - `notAsked`: the answer was there before its turn
 */
export const Status = Schema.Literal("won", "notConfigured", "switchedOff", "misconfigured", "failed", "notAsked")

export type Status = typeof Status.Type

/** One source; a report lists them in the order of the chain. */
export const Source = Schema.Struct({
  source: Schema.String,
  status: Status,
  lookedAt: Schema.Array(LookedAt),
  reason: Schema.optional(Schema.String),
  hint: Schema.optional(Schema.String),
  /** Where the configuration of what is `misconfigured` is wrong. */
  location: Schema.optional(Location),
  /** The place that chose this source, when the location is not in it. */
  chosenIn: Schema.optional(Location),
  /** What is wrong there. */
  issues: Schema.optional(Schema.Array(Issue)),
  /** Of what `failed`. */
  failure: Schema.optional(Schema.Struct({
    reason: FailureReason,
    status: Schema.optional(Schema.Number),
    code: Schema.optional(Schema.String),
    requestId: Schema.optional(Schema.String)
  })),
  /** The duration of its attempt, if it was tried. */
  durationMillis: Schema.optional(Schema.Number)
}).annotations({ identifier: "Source" })

export type Source = typeof Source.Type

export const Check = Schema.Struct({
  check: Schema.Literal(
    "cache",
    "clock",
    "halfSet",
    "identity",
    "imds",
    "login",
    "permissions",
    "profiles",
    "proxy",
    "role",
    "shadowed",
    "sts",
    "variable"
  ),
  level: Schema.Literal("ok", "info", "warning", "error"),
  /** Its subject: a source, a file, a profile, a variable, an address. */
  subject: Schema.String,
  message: Schema.String,
  fix: Schema.optional(Schema.String)
}).annotations({ identifier: "Check" })

export type Check = typeof Check.Type

/**
 * - `accepted`: STS says whom they belong to
 * - `refused`: STS does not accept them
 * - `unknown`: STS could not be reached, or gave no usable answer
 * - `notApplicable`: STS has no answer for bearer tokens and anonymous access
 */
const Verdict = Schema.Literal("accepted", "refused", "unknown", "notApplicable")

export const Identity = Schema.Struct({
  type: Schema.String,
  providerName: Schema.String,
  accessKeyId: Schema.optional(Schema.String),
  /** ISO 8601. Without it no end is known. */
  expiration: Schema.optional(Schema.String),
  verdict: Verdict,
  /** As GetCallerIdentity tells it, where they are `accepted`. */
  accountId: Schema.optional(Schema.String),
  arn: Schema.optional(Schema.String),
  identityType: Schema.optional(Schema.String),
  principalId: Schema.optional(Schema.String)
}).annotations({ identifier: "Identity" })

export type Identity = typeof Identity.Type

export const Report = Schema.Struct({
  /** Whether there are credentials. */
  resolved: Schema.Boolean,
  /** Whose they are, without a secret. The exit code is 0 where the verdict is `accepted` or `notApplicable`. */
  identity: Schema.optional(Identity),
  sources: Schema.Array(Source),
  checks: Schema.Array(Check),
  /** What to do, in this order. */
  fixes: Schema.Array(Schema.String)
}).annotations({ identifier: "Report" })

export type Report = typeof Report.Type
