import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { FileLocation, InvalidConfig } from "../../CredentialsError.ts"
import { invalidConfig } from "../../CredentialsError.ts"

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

export const make = (source: string, place: FileLocation, read: (field: string) => string | undefined): Fields => {
  const optional = (field: string): string | undefined => {
    const value = read(field)?.trim().replace(/\p{Cs}/gu, "\uFFFD")
    return value === "" ? undefined : value
  }
  const wrong = (issue: string): InvalidConfig => invalidConfig(source, place, issue)
  const required = (field: string): Effect.Effect<string, InvalidConfig> => {
    const value = optional(field)
    return value === undefined ? wrong(`${field} is missing`) : Effect.succeed(value)
  }
  return { place, optional, required, wrong, secret: (field) => Effect.map(required(field), Redacted.make) }
}
