/** What the sources that call the Security Token Service do with their options. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { InvalidConfig } from "../../CredentialsError.ts"
import type { SessionOptions } from "../../Sts.ts"
import type * as env from "../environment/env.ts"
import * as sessionName from "../environment/sessionName.ts"
import { httpFields, NonEmptyText } from "./options.ts"

/** The schema fields of `Options`. */
export const optionFields = {
  stsEndpoint: Schema.optional(NonEmptyText),
  stsRegionId: Schema.optional(NonEmptyText),
  enableVpc: Schema.optional(Schema.Boolean),
  ...httpFields
}

/** A session's lifetime: whole seconds, at least 900. */
export const SessionExpiration = Schema.Number.pipe(
  Schema.filter((seconds) => Number.isInteger(seconds) && seconds >= 900, {
    identifier: "SessionExpiration",
    description: "at least 900 and a whole number of seconds"
  })
)

/** The schema fields of `SessionOptions`. */
export const sessionFields = {
  policy: Schema.optional(NonEmptyText),
  roleSessionExpiration: Schema.optional(SessionExpiration),
  roleSessionName: Schema.optional(NonEmptyText)
}

/** How a source's sessions are named: as its option says, else `ALIBABA_CLOUD_ROLE_SESSION_NAME`, else by default. */
export const roleSessionName = (
  options: SessionOptions,
  environment: env.Env
): Effect.Effect<{
  readonly roleSessionName: string | undefined
  readonly defaultSessionName: string
}, InvalidConfig> =>
  Effect.gen(function*() {
    const given = options.roleSessionName ?? (yield* environment.identity(sessionName.variable))
    return { roleSessionName: given, defaultSessionName: yield* sessionName.make }
  })
