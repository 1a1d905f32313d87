/**
 * The error of a call of an official client, as `use` of the bridges fails with it.
 *
 * @module
 * @since 0.1.0
 */
import * as Text from "@effect-alicloud/credentials/unstable/Text"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { isRejected } from "./Rejection.ts"

/**
 * A call of an official client failed, for another reason than missing credentials.
 *
 * @since 0.1.0
 * @category errors
 */
export class ClientError extends Schema.TaggedError<ClientError>("@effect-alicloud/sdk/ClientError")("ClientError", {
  /** The action as it was given to `use`. */
  action: Schema.optional(Schema.String),
  /** The code of the service (`Throttling.User`) or of the system (`ECONNREFUSED`), as far as there is one. */
  code: Schema.optional(Schema.String),
  /** The HTTP status. */
  status: Schema.optional(Schema.Int),
  /** The service's request id, for support tickets. */
  requestId: Schema.optional(Schema.String),
  /** Whether the service rejected the credentials, also on the second attempt. */
  isRejected: Schema.Boolean,
  /**
   * The error of the client itself, with the message of the service. It is redacted, because it may quote URLs and signed
   * text with a security token.
   */
  original: Schema.RedactedFromSelf(Schema.Unknown)
}) {
  override get message(): string {
    return `${this.action ?? "The call"} failed${Text.answerFacts(this)}.`
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const firstOf = <A>(values: ReadonlyArray<unknown>, read: (value: unknown) => A | undefined): A | undefined =>
  values.map(read).find((value) => value !== undefined)

const status = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isInteger(value) && value >= 100 && value < 600 ? value : undefined

/**
 * Reads code, status and request id where the official clients have them.
 *
 * @example
 * ```ts
 * import { ClientError } from "@effect-alicloud/sdk"
 *
 * const error = ClientError.fromUnknown({ code: "Throttling.User", statusCode: 400 }, "DescribeRegions")
 *
 * console.log(error.message) // DescribeRegions failed (HTTP 400, code Throttling.User).
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromUnknown = (error: unknown, action?: string): ClientError => {
  const own = isObject(error) ? error : {}
  const data = isObject(own["data"]) ? own["data"] : {}
  return new ClientError({
    action,
    code: firstOf([own["code"], data["Code"], own["name"]], Text.code),
    status: firstOf([own["statusCode"], own["status"], data["statusCode"]], status),
    requestId: firstOf([own["requestId"], own["requestid"], data["RequestId"]], Text.requestId),
    isRejected: isRejected(error),
    original: Redacted.make(error)
  })
}
