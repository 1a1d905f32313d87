/**
 * The state machine of one refreshed session, used by `SessionCache` and `keyed.ts`. The main file of this folder, which
 * holds what keeps sessions fresh.
 *
 * Invariants:
 * - At most one lookup is under way. It belongs to the scope, so no reader can abort it.
 * - A failed lookup never replaces credentials that are still valid.
 * - After the second failure in a row the source is left alone for a pause, however the clock is set meanwhile.
 * - Credentials that the service refused are not handed out again, except while the source cannot replace them.
 * - When the clock is set back behind the moment at which the credentials came, their moments move back with it.
 *
 * @internal
 */
import * as Cause from "effect/Cause"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Credentials from "../../Credentials.ts"
import type { CredentialsError } from "../../CredentialsError.ts"
import type { Options, Resolved } from "../../SessionCache.ts"
import { expired } from "../source/expired.ts"
import * as metrics from "./metrics.ts"
import { EarlyWindow, PreviousFailures, Replaced } from "./refreshing.ts"
import type * as scheduler from "./scheduler.ts"
import type { Shared } from "./shared.ts"
import { Waiters } from "./waiters.ts"
import * as windows from "./windows.ts"

/** The credentials that are held. Mutable on purpose: the hot path must not allocate. */
interface Entry {
  readonly credentials: Credentials.Credentials
  readonly exit: Exit.Exit<Credentials.Credentials>
  readonly source: string
  /** Whether the same session came again: then a refusal counts a second later, so as not to ask without end. */
  readonly again: boolean
  receivedAt: number
  earlyAt: number
  mandatoryAt: number
  expiresAt: number
  /** Whether any reader but the one that caused the lookup has had it. */
  read: boolean
}

/** The failures in a row since the last success, and the pause that the last of them began. */
interface Outage {
  readonly failures: number
  readonly failure: Exit.Exit<never, CredentialsError>
  readonly since: number
  readonly until: number
}

type Lookup = Effect.Effect<Credentials.Credentials, CredentialsError>

type Flight = Waiters<Credentials.Credentials, CredentialsError>

/** Made of prototype methods, so that ten thousand of them are little more than the credentials they hold. */
export class Session implements scheduler.Task {
  at = Infinity
  slot = -1
  private readonly shared: Shared
  private readonly options: Options
  private current: Entry | undefined = undefined
  private flight: Flight | undefined = undefined
  private outage: Outage | undefined = undefined

  constructor(shared: Shared, options: Options) {
    this.shared = shared
    this.options = options
  }

  /** What a reader gets at this moment: the stored `Exit`, or the effect that waits for the lookup. */
  read(): Lookup {
    return this.use()?.exit ?? this.wait()
  }

  unsafeCurrent(): Credentials.Credentials | undefined {
    return this.use()?.credentials
  }

  invalidate(rejected: Credentials.Credentials): void {
    const now = this.now()
    const entry = this.current
    if (entry !== undefined && Equal.equals(entry.credentials, rejected)) {
      const isEarly = entry.again && now < entry.receivedAt + againMillis
      const refusedAt = isEarly ? entry.receivedAt + againMillis : -Infinity
      entry.earlyAt = Math.min(entry.earlyAt, refusedAt)
      entry.mandatoryAt = Math.min(entry.mandatoryAt, refusedAt)
    }
  }

  isBusy(): boolean {
    return this.flight !== undefined
  }

  /** How the last lookup ended. */
  outcome(): Exit.Exit<Credentials.Credentials, CredentialsError> | undefined {
    return this.outage?.failure ?? this.current?.exit
  }

  /** Ends the background refresh before the scope does. */
  close(): void {
    this.shared.scheduler.schedule(this, Infinity)
  }

  endsAt(): number {
    return this.current?.expiresAt ?? Infinity
  }

  /** Credentials that no reader has had lapse. In a hold-off the refresh is put off. */
  wantedAt(now: number): number {
    return this.flight !== undefined || !this.isKept(now) ? Infinity : this.heldUntil(now)
  }

  start(): void {
    this.refresh()
  }

  /** Called when the session is no longer busy. */
  protected settled(): void {}

  private now(): number {
    const now = this.shared.clock.unsafeCurrentTimeMillis()
    if (this.current !== undefined && now < this.current.receivedAt) {
      this.moveBack(this.current, now)
    }
    return now
  }

  /** The clock was set back: no moment may be further ahead than it was at first. Only the service sets `expiration`. */
  private moveBack(entry: Entry, now: number): void {
    const by = entry.receivedAt - now
    entry.receivedAt -= by
    entry.earlyAt -= by
    entry.mandatoryAt -= by
    if (Option.isNone(Credentials.expirationOf(entry.credentials))) {
      entry.expiresAt -= by
    }
    this.shared.scheduler.schedule(this, entry.earlyAt)
  }

  /** When the next lookup may start: now, or at the end of the hold-off. */
  private heldUntil(now: number): number {
    return this.outage !== undefined && now >= this.outage.since ? Math.max(now, this.outage.until) : now
  }

