/**
 * The operations of a session store on Redis. Each touches one key, so that they work on a Cluster. Used by
 * `RedisSessionStore`.
 */
import { Nonce } from "@effect-alicloud/credentials/Platform"
import type { Lease, Service } from "@effect-alicloud/credentials/SessionStore"
import { isSame, leaseTime, StoredSession, StoreFailed } from "@effect-alicloud/credentials/SessionStore"
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type { Connection } from "./connection.ts"
import { type RedisFailed, wrongType } from "./failure.ts"
import type { Seal } from "./seal.ts"

/** Many times the longest session; no more than this is read of a value that another program has put there. */
const maxBytes = 65_536

const leaseMillis = Duration.toMillis(leaseTime)

/** A lease without an end, or with a later one than ours have, is of another program and does not count. */
const takeLease = `local left = redis.call("pttl", KEYS[1])
if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call("set", KEYS[1], ARGV[1], "px", ARGV[2])
return 1`

/** Lets the key end after a time if it still has this value, 0 for at once. */
const expireIfSame = `if redis.call("get", KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call("pexpire", KEYS[1], ARGV[2])`

const json = Schema.parseJson(StoredSession)
const encode = Schema.encodeSync(json)
const decode = Schema.decodeOption(json)

export interface Store extends Service {
  /** Does all that a store does, for errors that can be known before the first session. */
  readonly check: Effect.Effect<void, RedisFailed>
}

export const make = Effect.fnUntraced(function*(
  { send }: Connection,
  { open, seal }: Seal,
  prefix: string
) {
  const nonce = yield* Nonce
  let hasWarned = false

  const warnOnce = Effect.suspend(() => {
    if (hasWarned) return Effect.void
    hasWarned = true
    return Effect.annotateLogs(
      Effect.logWarning(
        "A stored session cannot be decrypted and is replaced; programs that share sessions need the same secret"
      ),
      { store: "redis" }
    )
  })

  const read = (key: string): Effect.Effect<Option.Option<Buffer>, RedisFailed> =>
    send((client) => client.getrangeBuffer(prefix + key, 0, maxBytes)).pipe(
      Effect.map((bytes) => bytes.length > 0 && bytes.length <= maxBytes ? Option.some(bytes) : Option.none()),
      Effect.catchIf((error) => error === wrongType, () => Effect.succeedNone)
    )

  const unseal = (key: string, sealed: Buffer): Effect.Effect<Option.Option<StoredSession>> =>
    Option.match(open(key, sealed), {
      onNone: () => Effect.as(warnOnce, Option.none()),
      onSome: (text) => Effect.succeed(decode(text))
    })

  const get = (key: string): Effect.Effect<Option.Option<StoredSession>, RedisFailed> =>
    Effect.flatMap(read(key), Option.match({ onNone: () => Effect.succeedNone, onSome: (bytes) => unseal(key, bytes) }))

  const endIfSame = (
    name: string,
    value: string | Buffer,
    after: Duration.Duration
  ): Effect.Effect<boolean, RedisFailed> =>
    send((client) => client.eval(expireIfSame, 1, name, value, Duration.toMillis(after))).pipe(
      Effect.map((reply) => reply === 1),
      Effect.catchIf((error) => error === wrongType, () => Effect.succeed(false))
    )

  const lease = Effect.fnUntraced(function*(key: string) {
    const name = `${prefix}${key}:lease`
    const token = yield* nonce
    const reply = yield* send((client) => client.eval(takeLease, 1, name, token, leaseMillis))
    const held: Lease = {
      renew: Effect.mapError(endIfSame(name, token, leaseTime), toStoreFailed),
      release: (after) => Effect.asVoid(Effect.mapError(endIfSame(name, token, after), toStoreFailed))
    }
    return reply === 1 ? Option.some(held) : Option.none()
  })

  const store: Store = {
    name: "redis",
    get: (key) => Effect.mapError(get(key), toStoreFailed),
    set: (key, session) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        const left = Math.floor(DateTime.toEpochMillis(session.expiration) - now)
        return left <= 0
          ? Effect.void
          : Effect.asVoid(send((client) => client.set(prefix + key, seal(key, encode(session)), "PX", left)))
      }).pipe(Effect.mapError(toStoreFailed)),
    remove: (key, session) =>
      Effect.flatMap(
        read(key),
        Option.match({
          onNone: () => Effect.void,
          onSome: (bytes) =>
            Effect.flatMap(unseal(key, bytes), (stored) =>
              Option.exists(stored, (stored) => isSame(stored, session))
                ? endIfSame(prefix + key, bytes, Duration.zero)
                : Effect.void)
        })
      ).pipe(Effect.asVoid, Effect.mapError(toStoreFailed)),
    lease: (key) => Effect.mapError(lease(key), toStoreFailed),
    check: Effect.gen(function*() {
      const name = `${prefix}check:${yield* nonce}`
      yield* send((client) => client.getrangeBuffer(name, 0, 0))
      yield* send((client) => client.eval(takeLease, 1, name, name, leaseMillis))
      yield* endIfSame(name, name, Duration.zero)
    })
  }
  return store
})

const toStoreFailed = ({ detail }: RedisFailed): StoreFailed => new StoreFailed({ detail })
