import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { FileLocation, InvalidConfig } from "../../CredentialsError.ts"
import { invalidConfig, missing } from "../../CredentialsError.ts"

/**
 * The fields of a profile or section, by the names they have in the file. An empty field counts as not set. Halves of
 * characters, which JSON can spell and nothing can send, are replaced.
 */
export interface Fields {
  readonly place: FileLocation
  readonly optional: (field: string) => string | undefined
  readonly required: (field: string) => Effect.Effect<string, InvalidConfig>
  /** The error for a field whose value cannot be. */
  readonly wrong: (issue: string) => InvalidConfig
  readonly secret: (field: string) => Effect.Effect<Redacted.Redacted, InvalidConfig>
}

/** The value of a field, if it is set. */
export const clean = (text: string): string | undefined => text.trim().replace(/\p{Cs}/gu, "\uFFFD") || undefined

/** The members that are set: the tools that write the file put `null`, `0`, `false` or empty text in the place of a value. */
export const withoutUnset = (members: object): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(members).filter(([, value]) =>
      value !== null && value !== 0 && value !== false && (typeof value !== "string" || value.trim() !== "")
    )
  )

export const make = (source: string, place: FileLocation, read: (field: string) => string | undefined): Fields => {
  const optional = (field: string): string | undefined => clean(read(field) ?? "")
  const wrong = (issue: string): InvalidConfig => invalidConfig(source, place, issue)
  const required = (field: string): Effect.Effect<string, InvalidConfig> => {
    const value = optional(field)
    return value === undefined ? invalidConfig(source, place, { field, problem: missing }) : Effect.succeed(value)
  }
  return { place, optional, required, wrong, secret: (field) => Effect.map(required(field), Redacted.make) }
}
