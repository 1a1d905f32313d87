/**
 * What the bridges answer once they have been closed.
 *
 * @module
 * @since 0.1.0
 */
import * as Schema from "effect/Schema"

/**
 * The credential was closed, or the scope it was made in has ended; a client went on using it.
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
