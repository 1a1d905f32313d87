import type { CredentialsError, SourceError } from "../../CredentialsError.ts"
import { InvalidConfig, NoCredentials, SourceFailed, SourceUnavailable } from "../../CredentialsError.ts"

/** The fields that set a source's options, by option. */
export type Fields = Readonly<Record<string, string>>

/**
 * The error of a source that another source chose, in the name of the one that chose: it says where it was chosen.
 */
export const attribute =
  (source: string, place: string, fields: Fields = {}) => (error: CredentialsError): CredentialsError =>
    error._tag === "NoCredentials"
      ? new NoCredentials({ attempts: error.attempts.map((attempt) => one(source, place, fields, attempt)) })
      : one(source, place, fields, error)

/**
 * The same for what is wrong with the configuration of the chosen source; what its own error named stays named, options
 * by the fields that set them.
 */
export const attributeConfig =
  (source: string, place: string, fields: Fields = {}) => (error: InvalidConfig): InvalidConfig => {
    if (error.source === source) {
      return error
    }
    const option = /^(?:options?|its) (.*)$/.exec(error.location)?.[1]
    const location = option === undefined ? error.location : inFieldNames(option, fields)
    return new InvalidConfig({
      source,
      location: location === "options" ? place : `${place} (${location})`,
      issues: error.issues.map((issue) => inFieldNames(issue, fields))
    })
  }

const inFieldNames = (text: string, fields: Fields): string =>
  text.replace(/[A-Za-z][A-Za-z0-9]*/g, (word) => Object.hasOwn(fields, word) ? fields[word] ?? word : word)

const one = (source: string, place: string, fields: Fields, error: SourceError): SourceError => {
  if (error.source === source) {
    return error
  }
  switch (error._tag) {
    case "InvalidConfig":
      return attributeConfig(source, place, fields)(error)
    case "SourceFailed":
      return new SourceFailed({ ...error, source, detail: `${error.detail}, for ${error.source} in ${place}` })
    case "SourceUnavailable":
      return new SourceUnavailable({
        source,
        reason: `${error.reason}, for ${error.source} in ${place}`,
        hint: error.hint
      })
  }
}
