/** The `logout` command: removes a login from config.json, and the sessions that commands keep. */
import * as FileSessionStore from "@effect-alicloud/credentials/FileSessionStore"
import * as LoginProfile from "@effect-alicloud/credentials/unstable/LoginProfile"
import * as Console from "effect/Console"
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import { Refused } from "../internal/failure.ts"
import * as loginFile from "../internal/loginFile.ts"
import * as messages from "../messages/login.ts"

export const run = Effect.fnUntraced(function*({ profile }: { readonly profile: Option.Option<string> }) {
  const { entry, path, profileName } = yield* loginFile.open(profile)
  if (entry === undefined) {
    return yield* new Refused({ message: messages.noProfile(profileName, path) })
  }
  if (entry.mode !== "OAuth" && entry.mode !== "CloudSSO") {
    return yield* new Refused({ message: messages.noLogin(profileName, loginFile.shownMode(entry)) })
  }
  yield* Effect.mapError(
    LoginProfile.clear(path, profileName),
    (issue) => new Refused({ message: messages.notWritten(path, issue) })
  )
  yield* Console.log(messages.loggedOut(profileName, yield* FileSessionStore.clear()))
  return 0
})
