/**
 * Gets a session through a `SessionStore`: from the store while it has enough time left, else from the service, by one
 * process at a time. The main file of this folder.
 *
 * What always holds:
 *
 * - The store breaks nothing that works without it: when it fails, or takes longer than 500 ms, the service is called.
 * - A session that was rejected in this process never comes out of the store again.
 * - When a stored session cannot be replaced, it is handed out until it ends.
 */
import * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Either from "effect/Either"
import * as Fiber from "effect/Fiber"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as Random from "effect/Random"
import type { Credentials } from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import type { Lease, Service, StoredSession } from "../../SessionStore.ts"
import { isSame, StoreFailed } from "../../SessionStore.ts"
import type { StsSession } from "../../unstable/SessionDocument.ts"
import type { Identity, Sharing } from "../../unstable/Sharing.ts"
import { EarlyWindow, Replaced } from "../session/refreshing.ts"

/**
 * How long one operation of a store may take: 500 ms, in ten parts. A process that gets no time of a busy machine, and so
 * sees the answer late, has not waited for ten of them.
 */
const patience = Effect.repeatN(Effect.sleep("50 millis"), 9)

/** A lease is renewed three times before it would end. */
const renewal = Duration.seconds(5)

/** How long others wait after a failure that may pass before they call the service. */
const holdOff = Duration.seconds(1)

/** Who has waited so long for another process calls the service itself. */
const longestWait = Duration.toMillis("30 seconds")

const pause = { first: 100, longest: 1000 }

const warningPause = Duration.toMillis("1 minute")

/** More rejected sessions than a process can have in the life of one of them. */
const mostRefused = 1000

const lookups = Metric.counter("alicloud_credentials_store_total", {
  description: "Sessions wanted from the session store, by store and outcome.",
  incremental: true
})

interface State {
  warnedAt: number
  /** The AccessKey IDs of sessions that a service rejected in this process. */
  readonly refused: Set<string>
}

const states = new WeakMap<Service, State>()

const stateOf = (store: Service): State => {
  const state = states.get(store) ?? { warnedAt: -Infinity, refused: new Set() }
  states.set(store, state)
  return state
}

/**
 * A store may be of an application's own: its defects are failures, and it is not waited for when it does not answer, also
 * where the wait cannot be interrupted.
 */
const bounded = <A>(operation: Effect.Effect<A, StoreFailed>): Effect.Effect<A, StoreFailed> => {
  const limited = Effect.raceFirst(
    Effect.disconnect(
      Effect.catchAllDefect(operation, () => new StoreFailed({ detail: "it has an unexpected defect" }))
    ),
    Effect.zipRight(patience, new StoreFailed({ detail: "it does not answer within 500 ms" }))
  )
  return Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.forkDaemon(Effect.interruptible(limited)),
      (fiber) => Effect.onInterrupt(restore(Fiber.join(fiber)), () => Fiber.interruptFork(fiber))
    )
  )
}

const warn = (store: Service, { detail }: StoreFailed): Effect.Effect<void> =>
  Effect.flatMap(Clock.currentTimeMillis, (now) => {
    const state = stateOf(store)
    if (Math.abs(now - state.warnedAt) < warningPause) {
      return Effect.void
    }
    state.warnedAt = now
    return Effect.annotateLogs(
      Effect.logWarning("The session store cannot be used, so this process gets sessions of its own"),
      { store: store.name, error: detail }
    )
  })

/** For what is not needed to answer. */
const attempt = (store: Service, operation: Effect.Effect<unknown, StoreFailed>): Effect.Effect<void> =>
  Effect.catchAll(Effect.asVoid(bounded(operation)), (error) => warn(store, error))

const invalidate = (store: Service, key: string, rejected: Credentials): Effect.Effect<void> => {
  if (rejected._tag !== "Sts") {
    return Effect.void
  }
  const { refused } = stateOf(store)
  for (const oldest of refused.size < mostRefused ? [] : refused) {
    refused.delete(oldest)
    break
  }
  refused.add(rejected.accessKeyId)
  return attempt(store, store.remove(key, rejected))
}

/** What a source says that shares sessions of this identity. */
export const sharing = (store: Service, identity: Effect.Effect<Identity, CredentialsError>): Sharing => ({
  identity,
  invalidate: (rejected) => Effect.ignore(Effect.flatMap(identity, ({ key }) => invalidate(store, key, rejected)))
})

/** What is shared: the key, how to get it from the service, and what is stored beside it. */
export interface Shared {
  readonly key: string
  readonly fetch: Effect.Effect<StsSession, CredentialsError>
  readonly roleArn: string
  readonly roleSessionName: string
}

interface Found {
  readonly session: StsSession
  readonly outcome: "hit" | "miss" | "waited" | "bypassed"
}

