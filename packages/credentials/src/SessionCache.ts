/**
 * Keeps a session: one lookup at a time, an early refresh in the background, a hold-off after failures.
 *
 * `effect/Cache` is not what holds the session. In effect 3.22 a failed `refresh` replaces a value that is still valid,
 * interrupting the first reader interrupts all who wait with it, and every recomputation of a key leaves a list node
 * behind for as long as the cache lives. `test/EffectCache.test.ts` proves each of these.
 *
 * @since 0.1.0
 */
import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as FiberId from "effect/FiberId"
import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import * as Runtime from "effect/Runtime"
import type * as Scope from "effect/Scope"
import * as Credentials from "./Credentials.ts"
import type { CredentialsError } from "./CredentialsError.ts"
import { expired } from "./internal/expired.ts"
import * as metrics from "./internal/metrics.ts"
import { PreviousFailures, Replaced } from "./internal/refreshing.ts"
import { sleeper } from "./internal/sleep.ts"
import * as RefreshPolicy from "./RefreshPolicy.ts"

/**
 * What a lookup answers: the credentials, which source they came from, and what to do when they carry no expiration.
 *
 * @since 0.1.0
 * @category models
 */
export interface Resolved {
  readonly credentials: Credentials.Credentials
  readonly source: string
  readonly undated: RefreshPolicy.Undated
}

/**
 * One session. A fresh `get` compares the clock with one number and returns a stored `Exit`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session {
  /** The current credentials; waits only when there are none, or when they are about to end. */
  readonly get: Effect.Effect<Credentials.Credentials, CredentialsError>
  /** Says that the service refused these credentials. If they are the current ones the next read fetches new ones. */
  readonly invalidate: (rejected: Credentials.Credentials) => Effect.Effect<void>
  /** The current credentials while they are outside the mandatory window, without entering the Effect runtime. */
  readonly unsafeCurrent: () => Credentials.Credentials | undefined
}

/**
 * The credentials that are held. Mutable on purpose: the hot path must not allocate.
 */
interface Entry {
  readonly credentials: Credentials.Credentials
  readonly exit: Exit.Exit<Credentials.Credentials>
  readonly source: string
  readonly expiresAt: number
  /** From when on a refusal by the service may cause a refresh: at once, or a second after the same session came again. */
  readonly refusableAt: number
  earlyAt: number
  mandatoryAt: number
  /** Whether anybody but the reader that caused the fetch has asked for it. */
  read: boolean
  keeper: Fiber.RuntimeFiber<void> | undefined
}

type Lookup = Effect.Effect<Credentials.Credentials, CredentialsError>

/**
 * A session whose background refresh its owner can end before the scope does.
 *
 * @internal
 */
export interface Handle extends Session {
  readonly isBusy: () => boolean
  /** How the last lookup ended. */
  readonly outcome: () => Exit.Exit<Credentials.Credentials, CredentialsError> | undefined
  readonly close: () => void
}

/**
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The source's name in logs and metrics until a lookup has said which source answered. */
  readonly name: string
  readonly lookup: Effect.Effect<Resolved, CredentialsError>
}

/**
 * Makes a session of what `lookup` answers. Nothing is looked up before the first `get`. Background work ends with the
 * scope.
 *
 * @example
 * ```ts
 * import { Credentials, SessionCache } from "@effect-alicloud/credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.scoped(Effect.gen(function*() {
 *   const session = yield* SessionCache.make({
 *     name: "vault",
 *     lookup: Effect.succeed({
 *       source: "vault",
 *       undated: "keep",
 *       credentials: Credentials.accessKey({
 *         type: "access_key",
 *         providerName: "vault",
 *         accessKeyId: "LTAI5tExample",
 *         accessKeySecret: "secret"
 *       })
 *     })
 *   })
 *   return yield* session.get
 * }))
 *
 * Effect.runPromise(program).then((credentials) => console.log(credentials.providerName)) // vault
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options & { readonly policy?: RefreshPolicy.Options | undefined }
): Effect.Effect<Session, never, Scope.Scope> => Effect.map(opener(options.policy), (open) => open(options))

/**
 * Takes clock, randomness and scope once, for any number of sessions that are opened later.
 *
 * @internal
 */
