/**
 * APIs of your own in the fake cloud: the functions in `actions` of a world.
 *
 * @module
 * @since 0.1.0
 */
import * as Data from "effect/Data"
import type * as Effect from "effect/Effect"
import type { JournalEntry } from "./FakeAlicloud.ts"

/**
 * An error response of an API, in the service's words.
 *
 * @since 0.1.0
 * @category errors
 */
export class ApiError extends Data.TaggedError("ApiError")<{
  /** The HTTP status. */
  readonly status: number
  /** The code that programs look at, for example `Forbidden.RAM`. */
  readonly code: string
  readonly message: string
}> {}

/**
 * Who signed a call, as `GetCallerIdentity` would say.
 *
 * @since 0.1.0
 * @category models
 */
export interface Caller {
  readonly type: "Account" | "RAMUser" | "AssumedRoleUser"
  readonly accountId: string
  /** For a session of a role `acs:ram::<account>:assumed-role/<role>/<session name>`. */
  readonly arn: string
  readonly userId: string
  /** The AccessKey ID of the credentials, absent for a bearer token. */
  readonly accessKeyId: string | undefined
  /** The role, where a session of one signed the call. */
  readonly roleArn?: string | undefined
  /** The name of the session. */
  readonly sessionName?: string | undefined
}

/**
 * A call whose signature is right.
 *
 * @since 0.1.0
 * @category models
 */
export interface Call {
  /** As in the keys of `actions`, for example `Vpc.DescribeVpcs`. */
  readonly name: string
  /** The version of the API that the client named. */
  readonly version: string
  readonly caller: Caller
  /** Those of query and form as they were sent, such as `Tag.1.Key`, without those of the signature. */
  readonly parameters: Readonly<Record<string, string>>
  /** The host, which names the region for most products. */
  readonly host: string
  readonly method: string
  /** `/` in RPC style. */
  readonly path: string
  /** Text, JSON in ROA style; empty when there is none. */
  readonly body: string
  /** Every request to the fake cloud so far, this one included. */
  readonly journal: ReadonlyArray<JournalEntry>
}

/**
 * An API of your own: the fields of its response, an error, or an effect of these. In RPC style `RequestId` is added. A
 * function that throws, and an effect that dies, become status 500 with the code `InternalError`, a message that names the
 * cause, an error in the log, and `problem` in the journal.
 *
 * @example
 * ```ts
 * import { Action } from "@effect-alicloud/testing"
 *
 * const describeVpcs: Action.Action = ({ caller, parameters }) =>
 *   parameters["RegionId"] === undefined
 *     ? new Action.ApiError({ status: 400, code: "MissingParameter", message: "RegionId is missing." })
 *     : { TotalCount: 1, Vpcs: { Vpc: [{ VpcId: `vpc-of-${caller.accountId}` }] } }
 * ```
 *
 * @since 0.1.0
 * @category models
 */
export type Action = (call: Call) => object | ApiError | Effect.Effect<object, ApiError>
