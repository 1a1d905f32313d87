import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"

/** The name of sessions that nobody named. */
export class DefaultSessionName
  extends Context.Reference<DefaultSessionName>()("@effect-alicloud/credentials/internal/DefaultSessionName", {
    defaultValue: (): Effect.Effect<string> =>
      Effect.map(Clock.currentTimeMillis, (millis) => `effect-alicloud-${millis}`)
  })
{}

/** Makes the default name. Once per source, so that a source's sessions share it. */
export const make: Effect.Effect<string> = Effect.flatten(DefaultSessionName)
