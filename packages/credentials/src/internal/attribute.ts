import type { CredentialsError, SourceError } from "../CredentialsError.ts"
import { InvalidConfig, NoCredentials, SourceFailed, SourceUnavailable } from "../CredentialsError.ts"

/**
 * The error of a source that another source chose, in the name of the one that chose: it says where it was chosen.
 */
export const attribute = (source: string, place: string) => (error: CredentialsError): CredentialsError =>
  error._tag === "NoCredentials"
    ? new NoCredentials({ attempts: error.attempts.map((attempt) => one(source, place, attempt)) })
    : one(source, place, error)

/** The same for what is wrong with the configuration of the chosen source; what its own error named stays named. */
export const attributeConfig = (source: string, place: string) => (error: InvalidConfig): InvalidConfig =>
  error.source === source
    ? error
    : new InvalidConfig({ source, location: `${place} (${error.location})`, issues: error.issues })

const one = (source: string, place: string, error: SourceError): SourceError => {
  if (error.source === source) {
    return error
  }
  switch (error._tag) {
    case "InvalidConfig":
      return attributeConfig(source, place)(error)
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