const isValid = ({ expiration }: StoredSession): Effect.Effect<boolean> =>
  Effect.map(Clock.currentTimeMillis, (now) => DateTime.toEpochMillis(expiration) > now)

/** A session of the store, or of the service. */
export const share = (store: Service, shared: Shared): Effect.Effect<StsSession, CredentialsError> => {
  const { fetch, key, roleArn, roleSessionName } = shared
  const { refused } = stateOf(store)

  const read = Effect.flatMap(bounded(store.get(key)), (found) => {
    const stored = Option.getOrUndefined(found)
    return stored === undefined || refused.has(stored.accessKeyId)
      ? Effect.succeed(undefined)
      : Effect.map(isValid(stored), (valid) => valid ? stored : undefined)
  })

  const keep = Effect.fnUntraced(function*(session: StsSession) {
    if (session.expiration !== undefined) {
      const receivedAt = yield* DateTime.now
      const { expiration } = session
      yield* attempt(store, store.set(key, { ...session, expiration, receivedAt, roleArn, roleSessionName }))
    }
  })

  const found = Effect.gen(function*() {
    const replaced = yield* Replaced
    const earlyWindow = yield* EarlyWindow

    const isReplaced = (session: StoredSession): boolean => replaced?._tag === "Sts" && isSame(session, replaced)

    /** Whether it need not be replaced yet. */
    const isFresh = (session: StoredSession | undefined): Effect.Effect<boolean> =>
      Effect.map(Clock.currentTimeMillis, (now) => {
        if (session === undefined || isReplaced(session)) return false
        const end = DateTime.toEpochMillis(session.expiration)
        return end - now > earlyWindow(end - DateTime.toEpochMillis(session.receivedAt))
      })

    /** Calls the service while the lease lasts. */
    const lead = (lease: Lease, outcome: "hit" | "waited"): Effect.Effect<Found, CredentialsError | StoreFailed> => {
      let after = Duration.zero
      const renew = Effect.forever(Effect.zipRight(Effect.sleep(renewal), attempt(store, lease.renew)))
      return Effect.ensuring(
        Effect.gen(function*() {
          const stored = yield* read
          if (stored !== undefined && (yield* isFresh(stored))) {
            return { session: stored, outcome }
          }
          const renewing = yield* Effect.fork(renew)
          const answer = yield* Effect.ensuring(Effect.either(fetch), Fiber.interruptFork(renewing))
          if (Either.isRight(answer)) {
            yield* keep(answer.right)
            return { session: answer.right, outcome: "miss" as const }
          }
          after = answer.left._tag === "SourceFailed" && answer.left.retryable ? holdOff : Duration.zero
          if (stored === undefined || isReplaced(stored) || !(yield* isValid(stored))) {
            return yield* answer.left
          }
          yield* Effect.annotateLogs(
            Effect.logWarning("A stored session could not be replaced and is used until it ends"),
            { role: roleArn, error: answer.left.message }
          )
          return { session: stored, outcome }
        }),
        Effect.suspend(() => attempt(store, lease.release(after)))
      )
    }

    const until = (yield* Clock.currentTimeMillis) + longestWait
    let outcome: "hit" | "waited" = "hit"
    for (let delay = pause.first;; delay = Math.min(delay * 2, pause.longest)) {
      const stored = yield* read
      if (stored !== undefined && (yield* isFresh(stored))) {
        return { session: stored, outcome }
      }
      const taken = yield* Effect.uninterruptibleMask((restore) =>
        Effect.flatMap(
          restore(bounded(store.lease(key))),
          (lease) => Option.isSome(lease) ? Effect.asSome(restore(lead(lease.value, outcome))) : Effect.succeedNone
        )
      )
      if (Option.isSome(taken)) {
        return taken.value
      }
      if (stored !== undefined && (yield* isValid(stored))) {
        return { session: stored, outcome }
      }
      if ((yield* Clock.currentTimeMillis) >= until) {
        return yield* new StoreFailed({ detail: "another process has held the lease for more than 30 seconds" })
      }
      outcome = "waited"
      const jitter = 0.5 + (yield* Random.next) / 2
      yield* Effect.sleep(Duration.millis(Math.ceil(delay * jitter)))
    }
  })

  return found.pipe(
    Effect.catchTag("StoreFailed", (error) =>
      Effect.zipRight(
        warn(store, error),
        Effect.map(fetch, (session): Found => ({ session, outcome: "bypassed" }))
      )),
    Effect.tap(({ outcome }) =>
      Effect.zipRight(
        Metric.update(lookups.pipe(Metric.tagged("store", store.name), Metric.tagged("outcome", outcome)), 1),
        Effect.annotateCurrentSpan({ outcome })
      )
    ),
    Effect.withSpan("alicloud.credentials.store", { captureStackTrace: false, attributes: { store: store.name } }),
    Effect.map(({ session }) => session)
  )
}
