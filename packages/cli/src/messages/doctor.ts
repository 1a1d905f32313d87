/** Texts of `doctor`. */
import * as LoginProfile from "@effect-alicloud/credentials/unstable/LoginProfile"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import type { Problem } from "../doctor/probe.ts"
import type { LookedAt, Status } from "../doctor/Report.ts"
import type { Definition } from "../internal/sources.ts"
import { duration, expiresAt } from "./common.ts"
import { list } from "./fixes.ts"

export const checkingClock = "Checking the clock…"

export const sources = "Sources, in order"

export const checks = "Checks"

export const whatToFix = "What to fix"

export const nothingToFix = "Nothing to fix."

export const statuses: Readonly<Record<Status, string>> = {
  won: "used",
  notConfigured: "not configured",
  switchedOff: "switched off",
  misconfigured: "misconfigured",
  failed: "failed",
  notAsked: "not tried"
}

export const switchedOffBy = (variable: string): string => `switched off by ${variable}`

export const took = (millis: number): string => millis < 10 ? "" : ` (${millis} ms)`

export const more = (count: number): string => `and ${count} more: --format json shows them all`

const places = (names: ReadonlyArray<string>): string => names.join(", ")

/** Where a source found its configuration. */
export const foundIn = (lookedAt: ReadonlyArray<LookedAt>): string => {
  const set = lookedAt.flatMap((place) => place.kind === "variable" && place.set ? [place.name] : [])
  const files = lookedAt.filter((place) => place.kind === "file" && place.exists && place.at !== "$.current")
  const spots = files.flatMap((place) =>
    place.kind !== "file" || place.at === undefined
      ? []
      : [place.name === undefined ? place.at : `profile "${place.name}"`]
  )
  const file = files.flatMap((place) => place.kind === "file" ? [place.path] : [])[0]
  const addresses = lookedAt.flatMap((place) => place.kind === "address" ? [place.address] : [])
  return [
    places(file === undefined ? set : []),
    file === undefined ? "" : [file, spots.join(" <- ")].filter((part) => part !== "").join(" "),
    places(addresses)
  ].filter((part) => part !== "").join(", ")
}

export const correct = (location: string): string => `Correct ${location}.`

export const configureSomething =
  "Nothing is configured. Run `alicloud-credentials login` or `aliyun configure`, or set ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET; on ECS attach a RAM role, in a pod enable RRSA."

// Permissions

export const permissionsFine = (count: number): string =>
  count === 1
    ? "readable by its owner only"
    : `${count === 2 ? "both" : `all ${count}`} files are readable by their owner only`

const octal = (mode: number): string => (mode & 0o777).toString(8).padStart(4, "0")

export const readable = (mode: number): string =>
  `mode ${octal(mode)}: others can ${
    (mode & 0o022) === 0 ? "read" : (mode & 0o044) === 0 ? "change" : "read and change"
  } it`

export const replaceable = (mode: number): string => `mode ${octal(mode)}: others can change it`

export const folderReplaceable = (mode: number): string => `mode ${octal(mode)}: others can replace its files`

export const chmod = (how: string, path: string): string => `Run: chmod ${how} ${path}`

// Pairs

export const halfSet = (set: ReadonlyArray<string>, missing: ReadonlyArray<string>): string =>
  `${list(set)} ${set.length === 1 ? "is" : "are"} set, ${list(missing)} ${missing.length === 1 ? "is" : "are"} not`

export const completePair = (set: ReadonlyArray<string>, missing: ReadonlyArray<string>): string =>
  `Set ${list(missing)}, or unset ${list(set)}.`

/** In CI and on other clouds no file holds the token. */
export const orTokenFrom = (file: string, from: string): string => `${file} or, in CI and on other clouds, ${from}`

export const roleAlone = (variable: string): string =>
  `only ${variable} is set: the OIDC source needs all three variables`

export const lonelyToken = (token: string, pair: string): string => `${token} is set, and is not used without ${pair}`

export const unsetOrComplete = (token: string, pair: string): string => `Set the pair of ${pair}, or unset ${token}.`

export const legacyIgnored = (legacy: string, main: string): string =>
  `${legacy} is set, and ignored because ${main} is, too`

// Shadowed

/** The step after which the source that is used now is not used any more; `variables` are those that are set. */
const without = (winner: string, definition: Definition | undefined, variables: ReadonlyArray<string>): string =>
  definition?.switches[0] !== undefined
    ? `you set ${definition.switches[0]} to true`
    : definition?.fromProfile !== undefined
    ? "you remove the section from the credentials file"
    : variables.length > 0
    ? `you unset ${list(variables)}`
    : `${winner} is not configured`

/** `next` says that no other source comes first. */
export const shadowed = (
  winner: string,
  definition: Definition | undefined,
  variables: ReadonlyArray<string>,
  next: boolean
): string =>
  next
    ? `also configured; used if ${without(winner, definition, variables)}`
    : "also configured; comes after the sources above"

export const behindBroken = (source: string): string =>
  `also configured; not tried because the chain ends at ${source}, which is broken`

export const shadowedBroken = (detail: string): string => `also configured, but broken: ${detail}`

