/**
 * Puts the errors of a source that a profile chose into the words of the profile. Used by `CliProfile` and
 * `CredentialsFile`. The main file of this folder, which holds what profiles of both kinds of file share.
 */
import type { CredentialsError, FileLocation, Issue, Location, SourceError } from "../../CredentialsError.ts"
import {
  InvalidConfig,
  NoCredentials,
  renderLocation,
  SourceFailed,
  SourceUnavailable
} from "../../CredentialsError.ts"

/** The fields that set a source's options, by option. */
export type Fields = Readonly<Record<string, string>>

/**
 * The error of a source that another source chose, in the name of the one that chose: it says where it was chosen.
 */
export const attribute =
  (source: string, place: FileLocation, fields: Fields = {}) => (error: CredentialsError): CredentialsError =>
    error._tag === "NoCredentials"
      ? new NoCredentials({ attempts: error.attempts.map((attempt) => one(source, place, fields, attempt)) })
      : one(source, place, fields, error)

/**
 * The same for an error in the configuration of the chosen source. Options become the fields that set them; variables
 * and other files stay as they are, and the place that chose the source is added.
 */
export const attributeConfig = (source: string, place: FileLocation, fields: Fields = {}) => {
  const fieldOf = (option: string): string => Object.hasOwn(fields, option) ? fields[option] ?? option : option
  const locationOf = ({ issues, location }: InvalidConfig): Location => {
    if (location._tag !== "Options") {
      return location
    }
    const names = location.names.length > 0 ? location.names : issues.flatMap(({ field }) => field ?? [])
    return names.length === 0 ? place : { ...place, fields: names.map(fieldOf) }
  }
  const issueOf = (issue: Issue): Issue => issue.field === undefined ? issue : { ...issue, field: fieldOf(issue.field) }
  return (error: InvalidConfig): InvalidConfig =>
    error.source === source
      ? error
      : new InvalidConfig({
        source,
        location: locationOf(error),
        ...(error.location._tag === "Options" ? {} : { chosenIn: place }),
        issues: error.issues.map(issueOf),
        circle: error.circle
      })
}

const one = (source: string, place: FileLocation, fields: Fields, error: SourceError): SourceError => {
  if (error.source === source) {
    return error
  }
  const chosen = `for ${error.source} in ${renderLocation(place)}`
  switch (error._tag) {
    case "InvalidConfig":
      return attributeConfig(source, place, fields)(error)
    case "SourceFailed":
      return new SourceFailed({ ...error, source, detail: `${error.detail}, ${chosen}` })
    case "SourceUnavailable":
      return new SourceUnavailable({ ...error, source, detail: `${error.detail}, ${chosen}` })
  }
}
