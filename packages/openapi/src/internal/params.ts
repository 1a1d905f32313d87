/** The encodings of parameters, for `request.ts`. */
import * as Redacted from "effect/Redacted"
import type { Param, Params } from "../OpenApi.ts"

const isList = (value: Param): value is ReadonlyArray<Param> => Array.isArray(value)

/** No API takes parameters that are nested deeper. */
export const maxDepth = 64

/** Whether parameters are nested deeper than `maxDepth`, as those are that contain themselves. */
export const isTooDeep = (value: Param, depth = 0): boolean =>
  value !== null && typeof value === "object" && !Redacted.isRedacted(value) &&
  (depth > maxDepth || (isList(value) ? value : Object.values(value)).some((item) => isTooDeep(item, depth + 1)))

type Entry = readonly [name: string, value: string]

const entriesOf = (name: string, value: Param): ReadonlyArray<Entry> => {
  if (value === undefined || value === null) return []
  if (Redacted.isRedacted(value)) return [[name, String(Redacted.value(value))]]
  if (isList(value)) return value.flatMap((item, index) => entriesOf(`${name}.${index + 1}`, item))
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([key, item]) => entriesOf(`${name}.${key}`, item))
  }
  return [[name, String(value)]]
}

/** Parameters in the form of RPC APIs: `Tag.1.Key`. */
export const flatten = (params: Params): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(params).flatMap(([name, value]) => entriesOf(name, value)))

const revealed = (value: Param): unknown => {
  if (value === null || typeof value !== "object") return value
  if (Redacted.isRedacted(value)) return Redacted.value(value)
  return isList(value)
    ? value.map(revealed)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [key, revealed(item)]))
}

/** Parameters in the form of ROA APIs: JSON. */
export const toJson = (params: Params): string => JSON.stringify(revealed(params))

/** The `Redacted` values. */
export const secretsIn = (value: Param): ReadonlyArray<string> => {
  if (value === null || typeof value !== "object") return []
  if (Redacted.isRedacted(value)) return [String(Redacted.value(value))]
  return (isList(value) ? value : Object.values(value)).flatMap(secretsIn)
}
