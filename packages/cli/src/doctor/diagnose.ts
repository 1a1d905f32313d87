/** Combines the resolution and all checks into one report, for the `doctor` command. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import { expirationOf } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as configFile from "../internal/configFile.ts"
import * as environment from "../internal/environment.ts"
import type { BadUsage } from "../internal/failure.ts"
import type { Machine } from "../internal/machine.ts"
import { step } from "../internal/progress.ts"
import type * as selection from "../internal/selection.ts"
import { Sources } from "../internal/sources.ts"
import * as messages from "../messages/doctor.ts"
import * as cache from "./checks/cache.ts"
import type { Finding } from "./checks/Finding.ts"
import * as identity from "./checks/identity.ts"
import * as network from "./checks/network.ts"
import * as permissions from "./checks/permissions.ts"
import * as profiles from "./checks/profiles.ts"
import * as role from "./checks/role.ts"
import * as shadowed from "./checks/shadowed.ts"
import * as variables from "./checks/variables.ts"
import * as fixes from "./fixes.ts"
import * as places from "./places.ts"
import type { Identity, Report, Source } from "./Report.ts"
import type { Warning } from "./resolve.ts"
import { resolve } from "./resolve.ts"
import * as sources from "./sources.ts"

/** A report whose checks name the source that reports the same. */
export type Diagnosis = fixes.Found & Pick<Report, "fixes">

const identityOf = (credentials: Credentials): Omit<Identity, "verdict"> => {
  const end = Option.getOrUndefined(Option.map(expirationOf(credentials), Rfc3339.format))
  return {
    type: credentials.type,
    providerName: credentials.providerName,
    ...("accessKeyId" in credentials ? { accessKeyId: credentials.accessKeyId } : {}),
    ...(end === undefined ? {} : { expiration: end })
  }
}

const unstored = ({ error, place }: Warning): Finding => ({
  check: "login",
  level: "warning",
  subject: place,
  message: messages.notStored(error),
  fix: messages.makeWritable(place)
})

/** The variable that switches the source off, if one does. */
const switchOf = (source: string): Effect.Effect<string | undefined> =>
  Effect.flatMap(Sources, (sources) =>
    Effect.map(
      Effect.filter(sources.find(({ name }) => name === source)?.switches ?? [], environment.isTrue),
      ([first]) => first
    ))

/** Says of sources that were not tried that they are switched off, where they are. */
const withSwitches: (described: ReadonlyArray<Source>) => Effect.Effect<ReadonlyArray<Source>> = Effect.forEach((
  source
) =>
  source.status !== "notAsked"
    ? Effect.succeed(source)
    : Effect.map(
      switchOf(source.source),
      (variable) => variable === undefined ? source : { ...source, reason: messages.switchedOffBy(variable) }
    )
)

/** Probes the metadata service only if its source has not called it and is not switched off. */
const metadata = Effect.fnUntraced(function*(described: ReadonlyArray<Source>) {
  const unasked = described.some(({ source, status }) => source === "EcsRamRole" && status === "notAsked")
  return unasked && (yield* switchOf("EcsRamRole")) === undefined ? [yield* network.imds] : []
})

/**
 * Resolves once, as every other command does, assumes the role on top, and looks at everything around it. Nothing is written but what the
 * resolution itself writes.
 */
export const diagnose: (selected: selection.Selection) => Effect.Effect<
  Diagnosis,
  InvalidConfig | BadUsage,
  DefaultChain.Requirements | Machine | Scope.Scope
> = Effect.fnUntraced(function*(selected) {
  const sts = yield* Effect.fork(network.sts)
  // Before the resolution, which may refresh a login that is stored in the file.
  const config = yield* configFile.read
  const [resolution, clock] = yield* network.watchClock(resolve({ ...selected, role: Option.none() }))
  const found = yield* places.of(resolution.sources.map(({ source }) => source), selected.profile)
  const described = yield* withSwitches(sources.describe(resolution, found))
  const winner = described.find(({ status }) => status === "won")
  const { credentials } = resolution
  const [reached, ...findings] = yield* step(
    messages.checkingClock,
    Effect.all([
      Effect.map(Fiber.join(sts), (findings) => network.withClock(findings, clock)),
      metadata(described),
      permissions.check(config, found),
      cache.check,
      found.has("CliProfile") && (yield* switchOf("CliProfile")) === undefined
        ? profiles.check(config, found)
        : Effect.succeed([]),
      shadowed.check(described),
      variables.halfSet,
      variables.unused,
      variables.quoted,
      variables.ofOtherTools,
      variables.misspelt
    ], { concurrency: "unbounded" })
  )
  const isReachable = reached.some(({ check, level }) => check === "sts" && level === "ok")
  const own = credentials === undefined || winner === undefined ? undefined : { credentials, winner }
  const assumed = own === undefined || Option.isNone(selected.role)
    ? undefined
    : yield* role.check(selected.role.value, own, isReachable)
  const used = assumed === undefined ? credentials : assumed.credentials
  const checked = used === undefined || winner === undefined
    ? undefined
    : yield* identity.check(used, winner, isReachable)
  const diagnosis: fixes.Found = {
    resolved: credentials !== undefined,
    ...(used === undefined || checked === undefined
      ? {}
      : { identity: { ...identityOf(used), ...checked.identity } }),
    sources: described,
    checks: [
      ...(checked === undefined ? [] : [checked.finding]),
      ...(assumed === undefined ? [] : [assumed.finding]),
      ...reached,
      ...findings.flat(),
      ...resolution.warnings.map(unstored)
    ]
  }
  return { ...diagnosis, resolved: used !== undefined, fixes: fixes.of(diagnosis) }
})
