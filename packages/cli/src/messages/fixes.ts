/** The instructions of `doctor` about a source: what to change, and where. */
import type { Issue, Location } from "@effect-alicloud/credentials/CredentialsError"
import { missing, renderIssues, renderLocation } from "@effect-alicloud/credentials/CredentialsError"
import type { LookedAt, Source } from "../doctor/Report.ts"
import { legacyPair, mainPair } from "../internal/environment.ts"
import { profileOf } from "./identity.ts"

/** Words as a list: `A, B and C`. */
export const list = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`

/** The place of a file in words: `profile "deploy" in /home/me/.aliyun/config.json`. */
const spot = (location: Location): string => {
  if (location._tag !== "File") {
    return renderLocation(location)
  }
  const { column, line, path, profile, section } = location
  return profile !== undefined
    ? `profile ${profile} in ${path}`
    : section !== undefined
    ? `section ${section} in ${path}`
    : line !== undefined
    ? `line ${line}${column === undefined ? "" : `, column ${column},`} of ${path}`
    : path
}

type Place = Pick<Source, "source" | "lookedAt">

const fileOf = (
  lookedAt: ReadonlyArray<LookedAt>
): Extract<LookedAt, { readonly kind: "file" }> | undefined =>
  lookedAt.filter((place) => place.kind === "file").filter(({ at, exists }) => exists && at !== "$.current").at(-1)

const setOf = ({ lookedAt }: Pick<Place, "lookedAt">): ReadonlyArray<string> =>
  lookedAt.flatMap((place) => place.kind === "variable" && place.set ? [place.name] : [])

/** Where the credentials of a source are written down. A chain of profiles begins with those of the last one. */
const origin = ({ lookedAt, source }: Place): string => {
  const file = fileOf(lookedAt)
  const set = setOf({ lookedAt })
  return file === undefined
    ? set.length > 0 ? list(set) : source
    : file.name !== undefined
    ? `profile "${file.name}" in ${file.path}`
    : file.at === undefined
    ? file.path
    : `section ${file.at} in ${file.path}`
}

/** What to do about a code with which a service rejects an AccessKey or a session. */
export const rejected = (code: string | undefined, source: Place): string | undefined => {
  const where = origin(source)
  const pair = [mainPair, legacyPair].find((names) => names.every((name) => setOf(source).includes(name)))
  switch (code) {
    case "SignatureDoesNotMatch":
    case "IncompleteSignature":
    case "InvalidSignature":
      return pair === undefined
        ? `Correct the AccessKey secret in ${where}: it does not belong to the AccessKey ID.`
        : `Correct ${pair[1]}: it does not belong to ${pair[0]}.`
    case "InvalidAccessKeyId":
    case "InvalidAccessKeyId.NotFound":
      return `Replace the AccessKey in ${where}: it does not exist.`
    case "InvalidAccessKeyId.Inactive":
      return `Replace the AccessKey in ${where}, or enable it in the RAM console: it is disabled.`
    case "InvalidSecurityToken.Expired":
    case "SecurityTokenExpired":
      return `Replace the session in ${where}: it has expired.`
    case "InvalidSecurityToken.Malformed":
    case "InvalidSecurityToken.MismatchWithAccessKey":
      return `Replace the session in ${where}: its security token does not belong to its AccessKey ID.`
    case "MissingSecurityToken":
      return `Add the security token in ${where}: a temporary AccessKey needs it.`
    default:
      return undefined
  }
}

export const replace = (source: Place): string => `Replace the credentials in ${origin(source)}.`

/** What to do about a configuration that is wrong. */
export const misconfigured = (location: Location, issues: ReadonlyArray<Issue>): string => {
  const absent = issues.flatMap(({ field, problem }) => field !== undefined && problem === missing ? [field] : [])
  return issues.length > 0 && absent.length === issues.length
    ? location._tag === "File" ? `Add ${list(absent)} to ${spot(location)}.` : `Set ${list(absent)}.`
    : `Correct ${spot(location)}: ${renderIssues(issues)}.`
}

/** A profile is named that does not exist, by this variable. */
export const noProfile = (variable: string, location: Location, issues: ReadonlyArray<Issue>): string =>
  `Correct ${variable}. In ${spot(location)} ${renderIssues(issues)}.`

/** A hint of the library, with the profile or the source that it is about. */
export const hinted = (source: Place, hint: string): string => {
  const profile = profileOf(source)
  return `${profile === undefined ? source.source : `Profile "${profile}"`}: ${hint}`
}

/** A failure without a hint: where to look. */
export const failed = (source: Place, failure: Source["failure"], reason: string): string => {
  const address = source.lookedAt.flatMap((place) => place.kind === "address" ? [place.address] : [])[0]
  return failure?.reason === "Process"
    ? `Run the program of ${origin(source)} yourself to see why it fails.`
    : address !== undefined
    ? `Check the service at ${address}: ${reason}.`
    : hinted(source, `${reason}.`)
}

export const keysOfOtherTools = (pairs: ReadonlyArray<{ readonly from: string; readonly to: string }>): string =>
  `Set ${list(pairs.map(({ to }) => to))} to the value${pairs.length === 1 ? "" : "s"} of ${
    list(pairs.map(({ from }) => from))
  }, which only other tools read.`
