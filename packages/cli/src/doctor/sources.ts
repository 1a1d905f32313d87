/** Describes the result of each source for the report of `doctor`. */
import type { SourceError } from "@effect-alicloud/credentials/CredentialsError"
import * as messages from "../messages/doctor.ts"
import { detailOf } from "../messages/log.ts"
import * as places from "./places.ts"
import type { Source } from "./Report.ts"
import type { Asked, Resolution } from "./resolve.ts"

type Told = Omit<Source, "source" | "lookedAt" | "durationMillis">

const told = (error: SourceError): Told => {
  const reason = detailOf(error)
  switch (error._tag) {
    case "SourceUnavailable":
      return {
        status: error.reason._tag === "SwitchedOff" ? "switchedOff" : "notConfigured",
        reason,
        hint: error.hint
      }
    case "InvalidConfig":
      return {
        status: "misconfigured",
        reason,
        hint: messages.correct(error.where),
        location: error.location,
        ...(error.chosenIn === undefined ? {} : { chosenIn: error.chosenIn }),
        issues: error.issues
      }
    case "SourceFailed":
      return {
        status: "failed",
        reason,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        failure: {
          reason: error.reason,
          ...(error.status === undefined ? {} : { status: error.status }),
          ...(error.code === undefined ? {} : { code: error.code }),
          ...(error.requestId === undefined ? {} : { requestId: error.requestId })
        }
      }
  }
}

const statusOf = ({ outcome }: Asked): Told =>
  outcome === "won" || outcome === "notAsked" ? { status: outcome } : told(outcome)

/** The result of each source, and the places that it looked at. */
export const describe = ({ sources }: Resolution, found: places.Places): ReadonlyArray<Source> =>
  sources.map((asked) => ({
    source: asked.source,
    ...statusOf(asked),
    lookedAt: (found.get(asked.source) ?? []).map(places.lookedAt),
    ...(asked.durationMillis === undefined ? {} : { durationMillis: asked.durationMillis })
  }))
