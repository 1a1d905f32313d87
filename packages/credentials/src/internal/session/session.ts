import * as Cause from "effect/Cause"
import type * as Clock from "effect/Clock"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Option from "effect/Option"
import type * as Random from "effect/Random"
import * as Credentials from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import * as RefreshPolicy from "../../RefreshPolicy.ts"
import { expired } from "../source/expired.ts"
import * as metrics from "./metrics.ts"
import { PreviousFailures, Replaced } from "./refreshing.ts"
import type * as scheduler from "./scheduler.ts"

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
 * What a session is made of.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  /** The source's name in logs and metrics until a lookup has said which source answered. */
  readonly name: string
  readonly lookup: Effect.Effect<Resolved, CredentialsError>
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
}

type Lookup = Effect.Effect<Credentials.Credentials, CredentialsError>

/** What all sessions of an opener share. */
export interface Shared {
  readonly policy: RefreshPolicy.RefreshPolicy
  readonly clock: Clock.Clock
  readonly random: Random.Random
  readonly scheduler: scheduler.Scheduler
  readonly fork: <A, E>(effect: Effect.Effect<A, E>) => Fiber.RuntimeFiber<A, E>
  readonly onSettled: () => void
}

/**
 * A session of an opener. It is made of prototype methods, so that ten thousand of them are little more than the
 * credentials they hold.
 *
 * @internal
 */
export class Handle implements scheduler.Task {
  at = Infinity
  slot = -1
  private readonly shared: Shared
  private readonly options: Options
  private current: Entry | undefined = undefined
  private flight: Fiber.RuntimeFiber<Credentials.Credentials, CredentialsError> | undefined = undefined
  private failures = 0
  private heldUntil = 0
  private remembered: Exit.Exit<never, CredentialsError> | undefined = undefined

  constructor(shared: Shared, options: Options) {
    this.shared = shared
    this.options = options
  }

  /** What a reader gets at this moment: the stored `Exit`, or the effect that waits for the lookup. */
  read(): Lookup {
    return this.usable()?.exit ?? this.wait()
  }

  unsafeCurrent(): Credentials.Credentials | undefined {
    return this.usable()?.credentials
  }

  invalidate(rejected: Credentials.Credentials): void {
    if (this.current !== undefined && Equal.equals(this.current.credentials, rejected)) {
      this.current.earlyAt = Math.min(this.current.earlyAt, this.current.refusableAt)
      this.current.mandatoryAt = Math.min(this.current.mandatoryAt, this.current.refusableAt)
    }
  }

  isBusy(): boolean {
    return this.flight !== undefined
  }

  /** How the last lookup ended. */
  outcome(): Exit.Exit<Credentials.Credentials, CredentialsError> | undefined {
    return this.remembered ?? this.current?.exit
  }

  /** Ends the background refresh before the scope does. */
  close(): void {
    this.shared.scheduler.schedule(this, Infinity)
  }

  endsAt(): number {
    return this.current?.expiresAt ?? Infinity
  }

  /** An entry that nobody has read lapses. In a hold-off the refresh is put off, and after a failure it is repeated. */
  isWanted(now: number): boolean {
    const wanted = this.flight === undefined && this.isKept(now)
    if (wanted && this.isHeld(now)) {
      this.shared.scheduler.schedule(this, this.heldUntil)
      return false
    }
    return wanted
  }

  start(): void {
    this.refresh()
  }

  private now(): number {
    return this.shared.clock.unsafeCurrentTimeMillis()
  }

  private isHeld(now: number): boolean {
    return this.remembered !== undefined && now < this.heldUntil
  }

  /** Whether the entry is to be replaced before it ends. */
  private isKept(now: number): boolean {
    return this.current !== undefined && this.current.read && now < this.current.expiresAt
  }

  /** The one place that decides what a moment means for a reader: the entry to hand out, or nothing. */
  private usable(): Entry | undefined {
    const entry = this.current
    if (entry === undefined) {
      return undefined
    }
    const now = this.now()
    const early = now >= entry.earlyAt
    if (early && now >= entry.mandatoryAt) {
      return undefined
    }
    entry.read = true
    if (early && this.flight === undefined && !this.isHeld(now)) {
      this.shared.scheduler.hasten(this, now)
    }
    return entry
  }

