/**
 * The options of `createCredential`: where credentials come from, and what is done with them.
 *
 * @module
 * @since 0.1.0
 */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type * as FileSessionStore from "@effect-alicloud/credentials/FileSessionStore"
import type * as FromConfig from "@effect-alicloud/credentials/FromConfig"
import type * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import type * as RefreshPolicy from "@effect-alicloud/credentials/RefreshPolicy"
import type { SessionStore } from "@effect-alicloud/credentials/SessionStore"
import type * as Source from "@effect-alicloud/credentials/Source"
import type * as Layer from "effect/Layer"

/**
 * A profile of the aliyun CLI's `config.json`.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface ProfileOptions {
  readonly profile: string
}

/**
 * A function, and its name in errors and reports.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface FunctionOptions {
  /**
   * Gets the credentials, as for `Source.fromPromise`. It is called when there are none and before they expire, once for any
   * number of readers.
   */
  readonly get: Source.GetKeys
  /** The name of the source. Default `get`. */
  readonly name?: string | undefined
}

/**
 * One source of a list: the name of a source of the default chain (`Environment`, `EcsRamRole`, …), the options of the
 * official `Config`, a profile, or a function.
 *
 * @since 0.1.0
 * @category configuration
 */
export type SourceOptions = string | FromConfig.Config | ProfileOptions | FunctionOptions

/**
 * The options of `createCredential`: those of the official `Config`, or one of `profile`, `get` and `sources`. Without
 * any of them it is the default chain.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface CredentialOptions extends FromConfig.Config, Partial<ProfileOptions>, Partial<FunctionOptions> {
  /** Sources that are tried in this order. */
  readonly sources?: ReadonlyArray<SourceOptions> | undefined
  /**
   * For the default chain and `sources`: whether a source that is configured but broken is an error, so that a program
   * never runs as another identity. Default false: the next source is tried.
   */
  readonly strict?: boolean | undefined
  /** A role that is assumed with the credentials that were found. */
  readonly role?: RamRoleArn.Config | undefined
  /** When sessions are refreshed, and what happens when that fails. Times are milliseconds, or text: `"10 minutes"`. */
  readonly refresh?: RefreshPolicy.Options | undefined
  /**
   * Shares the sessions of roles with other processes: `true` for the files of the command line tool, `{ directory }` for
   * files elsewhere, or a layer such as `RedisSessionStore.layer({ url, secret })` of `@effect-alicloud/redis`. Default:
   * each process has its own sessions.
   */
  readonly sessionStore?: boolean | FileSessionStore.Config | Layer.Layer<SessionStore, InvalidConfig> | undefined
}
