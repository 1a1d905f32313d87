/**
 * The session of a role as services answer it: an id, a secret, a token and an expiration. Used by every source that
 * gets a session, and by the fake cloud and the command line tool, which hand sessions out.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import type * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { SourceFailed } from "../CredentialsError.ts"
import * as secretJson from "../internal/secrecy/secretJson.ts"
import { malformed } from "../internal/source/exchange.ts"
import * as Rfc3339 from "./Rfc3339.ts"
import * as Text from "./Text.ts"
import type { Answer } from "./Transport.ts"

/**
 * A session of the Security Token Service. Without an expiration it is not known when it ends.
 *
 * @since 0.1.0
 * @category models
 */
export interface StsSession {
  readonly accessKeyId: string
  readonly accessKeySecret: Redacted.Redacted
  readonly securityToken: Redacted.Redacted
  readonly expiration?: DateTime.Utc | undefined
}

const Secret = Schema.Redacted(Schema.NonEmptyString)

const fields = {
  accessKeyId: Schema.propertySignature(Schema.NonEmptyString),
  accessKeySecret: Schema.propertySignature(Secret),
  securityToken: Schema.propertySignature(Secret),
  expiration: Schema.optional(Rfc3339.Rfc3339)
}

/**
 * A session whose fields are spelt `accessKeyId` and so on.
 *
 * @since 0.1.0
 * @category schemas
 */
export const CamelCase = Schema.Struct(fields)

/**
 * A session whose fields are spelt `AccessKeyId` and so on.
 *
 * @since 0.1.0
 * @category schemas
 */
export const PascalCase = Schema.Struct({
  accessKeyId: Schema.fromKey(fields.accessKeyId, "AccessKeyId"),
  accessKeySecret: Schema.fromKey(fields.accessKeySecret, "AccessKeySecret"),
  securityToken: Schema.fromKey(fields.securityToken, "SecurityToken"),
  expiration: Schema.fromKey(fields.expiration, "Expiration")
})

const decodeCode = secretJson.decode(Schema.Struct({ Code: Schema.String, RequestId: Schema.optional(Schema.Unknown) }))

const decodeSession = secretJson.decode(PascalCase)

/**
 * Reads the document of the metadata service and of a credentials URI. `Code` must be `Success`.
 *
 * @since 0.1.0
 * @category decoding
 */
export const read = Effect.fnUntraced(function*(source: string, document: string, answer: Answer) {
  const json = yield* secretJson.parse(answer.text)
  const { Code: code, RequestId: requestId } = yield* decodeCode(json)
  if (code !== "Success") {
    return yield* new SourceFailed({
      source,
      reason: "Denied",
      detail: `${document} says that it has no credentials`,
      status: answer.status,
      code: Text.code(code),
      requestId: Text.requestId(requestId),
      retryable: true
    })
  }
  return yield* decodeSession(json)
}, (effect, source, document, answer) =>
  Effect.mapError(effect, (error) =>
    error instanceof SourceFailed
      ? error
      : malformed({ source, status: answer.status, detail: `${document} is not usable: ${error.join("; ")}` })))

/**
 * The document of the metadata service and of a credentials URI.
 *
 * @since 0.1.0
 * @category encoding
 */
export const write = (
  session: StsSession & { readonly expiration: DateTime.Utc }
): Readonly<Record<string, string>> => ({
  Code: "Success",
  AccessKeyId: session.accessKeyId,
  AccessKeySecret: Redacted.value(session.accessKeySecret),
  SecurityToken: Redacted.value(session.securityToken),
  Expiration: Rfc3339.format(session.expiration)
})