  private wait(): Lookup {
    if (this.flight === undefined && this.remembered !== undefined && this.isHeld(this.now())) {
      return this.fallback(this.remembered)
    }
    return Effect.flatMap(
      Fiber.await(this.refresh()),
      Exit.match({ onSuccess: Exit.succeed, onFailure: (cause) => this.fallback(Exit.failCause(cause)) })
    )
  }

  /** What a reader gets when the refresh it needed has failed. */
  private fallback(failure: Exit.Exit<never, CredentialsError>): Lookup {
    if (this.current === undefined) {
      return failure
    }
    return this.now() < this.current.expiresAt || this.shared.policy.pastExpiry === "serve"
      ? this.current.exit
      : failure
  }

  /** The lookup that is under way, started if there is none. It belongs to the scope, so no reader can abort it. */
  private refresh(): Fiber.RuntimeFiber<Credentials.Credentials, CredentialsError> {
    if (this.flight !== undefined) {
      return this.flight
    }
    const fiber = this.shared.fork(this.lookup())
    this.flight = fiber
    fiber.addObserver((exit) => {
      this.flight = undefined
      const now = this.now()
      const next = Math.max(this.heldUntil, now + 1)
      if (Exit.isFailure(exit) && this.at <= now && this.isKept(next)) {
        this.shared.scheduler.schedule(this, next)
      }
      this.shared.onSettled()
    })
    return fiber
  }

  private lookup(): Lookup {
    return this.options.lookup.pipe(
      Effect.provideService(PreviousFailures, this.failures),
      Effect.provideService(Replaced, this.current?.credentials),
      Effect.mapErrorCause(withoutInterruption),
      Effect.flatMap((resolved) => this.accept(resolved)),
      Effect.tapErrorCause((cause) => this.refuse(cause)),
      metrics.trackRefresh(() => this.current?.source ?? this.options.name, () => this.failures + 1)
    )
  }

  private accept(resolved: Resolved): Lookup {
    const { policy, random, scheduler } = this.shared
    return Effect.flatMap(random.next, (random): Lookup => {
      const now = this.now()
      const expiration = Option.getOrUndefined(Credentials.expirationOf(resolved.credentials))
      const again = this.current !== undefined && Equal.equals(this.current.credentials, resolved.credentials)
      const times = RefreshPolicy.times(policy, {
        now,
        expiration: expiration === undefined ? undefined : DateTime.toEpochMillis(expiration),
        undated: resolved.undated,
        random,
        again
      })
      if (times.expiresAt <= now) {
        return expired(resolved.source)
      }
      this.current = {
        credentials: resolved.credentials,
        exit: Exit.succeed(resolved.credentials),
        source: resolved.source,
        expiresAt: times.expiresAt,
        refusableAt: again ? now + 1000 : now,
        earlyAt: times.earlyAt,
        mandatoryAt: times.mandatoryAt,
        read: false
      }
      this.failures = 0
      this.remembered = undefined
      scheduler.schedule(this, times.earlyAt)
      return Effect.as(metrics.expiresIn(resolved.source, times.expiresAt - now), resolved.credentials)
    })
  }

  private refuse(cause: Cause.Cause<CredentialsError>): Effect.Effect<void> {
    this.failures += 1
    const { current, failures } = this
    const { policy, random } = this.shared
    return Effect.flatMap(random.next, (random) => {
      const pause = RefreshPolicy.holdOff(policy, { failures, hadValue: current !== undefined, random })
      const now = this.now()
      this.heldUntil = now + pause
      this.remembered = Exit.failCause(cause)
      if (current === undefined) {
        return Effect.void
      }
      const served = now >= current.expiresAt && policy.pastExpiry === "serve" ? ", expired ones are served" : ""
      return Effect.annotateLogs(
        Effect.logWarning(`Alibaba Cloud credentials could not be refreshed${served}`),
        {
          source: current.source,
          error: describe(cause),
          failuresInARow: failures,
          nextAttemptInMillis: pause
        }
      )
    })
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
