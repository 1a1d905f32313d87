/** The `profiles` command: lists the profiles of config.json, without network and without secrets. */
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import { renderIssues } from "@effect-alicloud/credentials/CredentialsError"
import * as CliConfigFile from "@effect-alicloud/credentials/unstable/CliConfigFile"
import type { Profile } from "@effect-alicloud/credentials/unstable/CliConfigProfile"
import * as CurrentProfile from "@effect-alicloud/credentials/unstable/CurrentProfile"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Clock from "effect/Clock"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Option from "effect/Option"
import type { ConfigFile, Entry } from "../internal/configFile.ts"
import * as configFile from "../internal/configFile.ts"
import * as environment from "../internal/environment.ts"
import { loginOf } from "../internal/logins.ts"
import * as screen from "../internal/screen.ts"
import { Sources } from "../internal/sources.ts"
import { list } from "../internal/table.ts"
import * as messages from "../messages/profiles.ts"

/** A profile as it is listed. */
export interface Listed {
  readonly name: string
  readonly mode: string | undefined
  readonly current: boolean
  readonly region: string | undefined
  /** The ARN of a role, the name of an instance's role, or the access configuration of CloudSSO. */
  readonly role: string | undefined
  readonly account: string | undefined
  readonly sourceProfile: string | undefined
  readonly login: {
    readonly status: "valid" | "expired" | "missing"
    /** When it ends, or ended; there is none for one that is refreshed as needed. */
    readonly until: string | undefined
  } | undefined
  /** Why the profile cannot be used. */
  readonly problem: string | undefined
}

const roleOf = (profile: Profile): Partial<Pick<Listed, "role" | "account" | "sourceProfile">> => {
  switch (profile.mode) {
    case "RamRoleArn":
    case "OIDC":
    case "RamRoleArnWithRoleName":
      return { role: profile.ram_role_arn }
    case "ChainableRamRoleArn":
      return { role: profile.ram_role_arn, sourceProfile: profile.source_profile }
    case "EcsRamRole":
      return { role: profile.ram_role_name }
    case "CloudSSO":
      return { role: profile.cloud_sso_access_config, account: profile.cloud_sso_account_id }
    default:
      return {}
  }
}

const statusOf = (entry: Entry, now: number): Listed["login"] => {
  const login = loginOf(entry)
  if (login === undefined) {
    return undefined
  }
  switch (login.end) {
    case "none":
      return { status: "missing", until: undefined }
    case "unknown":
    case "refreshes":
      return { status: "valid", until: undefined }
    default:
      return { status: login.end > now / 1000 ? "valid" : "expired", until: Rfc3339.format(login.end * 1000) }
  }
}

/** What a mode looks like; anything else in its place may be a secret that was put there by mistake. */
const word = (text: string | undefined): string | undefined => /^[\w-]{1,32}$/.test(text ?? "") ? text : undefined

/** The problem of `source_profile`: a profile that does not exist, or a circle. */
const lineageProblem = (file: ConfigFile, entry: Entry): string | undefined => {
  const { end, path } = configFile.lineageOf(file, entry.name)
  return end === "source" ? undefined : messages.lineage(end, path)
}

/** The profile that is used when nothing else names one. */
const currentOf = (file: ConfigFile): Entry | undefined => CliConfigFile.byName(file.entries, file.current ?? "default")

const listed = (file: ConfigFile, now: number): ReadonlyArray<Listed> =>
  file.entries.map((entry) => {
    const profile = configFile.profileOf(entry)
    const { account, role, sourceProfile } = profile === undefined ? {} : roleOf(profile)
    return {
      name: entry.name,
      mode: word(entry.mode),
      current: entry === currentOf(file),
      region: entry.region,
      role,
      account,
      sourceProfile,
      login: statusOf(entry, now),
      problem: Either.isLeft(entry.profile) ? renderIssues(entry.profile.left.issues) : lineageProblem(file, entry)
    }
  })

/** No file at its usual place means that there are no profiles; anything else that is wrong with it is a failure. */
const checked = (file: ConfigFile): Effect.Effect<ConfigFile, CredentialsError> =>
  file.problem === undefined || file.problem._tag === "SourceUnavailable" ? Effect.succeed(file) : file.problem

/** The switch that turns all profiles off, if it is set. */
const offBy = Effect.flatMap(
  Sources,
  (sources) => Effect.findFirst(sources.find(({ name }) => name === "CliProfile")?.switches ?? [], environment.isTrue)
)

const print = Effect.fnUntraced(function*(file: ConfigFile) {
  const override = yield* CurrentProfile.override
  const notes = [
    ...messages.notes(file, currentOf(file)?.name, override),
    ...Option.toArray(Option.map(yield* offBy, messages.switchedOff))
  ]
  if (notes.length > 0) {
    yield* Console.error(notes.join("\n"))
  }
  if (file.entries.length > 0) {
    const now = yield* Clock.currentTimeMillis
    const rows = listed(file, now).map((profile) => messages.row(profile, now))
    yield* Console.log(list(messages.headings, rows, yield* screen.width))
  }
})

export const run = Effect.fnUntraced(function*({ format }: { readonly format: "table" | "json" }) {
  const file = yield* Effect.flatMap(configFile.read, checked)
  yield* format === "json"
    ? screen.write(JSON.stringify(
      { file: file.path, current: currentOf(file)?.name, profiles: listed(file, yield* Clock.currentTimeMillis) },
      null,
      2
    ))
    : print(file)
  return 0
})
