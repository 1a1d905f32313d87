/**
 * Where processes share the sessions of roles, so that a hundred of them cause one call of the Security Token Service and
 * not a hundred. `RamRoleArn`, its keyed form and `OidcRoleArn` use the store when it is in their context; the session
 * cache of each process stays in front of it.
 *
 * `FileSessionStore` keeps sessions in files, `RedisSessionStore` of `@effect-alicloud/redis` on a Redis server.
 *
 * @module
 * @since 0.1.0
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { Nonce } from "./Platform.ts"
import { Rfc3339 } from "./unstable/Rfc3339.ts"
import { CamelCase } from "./unstable/SessionDocument.ts"

/**
 * A session as it is stored: the keys, when they end, when they came, and of which role they are. Decoding errors quote
 * what they reject, so what is read from a store is decoded with `Schema.decodeOption` or through `SecretJson`.
 *
 * @since 0.1.0
 * @category models
 */
export const StoredSession = Schema.Struct({
  ...CamelCase.fields,
  expiration: Rfc3339,
  receivedAt: Rfc3339,
  roleArn: Schema.String,
  roleSessionName: Schema.String
}).annotations({ identifier: "StoredSession" })

/**
 * A session as it is stored.
 *
 * @since 0.1.0
 * @category models
 */
export type StoredSession = typeof StoredSession.Type

/**
 * Whether two sessions are the same one.
 *
 * @since 0.1.0
 * @category predicates
 */
export const isSame = (
  self: Pick<StoredSession, "accessKeyId" | "securityToken">,
  that: Pick<StoredSession, "accessKeyId" | "securityToken">
): boolean =>
  self.accessKeyId === that.accessKeyId && Redacted.value(self.securityToken) === Redacted.value(that.securityToken)

/**
 * The store cannot be used now. Readers never see this error: it is logged, at most once a minute, and the role is
 * assumed without the store. `detail` contains no secret.
 *
 * @since 0.1.0
 * @category errors
 */
export class StoreFailed
  extends Schema.TaggedError<StoreFailed>("@effect-alicloud/credentials/StoreFailed")("StoreFailed", {
    detail: Schema.String
  })
{
  override get message(): string {
    return this.detail
  }
}

/**
 * The right to fetch a session, of one process at a time. It ends by itself after `leaseTime`, so that a process that is
 * killed holds up the others no longer than that.
 *
 * @since 0.1.0
 * @category models
 */
export interface Lease {
  /** Starts `leaseTime` anew. `false` when the lease has ended, and may be another's by now. */
  readonly renew: Effect.Effect<boolean, StoreFailed>
  /** Ends the lease after that time, 0 for at once. Another's lease is left alone. */
  readonly release: (after: Duration.Duration) => Effect.Effect<void, StoreFailed>
}

/**
 * How long a lease lasts that is not renewed: 15 seconds.
 *
 * @since 0.1.0
 * @category constants
 */
export const leaseTime: Duration.Duration = Duration.seconds(15)

/**
 * What a store can do. A key is 64 hexadecimal digits, the SHA-256 hash of everything that decides a session. Whatever
 * cannot be read, decrypted or decoded counts as absent.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** As in warnings and metrics, for example `files`. */
  readonly name: string
  readonly get: (key: string) => Effect.Effect<Option.Option<StoredSession>, StoreFailed>
  /** Stores the session until it ends. */
  readonly set: (key: string, session: StoredSession) => Effect.Effect<void, StoreFailed>
  /** Removes exactly this session; a newer one stays. */
  readonly remove: (
    key: string,
    session: Pick<StoredSession, "accessKeyId" | "securityToken">
  ) => Effect.Effect<void, StoreFailed>
  /** Takes the lease, `None` while another holds it. */
  readonly lease: (key: string) => Effect.Effect<Option.Option<Lease>, StoreFailed>
}

/**
 * The store of sessions, optional in the context of the sources that use it.
 *
 * @example
 * ```ts
 * import { Environment, RamRoleArn, SessionStore } from "@effect-alicloud/credentials"
 * import { Layer } from "effect"
 *
 * const layer = RamRoleArn.layer({ roleArn: "acs:ram::1234567890123456:role/deploy" }).pipe(
 *   Layer.provide([Environment.layer(), SessionStore.layerMemory])
 * )
 * ```
 *
 * @since 0.1.0
 * @category services
 */
export class SessionStore extends Context.Tag("@effect-alicloud/credentials/SessionStore")<SessionStore, Service>() {}

/**
 * A store in memory, for tests and for several providers of one process.
 *
 * @since 0.1.0
 * @category constructors
 */
export const makeMemory: Effect.Effect<Service> = Effect.gen(function*() {
  const nonce = yield* Nonce
  const sessions = new Map<string, StoredSession>()
  const leases = new Map<string, { readonly token: string; readonly until: number }>()

  const get = (key: string) =>
    Effect.map(Clock.currentTimeMillis, (now) => {
      const session = sessions.get(key)
      if (session !== undefined && DateTime.toEpochMillis(session.expiration) <= now) {
        sessions.delete(key)
        return Option.none()
      }
      return Option.fromNullable(session)
    })

  return {
    name: "memory",
    get,
    set: (key, session) => Effect.sync(() => sessions.set(key, session)),
    remove: (key, session) =>
      Effect.map(
        get(key),
        Option.match({
          onNone: () => undefined,
          onSome: (stored) => {
            if (isSame(stored, session)) sessions.delete(key)
          }
        })
      ),
    lease: (key) =>
      Effect.gen(function*() {
        const token = yield* nonce
        const now = yield* Clock.currentTimeMillis
        if ((leases.get(key)?.until ?? now) > now) {
          return Option.none()
        }
        const until = (after: Duration.Duration) =>
          Effect.map(Clock.currentTimeMillis, (now) => {
            const held = leases.get(key)
            if (held?.token !== token || held.until <= now) return false
            leases.set(key, { token, until: now + Duration.toMillis(after) })
            return true
          })
        leases.set(key, { token, until: now + Duration.toMillis(leaseTime) })
        return Option.some({ renew: until(leaseTime), release: until })
      })
  }
})

/**
 * A store in memory, for tests and for several providers of one process.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerMemory: Layer.Layer<SessionStore> = Layer.effect(SessionStore, makeMemory)
