import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { SourceFailed } from "../CredentialsError.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import { malformed } from "../internal/source/exchange.ts"
import { Rfc3339 } from "./Rfc3339.ts"
import * as Text from "./Text.ts"
import type { Answer } from "./Transport.ts"

export interface Session {
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
  readonly securityToken: Redacted.Redacted
  readonly expiration: DateTime.Utc | undefined
}

const Secret = Schema.Redacted(Schema.NonEmptyString)

const decodeCode = secretJson.decode(Schema.Struct({ Code: Schema.String }))

const decodeSession = secretJson.decode(Schema.Struct({
  AccessKeyId: Schema.NonEmptyString,
  AccessKeySecret: Secret,
  SecurityToken: Secret,
  Expiration: Schema.optional(Rfc3339)
}))

/** The five-field document of the metadata service and of a credentials URI. `Code` must be `Success`. */
export const read = (source: string, document: string, answer: Answer): Effect.Effect<Session, SourceFailed> =>
  Effect.gen(function*() {
    const json = yield* secretJson.parse(answer.text)
    const { Code: code } = yield* decodeCode(json)
    if (code !== "Success") {
      return yield* new SourceFailed({
        source,
        reason: "Denied",
        detail: `${document} says that it has no credentials`,
        status: answer.status,
        code: Text.code(code),
        retryable: true
      })
    }
    const session = yield* decodeSession(json)
    return {
      accessKeyId: session.AccessKeyId,
      accessKeySecret: session.AccessKeySecret,
      securityToken: session.SecurityToken,
      expiration: session.Expiration
    }
  }).pipe(
    Effect.mapError((error) =>
      error instanceof SourceFailed
        ? error
        : malformed({ source, status: answer.status, detail: `${document} is not usable: ${error.join("; ")}` })
    )
  )