export const opener = (
  policyOptions: RefreshPolicy.Options | undefined
): Effect.Effect<(options: Options) => Handle, never, Scope.Scope> =>
  Effect.gen(function*() {
    const policy = RefreshPolicy.make(policyOptions)
    const scope = yield* Effect.scope
    const clock = yield* Effect.clock
    const random = yield* Effect.random
    const sleepUntil = yield* sleeper
    const runFork = Runtime.runFork(yield* Effect.withUnhandledErrorLogLevel(Effect.runtime(), Option.none()))
    let closed = false
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        closed = true
      })
    )
    const fork = <A, E>(effect: Effect.Effect<A, E>): Fiber.RuntimeFiber<A, E> =>
      runFork(closed ? Effect.dieMessage("The scope of these credentials is closed.") : Effect.interruptible(effect), {
        scope,
        immediate: false
      })
    return (options) => open({ ...options, policy, clock, random, sleepUntil, fork })
  })

const open = (
  options: Options & {
    readonly policy: RefreshPolicy.RefreshPolicy
    readonly clock: Clock.Clock
    readonly random: Random.Random
    readonly sleepUntil: (until: number) => Effect.Effect<void>
    readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>
  }
): Handle => {
  const { clock, fork, policy, random, sleepUntil } = options
  let current: Entry | undefined
  let flight: Fiber.RuntimeFiber<Credentials.Credentials, CredentialsError> | undefined
  let failures = 0
  let heldUntil = 0
  let remembered: Exit.Exit<never, CredentialsError> | undefined

  const isHeld = (now: number): boolean => remembered !== undefined && now < heldUntil

  const accept = Effect.fnUntraced(function*(resolved: Resolved) {
    const now = clock.unsafeCurrentTimeMillis()
    const expiration = Option.getOrUndefined(Credentials.expirationOf(resolved.credentials))
    const again = current !== undefined && Equal.equals(current.credentials, resolved.credentials)
    const times = RefreshPolicy.times(policy, {
      now,
      expiration: expiration === undefined ? undefined : DateTime.toEpochMillis(expiration),
      undated: resolved.undated,
      random: yield* random.next,
      again
    })
    if (times.expiresAt <= now) {
      return yield* expired(resolved.source)
    }
    const entry: Entry = {
      credentials: resolved.credentials,
      exit: Exit.succeed(resolved.credentials),
      source: resolved.source,
      ...times,
      refusableAt: again ? now + 1000 : now,
      read: false,
      keeper: undefined
    }
    current?.keeper?.unsafeInterruptAsFork(FiberId.none)
    current = entry
    failures = 0
    remembered = undefined
    if (entry.earlyAt !== Infinity) {
      entry.keeper = fork(keepFresh(entry))
    }
    yield* metrics.expiresIn(resolved.source, times.expiresAt - now)
    return resolved.credentials
  })

  const refuse = Effect.fnUntraced(function*(cause: Cause.Cause<CredentialsError>) {
    failures += 1
    const pause = RefreshPolicy.holdOff(policy, {
      failures,
      hadValue: current !== undefined,
      random: yield* random.next
    })
    const now = clock.unsafeCurrentTimeMillis()
    heldUntil = now + pause
    remembered = Exit.failCause(cause)
    if (current !== undefined) {
      const served = now >= current.expiresAt && policy.pastExpiry === "serve" ? ", expired ones are served" : ""
      yield* Effect.logWarning(`Alibaba Cloud credentials could not be refreshed${served}`).pipe(Effect.annotateLogs({
        source: current.source,
        error: describe(cause),
        failuresInARow: failures,
        nextAttemptInMillis: pause
      }))
    }
  })

  const lookup: Lookup = Effect.suspend(() =>
    options.lookup.pipe(
      Effect.provideService(PreviousFailures, failures),
      Effect.provideService(Replaced, current?.credentials),
      Effect.mapErrorCause(withoutInterruption),
      Effect.flatMap(accept),
      Effect.tapErrorCause(refuse),
      metrics.trackRefresh(() => current?.source ?? options.name, () => failures + 1)
    )
  )

  /** The lookup that is under way, started if there is none. It belongs to the scope, so no reader can abort it. */
  const refresh = (): Fiber.RuntimeFiber<Credentials.Credentials, CredentialsError> => {
    if (flight !== undefined) {
      return flight
    }
    const fiber = fork(lookup)
    flight = fiber
    fiber.addObserver(() => {
      flight = undefined
    })
    return fiber
  }

  /** Refreshes in the early window, and goes on trying until the entry has been replaced or has expired. */
  const keepFresh = (entry: Entry): Effect.Effect<void> =>
    Effect.gen(function*() {
      yield* sleepUntil(entry.earlyAt)
      while (entry.read && current === entry && clock.unsafeCurrentTimeMillis() < entry.expiresAt) {
        if (!isHeld(clock.unsafeCurrentTimeMillis())) {
          yield* Fiber.await(refresh())
        }
        yield* sleepUntil(Math.max(heldUntil, clock.unsafeCurrentTimeMillis() + 1))
      }
    })

  /** What a reader gets when the refresh it needed has failed. */
  const fallback = (failure: Exit.Exit<never, CredentialsError>): Lookup => {
    if (current === undefined) {
      return failure
    }
    return clock.unsafeCurrentTimeMillis() < current.expiresAt || policy.pastExpiry === "serve"
      ? current.exit
      : failure
  }

  const wait: Lookup = Effect.suspend(() => {
    if (flight === undefined && remembered !== undefined && isHeld(clock.unsafeCurrentTimeMillis())) {
      return fallback(remembered)
    }
    return Effect.flatMap(
      Fiber.await(refresh()),
      Exit.match({ onSuccess: Exit.succeed, onFailure: (cause) => fallback(Exit.failCause(cause)) })
    )
  })

  /** The one place that decides what a moment means for a reader: the entry to hand out, or nothing. */
  const usable = (): Entry | undefined => {
    const entry = current
    if (entry === undefined) {
      return undefined
    }
    const now = clock.unsafeCurrentTimeMillis()
    if (now >= entry.earlyAt) {
      if (now >= entry.mandatoryAt) {
        return undefined
      }
      if (flight === undefined && !isHeld(now)) {
        refresh()
      }
    }
    entry.read = true
    return entry
  }

  return {
    get: Effect.suspend(() => usable()?.exit ?? wait),
    invalidate: (rejected) =>
      Effect.sync(() => {
        if (current !== undefined && Equal.equals(current.credentials, rejected)) {
          current.earlyAt = Math.min(current.earlyAt, current.refusableAt)
          current.mandatoryAt = Math.min(current.mandatoryAt, current.refusableAt)
        }
      }),
    unsafeCurrent: () => usable()?.credentials,
    isBusy: () => flight !== undefined,
    outcome: () => remembered ?? current?.exit,
    close: () => current?.keeper?.unsafeInterruptAsFork(FiberId.none)
  }
}

/** A lookup that interrupts itself is a failed one; only the end of the scope interrupts those who wait. */
const withoutInterruption = <E>(cause: Cause.Cause<E>): Cause.Cause<E> =>
  Cause.isInterruptedOnly(cause) ? Cause.die(new Cause.InterruptedException("The lookup interrupted itself.")) : cause

const describe = (cause: Cause.Cause<CredentialsError>): string =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => "an unexpected defect",
    onSome: (error) => error.message
  })
