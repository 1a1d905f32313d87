/** The `use` command: makes a profile of config.json the current one. */
import { renderIssues } from "@effect-alicloud/credentials/CredentialsError"
import * as CliConfigFile from "@effect-alicloud/credentials/unstable/CliConfigFile"
import * as CurrentProfile from "@effect-alicloud/credentials/unstable/CurrentProfile"
import { meant } from "@effect-alicloud/credentials/unstable/Nearest"
import * as TextFile from "@effect-alicloud/credentials/unstable/TextFile"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import { Refused } from "../internal/failure.ts"
import * as messages from "../messages/profiles.ts"

export const run = Effect.fnUntraced(function*({ profile }: { readonly profile: string }) {
  const file = yield* CliConfigFile.open("CliProfile", undefined, yield* TextFile.reader)
  const entry = CliConfigFile.byName(file.entries, profile)
  if (entry === undefined) {
    const names = [...new Set(file.entries.map(({ name }) => name))]
    return yield* new Refused({ message: messages.noProfile(profile, file.path, meant(names, profile), names) })
  }
  if (file.current === entry.name) {
    yield* Console.log(messages.alreadyCurrent(entry.name))
  } else {
    yield* Effect.mapError(
      CurrentProfile.set(file.path, entry.name),
      (issue) => new Refused({ message: messages.notWritten(file.path, issue) })
    )
    yield* Console.log(messages.current(entry.name))
  }
  const found = yield* Effect.either(file.profile(entry.name))
  if (Either.isLeft(found)) {
    yield* Console.error(messages.broken(entry.name, renderIssues(found.left.issues)))
  }
  const override = yield* CurrentProfile.override
  if (override !== undefined && override.profileName !== entry.name) {
    yield* Console.error(messages.overridden(override))
  }
  return 0
})
