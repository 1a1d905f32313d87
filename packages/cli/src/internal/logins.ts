/** Until when the logins in config.json last, for `doctor` and `profiles`. */
import type { Entry } from "./configFile.ts"
import { profileOf } from "./configFile.ts"

/** The login of a profile. */
export interface Login {
  readonly mode: "CloudSSO" | "OAuth"
  /** When it is over for good, in epoch seconds. */
  readonly end: number | "none" | "unknown" | "refreshes"
  /** When the stored session ends. */
  readonly session: number | undefined
}

/** The login of a profile of a mode that has one. */
export const loginOf = (entry: Entry): Login | undefined => {
  const profile = profileOf(entry)
  switch (profile?.mode) {
    case "CloudSSO":
      return {
        mode: "CloudSSO",
        end: profile.access_token === undefined ? "none" : profile.cloud_sso_access_token_expire ?? "unknown",
        session: profile.sts_expiration
      }
    case "OAuth":
      return {
        mode: "OAuth",
        end: profile.oauth_refresh_token !== undefined
          ? entry.refreshTokenExpire ?? "refreshes"
          : profile.oauth_access_token !== undefined
          ? profile.oauth_access_token_expire ?? "unknown"
          : "none",
        session: profile.sts_expiration
      }
    default:
      return undefined
  }
}
