/**
 * The error of every bridge after it has been closed.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * A client used a credential after it, or the scope it was made in, had been closed.
 *
 * @since 0.1.0
 * @category errors
 */
export class CredentialsClosed
  extends Schema.TaggedError<CredentialsClosed>("@effect-alicloud/sdk/CredentialsClosed")("CredentialsClosed", {})
{
  override get message(): string {
    return "The credential has been closed. Close it after the last request of the clients that use it."
  }
}
