/** The checks of `doctor` for the profiles and logins in config.json. */
import { renderIssues } from "@effect-alicloud/credentials/CredentialsError"
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { ConfigFile, Entry } from "../../internal/configFile.ts"
import { lineageOf } from "../../internal/configFile.ts"
import { type Login, loginOf } from "../../internal/logins.ts"
import * as messages from "../../messages/doctor.ts"
import { misconfigured } from "../../messages/fixes.ts"
import type { Places } from "../places.ts"
import { isFile } from "../places.ts"
import type { Finding } from "./Finding.ts"

const source = "CliProfile"

interface View {
  readonly file: ConfigFile
  readonly path: string
  /** The names of the chosen profile and of those it builds on. */
  readonly inUse: ReadonlySet<string>
}

const subjectOf = ({ path }: View, { name }: Entry): string => messages.inFile(path, Text.label(name))

/** A mistake in a profile that is used is an error, which its source reports as well. */
const weight = ({ inUse }: View, name: string): Pick<Finding, "level" | "toldBy"> =>
  inUse.has(name) ? { level: "error", toldBy: source } : { level: "warning" }

const duplicates = (view: View): ReadonlyArray<Finding> =>
  view.file.duplicates.map(({ at, name }) => ({
    check: "profiles",
    level: "warning",
    subject: view.path,
    message: messages.duplicate(Text.label(name), at.length),
    fix: messages.renameProfile(view.path, Text.label(name))
  }))

const broken = (view: View): ReadonlyArray<Finding> =>
  view.file.entries.flatMap((entry): ReadonlyArray<Finding> => {
    const error = Option.getOrUndefined(Either.getLeft(entry.profile))
    return error === undefined ? [] : [{
      check: "profiles",
      ...weight(view, entry.name),
      subject: subjectOf(view, entry),
      message: renderIssues(error.issues),
      fix: misconfigured(error.location, error.issues)
    }]
  })

const lineages = (view: View): ReadonlyArray<Finding> => {
  const told = new Set<string>()
  return view.file.entries.flatMap((entry): ReadonlyArray<Finding> => {
    const { end, path } = lineageOf(view.file, entry.name)
    const last = path.at(-1) ?? entry.name
    if (end === "missing" && path.length === 2) {
      return [{
        check: "profiles",
        ...weight(view, entry.name),
        subject: subjectOf(view, entry),
        message: messages.missingSource(Text.label(last)),
        fix: messages.correctSource(view.path, Text.label(entry.name), Text.label(last))
      }]
    }
    if (end === "cycle" && last === entry.name && !told.has(last)) {
      path.forEach((name) => told.add(name))
      return [{
        check: "profiles",
        ...weight(view, entry.name),
        subject: subjectOf(view, entry),
        message: messages.cycle(path.map(Text.label)),
        fix: messages.breakCycle(view.path, Text.label(entry.name))
      }]
    }
    return []
  })
}

/** A login that ends sooner is worth a word. */
const soonSeconds = 3600

/** A stored session with less time left is not used. */
const reusableSeconds = 900

const loginFinding = (view: View, entry: Entry, { end, mode, session = 0 }: Login, now: number): Finding => {
  const about = { check: "login", subject: subjectOf(view, entry) } as const
  const wrong = { ...about, fix: messages.logIn(mode, entry.name) }
  if (end === "refreshes" || end === "unknown") {
    return { ...about, level: "ok", message: messages.loginRefreshes }
  }
  if (end === "none") {
    return { ...wrong, ...weight(view, entry.name), message: messages.noLogin }
  }
  if (end > now) {
    return end - now > soonSeconds
      ? { ...about, level: "ok", message: messages.loginFine(end * 1000, (end - now) * 1000) }
      : { ...wrong, level: "warning", message: messages.loginEnds(end * 1000, (end - now) * 1000) }
  }
  const left = session - now - reusableSeconds
  const message = messages.loginEnded(end * 1000, (now - end) * 1000)
  return left > 0
    ? { ...wrong, level: "warning", message: message + messages.sessionLeft(left * 1000) }
    : { ...wrong, ...weight(view, entry.name), message }
}

/** Everything that can be said about the profiles of config.json, the chosen one and the others. */
export const check: (file: ConfigFile, places: Places) => Effect.Effect<ReadonlyArray<Finding>> = Effect.fnUntraced(
  function*(file, places) {
    if (file.path === undefined || file.entries.length === 0) {
      return []
    }
    const now = Math.floor((yield* Clock.currentTimeMillis) / 1000)
    const view: View = {
      file,
      path: Text.path(file.path),
      inUse: new Set((places.get(source) ?? []).flatMap((place) => isFile(place) ? place.profile ?? [] : []))
    }
    const wrong = [...duplicates(view), ...broken(view), ...lineages(view)]
    const logins = file.entries.flatMap((entry) => {
      const login = loginOf(entry)
      return login === undefined ? [] : [loginFinding(view, entry, login, now)]
    })
    return wrong.length > 0 ? [...wrong, ...logins] : [
      { check: "profiles", level: "ok", subject: view.path, message: messages.profilesFine(file.entries.length) },
      ...logins
    ]
  }
)