export const profileUnused = (variable: string, name: string): string =>
  `names the profile "${name}", but the profiles are switched off by ALIBABA_CLOUD_CLI_PROFILE_DISABLED`

// Profiles

export const profilesFine = (count: number): string =>
  count === 1 ? "1 profile: format is valid" : `${count} profiles: format is valid`

export const inFile = (path: string, name: string): string => `${path} profile "${name}"`

export const duplicate = (name: string, count: number): string =>
  `${count} profiles are named "${name}": only the first is used`

export const renameProfile = (path: string, name: string): string =>
  `Rename or remove all but one of the profiles named "${name}" in ${path}.`

export const cycle = (path: ReadonlyArray<string>): string =>
  `source_profile leads back to itself: ${path.map((name) => `"${name}"`).join(" -> ")}`

export const breakCycle = (path: string, name: string): string =>
  `Let the source_profile of "${name}" in ${path} name a profile with credentials of its own.`

export const missingSource = (name: string): string => `source_profile names "${name}", which does not exist`

export const correctSource = (path: string, name: string, missing: string): string =>
  `Add the profile "${missing}" to ${path}, or correct source_profile of "${name}".`

// Logins

export const logIn = (mode: "CloudSSO" | "OAuth", profile: string): string =>
  `Log in again: ${LoginProfile.command(profile)} (or ${LoginProfile.otherCommand(profile, mode)})`

export const noLogin = "there is no login in it"

export const loginEnded = (end: number, agoMillis: number): string =>
  `the login expired at ${Rfc3339.format(end)}, ${duration(agoMillis)} ago`

export const sessionLeft = (millis: number): string => `; the stored session is used for another ${duration(millis)}`

export const loginEnds = (end: number, leftMillis: number): string =>
  `the login expires at ${expiresAt(Rfc3339.format(end), leftMillis)}`

export const loginFine = (end: number, leftMillis: number): string =>
  `the login is valid until ${expiresAt(Rfc3339.format(end), leftMillis)}`

export const loginRefreshes = "the login is refreshed as needed"

export const notStored = (error: string): string =>
  `a refreshed login could not be stored, so other processes do not see it: ${error}`

export const makeWritable = (place: string): string => `Make the folder of ${place} writable.`

// Network

/** How far the clock is off, as a service of that name shows. */
export interface ClockOff {
  readonly aheadMillis: number
  readonly service: string
}

export const clockRight = (off: ClockOff): string =>
  Math.abs(off.aheadMillis) < 1500 ? "in sync" : `${clockOff(off)}, which does no harm`

const clockOff = ({ aheadMillis, service }: ClockOff): string =>
  `${duration(Math.round(Math.abs(aheadMillis) / 1000) * 1000)} ${aheadMillis > 0 ? "ahead of" : "behind"} ${service}`

export const clockWarning = (off: ClockOff): string => `${clockOff(off)}; requests fail at 15 min`

export const clockError = (off: ClockOff): string =>
  `${clockOff(off)}: signatures are refused, unless a program corrects the time`

export const setClock = "Correct this machine's clock, best with a time service (NTP)."

export const clockUnknown = "unknown (STS unreachable)"

export const answered = (millis: number): string => `answers, ${millis} ms`

export const problem = (probed: Problem): string => {
  switch (probed._tag) {
    case "NoAnswer":
      return probed.reason === "Certificate"
        ? `its certificate is not trusted (${probed.code ?? "unknown"})`
        : probed.proxy?.message ?? `cannot be reached${probed.code === undefined ? "" : ` (${probed.code})`}`
    case "Silent":
      return `does not answer within ${duration(probed.limitMillis)}`
  }
}

export const reach = (address: string, proxies: ReadonlyArray<string>): string =>
  proxies.length === 0
    ? `Check the network connection to ${address}. Behind a proxy set HTTPS_PROXY; another endpoint can be set with ALIBABA_CLOUD_STS_ENDPOINT.`
    : `Check the network connection to ${address}, and ${list(proxies)}.`

export const proxied = (origin: string): string => `${origin} is used, except for hosts in NO_PROXY`

export const noProxyUrl = "not the URL of an HTTP proxy, so requests through it fail"

export const noAddressBlock = (entry: string): string => `${entry} is not a block of addresses and is ignored`

export const fixAddressBlock = (variable: string): string => `Write blocks of addresses in ${variable} as 10.0.0.0/8.`

export const metadataAnswers = "answers, so this is an ECS instance"

export const metadataSilent = "does not answer, so this is not an ECS instance, or the service cannot be reached"

// Variables

export const quoted = "the quotes around its value are part of it"

export const removeQuotes = (names: ReadonlyArray<string>): string =>
  `Remove the quotes around the value${names.length === 1 ? "" : "s"} of ${
    list(names)
  }: docker --env-file, for example, keeps them.`

export const misspelt = (name: string): string => `the default chain does not read it; it looks like ${name}`

export const spellRight = (wrong: string, right: string): string =>
  `If no other program needs ${wrong}, rename it to ${right} or unset it.`

export const ofOtherTool = (ours: string): string => `only other tools read it; SDKs read ${ours}`
