/**
 * What a lookup may know of the session that it is to refresh. The session sets these; requests, shared logins
 * and shared sessions read them.
 */
import * as Context from "effect/Context"
import type { Credentials } from "../../Credentials.ts"
import { defaultPolicy } from "../../RefreshPolicy.ts"
import { earlyWindow } from "./windows.ts"

/**
 * How often in a row the session that is being refreshed has failed to. Requests made for it are retried only while
 * this is 0; after that the session's own hold-off paces them.
 */
export class PreviousFailures
  extends Context.Reference<PreviousFailures>()("@effect-alicloud/credentials/internal/PreviousFailures", {
    defaultValue: (): number => 0
  })
{}

/** The credentials that the refresh is to replace. A stored session that is these is not an answer. */
export class Replaced extends Context.Reference<Replaced>()("@effect-alicloud/credentials/internal/Replaced", {
  defaultValue: (): Credentials | undefined => undefined
}) {}

/** How long before its end a session of that lifetime is refreshed, in milliseconds: the refreshed session's policy. */
export class EarlyWindow extends Context.Reference<EarlyWindow>()("@effect-alicloud/credentials/internal/EarlyWindow", {
  defaultValue: () => (lifetime: number): number => earlyWindow(defaultPolicy, lifetime)
}) {}
