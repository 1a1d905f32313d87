/** The faults that change an answer: fields, size, and where it breaks off. For `answer.ts`. */
import * as Arr from "effect/Array"
import * as Option from "effect/Option"
import type { Outcome, Reply } from "../FakeAlicloud.ts"
import type { Editing } from "./faults.ts"
import { parseJson } from "./http.ts"

type Fields = Record<string, unknown>

const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const hasField = (document: unknown, field: string): boolean =>
  isFields(document) && (field in document || Object.values(document).some((value) => hasField(value, field)))

/** Changes a field wherever it is; `change` answers `undefined` to drop it. */
const mapField = (document: unknown, field: string, change: () => unknown): unknown =>
  isFields(document)
    ? Object.fromEntries(
      Object.entries(document)
        .map(([name, value]) => [name, name === field ? change() : mapField(value, field, change)] as const)
        .filter(([, value]) => value !== undefined)
    )
    : document

const editJson = (reply: Reply, edit: (document: Fields) => unknown): Reply => {
  if (!(reply.headers["content-type"] ?? "").startsWith("application/json")) return reply
  const document = parseJson(reply.body)
  return Option.isSome(document) && isFields(document.value)
    ? { ...reply, body: JSON.stringify(edit(document.value)) }
    : reply
}

const half = (reply: Reply, ending: "close" | "silence"): Outcome => ({
  ...reply,
  _tag: "Truncated",
  sent: reply.body.slice(0, Math.floor(reply.body.length / 2)),
  ending
})

const edit = (outcome: Outcome, fault: Editing): Outcome => {
  if (outcome._tag !== "Reply") return outcome
  switch (fault.kind) {
    case "dropField":
      return editJson(outcome, (document) => mapField(document, fault.field, () => undefined))
    case "setField":
      return editJson(outcome, (document) =>
        hasField(document, fault.field)
          ? mapField(document, fault.field, () => fault.value)
          : { ...document, [fault.field]: fault.value })
    case "huge": {
      const padded = editJson(outcome, (document) => ({ ...document, Padding: "x".repeat(fault.bytes) }))
      return padded === outcome ? { ...outcome, body: outcome.body + " ".repeat(fault.bytes) } : padded
    }
    case "truncate":
      return half(outcome, "close")
    case "stall":
      return half(outcome, "silence")
  }
}

const isCut = ({ kind }: Editing): boolean => kind === "truncate" || kind === "stall"

/** Applies all changes; one that breaks the answer off comes last. */
export const editAll = (outcome: Outcome, faults: ReadonlyArray<Editing>): Outcome => {
  const [edits, cuts] = Arr.partition(faults, isCut)
  return [...edits, ...cuts].reduce(edit, outcome)
}