  /** Whether the entry is to be replaced before it ends. */
  private isKept(now: number): boolean {
    return this.current !== undefined && this.current.read && now < this.current.expiresAt
  }

  /** The one place that decides what a moment means for a reader: the entry to hand out, or nothing. */
  private use(): Entry | undefined {
    const now = this.now()
    const entry = this.current
    if (entry === undefined || (now >= entry.mandatoryAt && now >= entry.earlyAt)) {
      return undefined
    }
    entry.read = true
    if (now >= entry.earlyAt) {
      this.hasten(now)
    }
    return entry
  }

  private hasten(now: number): void {
    if (this.wantedAt(now) <= now) {
      this.shared.scheduler.hasten(this, now)
    }
  }

  private wait(): Lookup {
    const now = this.now()
    if (this.flight === undefined && this.outage !== undefined && now < this.heldUntil(now)) {
      return this.fallback(this.outage.failure)
    }
    return Effect.flatMap(
      this.refresh().wait,
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

  /** The lookup that is under way, started if there is none. */
  private refresh(): Flight {
    if (this.flight !== undefined) {
      return this.flight
    }
    const flight: Flight = new Waiters()
    this.flight = flight
    this.shared.fork(this.lookup()).addObserver((exit) => {
      this.flight = undefined
      this.repeat(exit)
      this.settled()
      flight.end(exit)
    })
    return flight
  }

  /** After a failure the background refresh is repeated, if its time had come. */
  private repeat(exit: Exit.Exit<unknown, unknown>): void {
    const now = this.now()
    const next = Math.max(this.heldUntil(now), now + 1)
    if (Exit.isFailure(exit) && this.at <= now && this.isKept(next)) {
      this.shared.scheduler.schedule(this, next)
    }
  }

  private lookup(): Lookup {
    return this.options.lookup.pipe(
      Effect.provideService(PreviousFailures, this.outage?.failures ?? 0),
      Effect.provideService(Replaced, this.current?.credentials),
      Effect.provideService(EarlyWindow, this.shared.earlyWindow),
      Effect.mapErrorCause(withoutInterruption),
      Effect.flatMap((resolved) => this.accept(resolved)),
      Effect.tapErrorCause((cause) => this.refuse(cause)),
      metrics.trackRefresh(
        () => this.current?.source ?? this.options.name,
        () => (this.outage?.failures ?? 0) + 1
      )
    )
  }

  private accept(resolved: Resolved): Lookup {
    const { policy, random, scheduler } = this.shared
    return Effect.flatMap(random.next, (random): Lookup => {
      const now = this.now()
      const expiration = Option.getOrUndefined(Credentials.expirationOf(resolved.credentials))
      const again = resolved.undated !== "recheck" && this.current !== undefined &&
        Equal.equals(this.current.credentials, resolved.credentials)
      const { earlyAt, expiresAt, mandatoryAt } = windows.times(policy, {
        now,
        expiration: expiration === undefined ? undefined : DateTime.toEpochMillis(expiration),
        undated: resolved.undated,
        random,
        again
      })
      if (expiresAt <= now) {
        return expired(resolved.source)
      }
      const recovered = this.outage === undefined || this.current === undefined
        ? Effect.void
        : Effect.annotateLogs(Effect.logInfo("Alibaba Cloud credentials are available again"), {
          source: resolved.source
        })
      this.current = {
        credentials: resolved.credentials,
        exit: Exit.succeed(resolved.credentials),
        source: resolved.source,
        again,
        receivedAt: now,
        earlyAt,
        mandatoryAt,
        expiresAt,
        read: false
      }
      this.outage = undefined
      scheduler.schedule(this, earlyAt)
      return Effect.as(
        Effect.zipRight(recovered, metrics.expiresIn(resolved.source, expiresAt - now)),
        resolved.credentials
      )
    })
  }

  private refuse(cause: Cause.Cause<CredentialsError>): Effect.Effect<void> {
    const failures = (this.outage?.failures ?? 0) + 1
    const { current } = this
    const { policy, random } = this.shared
    return Effect.flatMap(random.next, (random) => {
      const pause = windows.holdOff(policy, { failures, hadValue: current !== undefined, random })
      const now = this.now()
      this.outage = { failures, failure: Exit.failCause(cause), since: now, until: now + pause }
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

/** How long a refusal of a session that came again does not count. */
const againMillis = 1000

/** A lookup that interrupts itself is a failed one; only the end of the scope interrupts those who wait. */
const withoutInterruption = <E>(cause: Cause.Cause<E>): Cause.Cause<E> =>
  Cause.isInterruptedOnly(cause) ? Cause.die(new Cause.InterruptedException("The lookup interrupted itself.")) : cause

const describe = (cause: Cause.Cause<CredentialsError>): string =>
  Option.match(Cause.failureOption(cause), {
    onNone: () => "an unexpected defect",
    onSome: (error) => error.message
  })
