/** The error of credentials that arrive too late, for the session and the chain. */
import { SourceFailed } from "../../CredentialsError.ts"

/** The failure of a source whose credentials had ended before they came. */
export const expired = (source: string): SourceFailed =>
  new SourceFailed({
    source,
    reason: "Expired",
    detail: "the credentials it gave had already expired",
    hint: "Check this machine's clock and the source's.",
    retryable: true
  })
