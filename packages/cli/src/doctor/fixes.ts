/**
 * What `doctor` says to fix, each thing once, in the order in which it helps: what every request meets first, then the
 * sources in the order of the chain, then profiles, variables and permissions.
 */
import * as environment from "../internal/environment.ts"
import * as texts from "../messages/doctor.ts"
import * as messages from "../messages/fixes.ts"
import type { Finding } from "./checks/Finding.ts"
import type { Check, Report, Source } from "./Report.ts"

/** A report before its fixes, with the sources that its findings belong to. */
export type Found = Omit<Report, "checks" | "fixes"> & { readonly checks: ReadonlyArray<Finding> }

const ranks = ["clock", "network", "source", "profiles", "variables", "permissions"] as const

const rankOf: Readonly<Record<Check["check"], (typeof ranks)[number]>> = {
  clock: "clock",
  proxy: "network",
  sts: "network",
  imds: "network",
  identity: "source",
  role: "source",
  login: "profiles",
  profiles: "profiles",
  halfSet: "variables",
  shadowed: "variables",
  variable: "variables",
  permissions: "permissions",
  cache: "permissions"
}

const isBroken = ({ status }: Source): boolean => status === "misconfigured" || status === "failed"

/** Whether a source that is broken reports the same. */
export const isToldBySource = ({ sources }: Pick<Found, "sources">, { toldBy }: Finding): boolean =>
  sources.some((source) => source.source === toldBy && isBroken(source))

/** The source was selected by name, or its file exists, but it has no credentials. */
const isIdle = ({ lookedAt, status }: Source, _: number, all: ReadonlyArray<Source>): boolean =>
  (status === "notConfigured" || status === "switchedOff") &&
  (all.length === 1 || lookedAt.some((place) => place.kind === "file" && place.exists))

/** Whether the source failed by something that the machine's clock or network is to blame for. */
const isOutside = (source: Source, checks: ReadonlyArray<Finding>): boolean =>
  checks.some(({ check, fix, subject }) =>
    fix !== undefined && (
      (check === "sts" && source.status === "failed" && source.reason?.includes(subject) === true) ||
      (check === "clock" &&
        (source.failure?.reason === "Expired" || source.failure?.code === "InvalidTimeStamp.Expired"))
    )
  )

const profileVariable = ({ lookedAt }: Source): string | undefined =>
  environment.profileVariables.find((name) =>
    lookedAt.some((place) => place.kind === "variable" && place.set && place.name === name)
  )

const misconfigured = (source: Source): string => {
  const { issues = [], location = { _tag: "Options", names: [] } } = source
  const variable = profileVariable(source)
  const isWholeFile = location._tag === "File" && location.profile === undefined && location.line === undefined
  return variable !== undefined && isWholeFile
    ? messages.noProfile(variable, location, issues)
    : messages.misconfigured(source.chosenIn ?? location, issues)
}

const fixOf = (source: Source): string => {
  const { failure, hint, reason = "" } = source
  switch (source.status) {
    case "misconfigured":
      return misconfigured(source)
    case "failed":
      return messages.rejected(failure?.code, source) ??
        (hint === undefined ? messages.failed(source, failure, reason) : messages.hinted(source, hint))
    default:
      return messages.hinted(source, `${reason}.${hint === undefined ? "" : ` ${hint}`}`)
  }
}

/** What is wrong with the values of the variables that a source was configured by. */
const wrongValues = (checks: ReadonlyArray<Finding>, { lookedAt }: Source): ReadonlyArray<string> =>
  checks.flatMap(({ check, fix, level, subject }) =>
    check === "variable" && level === "warning" && fix !== undefined &&
      lookedAt.some((place) => place.kind === "variable" && place.set && place.name === subject)
      ? [fix]
      : []
  )

const ofSource = ({ checks }: Found, source: Source): ReadonlyArray<string> => {
  if (isBroken(source)) {
    const exact = checks.flatMap(({ fix, toldBy }) => toldBy === source.source && fix !== undefined ? [fix] : [])
    return exact.length > 0 ? exact : isOutside(source, checks) ? [] : [fixOf(source)]
  }
  if (source.status !== "won") {
    return []
  }
  const refusals = checks.flatMap(({ check, fix }) => check === "identity" && fix !== undefined ? [fix] : [])
  const causes = refusals.length === 0 ? [] : wrongValues(checks, source)
  return causes.length > 0 ? causes : refusals
}

const nothingConfigured = (checks: ReadonlyArray<Finding>): string => {
  const foreign = checks.flatMap(({ renames, subject }) =>
    renames === undefined || !environment.mainPair.some((name) => name === renames)
      ? []
      : [{ from: subject, to: renames }]
  )
  const pairs = environment.mainPair.flatMap((name) => foreign.find(({ to }) => to === name) ?? [])
  return pairs.length === 0 ? texts.configureSomething : messages.keysOfOtherTools(pairs)
}

/** All fixes, the first one first. */
export const of = (found: Found): ReadonlyArray<string> => {
  const { checks, resolved, sources } = found
  const broken = sources.flatMap((source) => ofSource(found, source))
  const idle = resolved ? [] : sources.filter(isIdle).map(fixOf)
  const nothing = resolved || sources.some(isBroken) || idle.length > 0 ? [] : [nothingConfigured(checks)]
  const told = checks.filter((finding) => finding.check !== "identity" && !isToldBySource(found, finding))
  const levels = ["error", "warning", "info", "ok"]
  return [
    ...new Set(ranks.flatMap((rank) => [
      ...(rank === "source" ? [...broken, ...idle, ...nothing] : []),
      ...levels.flatMap((level) =>
        told.flatMap(({ check, fix, level: its }) => rankOf[check] === rank && its === level ? fix ?? [] : [])
      )
    ]))
  ]
}
