/** The schema of a client's options. Used by `OpenApi`. */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import { atOptions, invalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as SecretJson from "@effect-alicloud/credentials/SecretJson"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as ParseResult from "effect/ParseResult"
import * as Schema from "effect/Schema"

const Text = Schema.String.pipe(
  Schema.filter((text) => text.trim() !== "", { identifier: "Text", description: "a non-empty string" })
)

const DurationInput: Schema.Schema<Duration.DurationInput> = Schema.declare(
  (input: unknown): input is Duration.DurationInput =>
    Option.match(Duration.decodeUnknown(input), {
      onNone: () => false,
      onSome: (duration) => Duration.isFinite(duration) && Duration.toMillis(duration) > 0
    }),
  { identifier: "DurationInput", description: "a duration longer than zero" }
)

const Count = Schema.Number.pipe(
  Schema.filter((number) => Number.isInteger(number) && number >= 0, {
    identifier: "Count",
    description: "a whole number, 0 or more"
  })
)

const Options = Schema.Struct({
  endpoint: Schema.optional(Text),
  product: Schema.optional(Text),
  regionId: Schema.optional(Text),
  version: Text,
  signature: Schema.optional(Schema.Literal("ACS3-HMAC-SHA256", "HMAC-SHA1")),
  timeout: Schema.optional(DurationInput),
  connectTimeout: Schema.optional(DurationInput),
  deadline: Schema.optional(DurationInput),
  retries: Schema.optional(Count)
}).annotations({ identifier: "OpenApi.Options" })

const check = ParseResult.validateEither(Options, { errors: "all", onExcessProperty: "error" })

/** Checks the options of a user. Unknown options are errors. */
export const validate = (input: unknown): Effect.Effect<typeof Options.Type, InvalidConfig> =>
  Effect.mapError(
    check(input),
    (issue) => invalidConfig("OpenApi", atOptions(), ...SecretJson.describe(issue, "they"))
  )
