/** The report of `doctor` for people. */
import { printable } from "@effect-alicloud/credentials/unstable/Text"
import { paint } from "../internal/screen.ts"
import { table } from "../internal/table.ts"
import { expiresAt, withoutEnd } from "../messages/common.ts"
import * as messages from "../messages/doctor.ts"
import type { Diagnosis } from "./diagnose.ts"
import type { Source, Status } from "./Report.ts"

type Colour = Parameters<typeof paint>[0]

const statusColours: Readonly<Record<Status, Colour>> = {
  won: "green",
  notConfigured: "gray",
  switchedOff: "gray",
  misconfigured: "red",
  failed: "red",
  notAsked: "gray"
}

const levels = { error: "red", warning: "yellow", info: "cyan", ok: "green" } as const

const order = ["error", "warning", "info", "ok"] as const

/** More than so many checks are summed up. */
const maxChecks = 14

const isBroken = ({ status }: Source): boolean => status === "misconfigured" || status === "failed"

const isToldBySource = ({ sources }: Diagnosis, source: string | undefined): boolean =>
  sources.some((one) => one.source === source && isBroken(one))

const identityRows = ({ identity }: Diagnosis, now: number): ReadonlyArray<ReadonlyArray<string>> =>
  identity === undefined ? [] : [
    [messages.providerName, identity.providerName],
    ...(identity.accessKeyId === undefined ? [] : [[messages.accessKeyId, identity.accessKeyId]]),
    [
      messages.expires,
      identity.expiration === undefined
        ? withoutEnd(identity.type === "access_key")
        : expiresAt(identity.expiration, Date.parse(identity.expiration) - now)
    ]
  ].map(([name, value]) => [paint("gray", name!), printable(value!)])

const sourceRow = (source: Source): ReadonlyArray<string> => {
  const colour = statusColours[source.status]
  const detail = `${source.reason ?? messages.foundIn(source.lookedAt)}${messages.took(source.durationMillis ?? 0)}`
  return [
    colour === "gray" ? source.source : paint(colour, source.source),
    paint(colour, messages.statuses[source.status]),
    colour === "gray" && detail !== "" ? paint("gray", detail) : detail
  ]
}

const checkRows = (diagnosis: Diagnosis): ReadonlyArray<ReadonlyArray<string>> => {
  const sorted = order.flatMap((level) =>
    diagnosis.checks.filter((check) => check.level === level && !isToldBySource(diagnosis, check.toldBy))
  )
  const rows = sorted.slice(0, maxChecks).map(({ check, level, message, subject }) => [
    paint(levels[level], level),
    check,
    `${subject}: ${message}`
  ])
  return sorted.length > maxChecks ? [...rows, ["", "", messages.more(sorted.length - maxChecks)]] : rows
}

/** The source was selected by name, or its file exists, but it has no credentials. */
const isIdle = ({ lookedAt, status }: Source, _: number, all: ReadonlyArray<Source>): boolean =>
  (status === "notConfigured" || status === "switchedOff") &&
  (all.length === 1 || lookedAt.some((place) => place.kind === "file" && place.exists))

const fixOf = ({ hint, reason, source, status }: Source): string =>
  status === "failed"
    ? `${source}: ${hint ?? `${reason}.`}`
    : `${source}: ${reason}.${status === "misconfigured" || hint === undefined ? "" : ` ${hint}`}`

/** The fixes, the most urgent first. */
const fixes = (diagnosis: Diagnosis): ReadonlyArray<string> => {
  const broken = diagnosis.sources.filter(isBroken).flatMap((source) => {
    const exact = diagnosis.checks.flatMap((check) =>
      check.toldBy === source.source && check.fix !== undefined ? [`${source.source}: ${check.fix}`] : []
    )
    return exact.length > 0 ? exact : [fixOf(source)]
  })
  const idle = diagnosis.resolved ? [] : diagnosis.sources.filter(isIdle).map(fixOf)
  const fromChecks = order.flatMap((level) =>
    diagnosis.checks.flatMap((check) =>
      check.level === level && check.fix !== undefined && !isToldBySource(diagnosis, check.toldBy) ? [check.fix] : []
    )
  )
  return [
    ...new Set([...broken, ...idle]),
    ...(diagnosis.resolved || broken.length + idle.length > 0 ? [] : [messages.configureSomething]),
    ...new Set(fromChecks)
  ]
}

const heading = (text: string): string => paint("bold", text)

/** The whole report for people. */
export const render = (diagnosis: Diagnosis, width: number, now: number): string => {
  const winner = diagnosis.sources.find(({ status }) => status === "won")
  const toFix = fixes(diagnosis)
  const title = diagnosis.identity === undefined
    ? paint("red", messages.unresolved)
    : paint("green", messages.resolvedBy(winner?.source ?? "", winner?.lookedAt ?? [], diagnosis.identity.type))
  const sections = [
    [title, ...(diagnosis.identity === undefined ? [] : [table(identityRows(diagnosis, now), width, 2)])],
    [heading(messages.sources), table(diagnosis.sources.map(sourceRow), width, 2)],
    [heading(messages.checks), table(checkRows(diagnosis), width, 2)],
    toFix.length === 0
      ? [paint("green", messages.nothingToFix)]
      : [heading(messages.whatToFix), table(toFix.map((fix, index) => [`${index + 1}.`, fix]), width, 2)]
  ]
  return sections.map((lines) => lines.join("\n")).join("\n\n")
}
