/** Log lines, for all commands: sentences for people, in the text's own colour, on the standard error. */
import type { SourceError } from "@effect-alicloud/credentials/CredentialsError"
import { isAbsent } from "@effect-alicloud/credentials/CredentialsError"
import type * as Source from "@effect-alicloud/credentials/Source"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HashMap from "effect/HashMap"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as messages from "../messages/log.ts"
import { paint } from "./screen.ts"

/** Why a source failed, and its profile, if it has some. */
export interface Failure {
  readonly error: SourceError
  readonly profile: string | undefined
}

/** The latest failure of each source, by its name. `Cli.ts` makes them for each run. */
export class Failures extends Context.Reference<Failures>()("@effect-alicloud/cli/Failures", {
  defaultValue: () => new Map<string, Failure>()
}) {}

/** A source whose errors the log can explain. */
export const remembered = (
  source: Source.Source,
  failures: Map<string, Failure>,
  profile: Effect.Effect<string | undefined>
): Source.Source => ({
  ...source,
  get: Effect.tapError(source.get, (error) =>
    error._tag === "NoCredentials" || isAbsent(error)
      ? Effect.void
      : Effect.map(profile, (profile) => failures.set(source.name, { error, profile })))
})

/** The library's line about a source that was passed over, which annotates the source that is used instead. */
const passedOver = (
  annotations: HashMap.HashMap<string, unknown>,
  failures: ReadonlyMap<string, Failure>
): string | undefined => {
  const [source, winner] = ["source", "winner"].map((name) => Option.getOrUndefined(HashMap.get(annotations, name)))
  const failure = failures.get(String(source))
  return typeof winner === "string" && failure !== undefined
    ? messages.passedOver(failure.error, failure.profile, winner)
    : undefined
}

const colours = { WARN: "yellow", ERROR: "red", FATAL: "red" } as const

const labels: Readonly<Record<string, string>> = { WARN: "warning" }

/** The lines of what runs for long are `dated`. */
export const logger = (failures: ReadonlyMap<string, Failure>, dated: boolean): Logger.Logger<unknown, void> =>
  Logger.withConsoleError(Logger.make(({ annotations, date, logLevel: { label }, message }) => {
    const level = `${labels[label] ?? label.toLowerCase()}:`
    const time = dated ? `${paint("gray", Rfc3339.format(date.getTime()))} ` : ""
    const heading = time +
      (Object.hasOwn(colours, label) ? paint(colours[label as keyof typeof colours], level) : level)
    const text = passedOver(annotations, failures)
    return text === undefined
      ? [
        `${heading} ${Array.isArray(message) ? message.join(" ") : String(message)}`,
        ...Array.from(annotations, ([key, value]) => `  ${key}: ${String(value)}`)
      ].join("\n")
      : `${heading} ${text}`
  }))
