/** The role session name where options name none, for `RamRoleArn`, `OidcRoleArn` and the profiles that use them. */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** The variable that names sessions whose options do not. */
export const variable = "ALIBABA_CLOUD_ROLE_SESSION_NAME"

/** The name of sessions that neither an option nor the variable names. */
export class DefaultSessionName
  extends Context.Reference<DefaultSessionName>()("@effect-alicloud/credentials/internal/DefaultSessionName", {
    defaultValue: (): Effect.Effect<string> =>
      Effect.map(Clock.currentTimeMillis, (millis) => `effect-alicloud-${millis}`)
  })
{}

/** Makes the default name. Once per source, so that a source's sessions share it. */
export const make: Effect.Effect<string> = Effect.flatten(DefaultSessionName)
