/**
 * What a source says of the sessions that it shares through a `SessionStore`. `RamRoleArn` and `OidcRoleArn` have it, and
 * the sources and chains that are made of them.
 *
 * Unstable: it may change in any release.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import type { Credentials } from "../Credentials.ts"
import type { CredentialsError } from "../CredentialsError.ts"
import { hex, sha256, utf8 } from "./WebCrypto.ts"

/**
 * Under this symbol a source keeps what it says.
 *
 * @since 0.1.0
 * @category symbols
 */
export const Sharing: unique symbol = Symbol.for("@effect-alicloud/credentials/Sharing")

/**
 * Whose session it is. All of it is of one moment, also where the source reads its configuration at each resolution.
 *
 * @since 0.1.0
 * @category models
 */
export interface Identity {
  /** Its key in the store. */
  readonly key: string
  readonly providerName: string
  readonly get: Effect.Effect<Credentials, CredentialsError>
}

/**
 * What a source says of its sessions.
 *
 * @since 0.1.0
 * @category models
 */
export interface Sharing {
  /** Known without getting the session; none if this source has none to share. */
  readonly identity: Effect.Effect<Identity | undefined, CredentialsError>
  /** Takes a session that a service rejected out of the store. */
  readonly invalidate: (rejected: Credentials) => Effect.Effect<void>
}

/**
 * Something that may share: a source, or a caller of a role.
 *
 * @since 0.1.0
 * @category models
 */
export interface Shares {
  readonly [Sharing]?: Sharing | undefined
}

/**
 * The key of a session: a hash over a versioned list of all that decides it. A part that is left out hands the session of
 * one caller to another.
 *
 * @since 0.1.0
 * @category constructors
 */
export const keyOf = (
  ...parts: ReadonlyArray<string | number | undefined | ReadonlyArray<string | undefined>>
): Effect.Effect<string> =>
  Effect.promise(async () => hex(await sha256(utf8(JSON.stringify(["1", ...parts.map((part) => part ?? null)])))))
