/**
 * When a session is refreshed, as plain data and pure functions. All times are epoch milliseconds, all results whole
 * milliseconds.
 *
 * A session goes through four states by the time it has left: *fresh*, the *early window* (a background refresh, readers
 * do not wait), the *mandatory window* (readers wait) and *expired*.
 *
 * @module
 * @since 0.1.0
 */
import * as Duration from "effect/Duration"

/**
 * What to do with credentials that carry no expiration.
 *
 * - `keep`: they never change (given in code)
 * - `recheck`: they may change at any time, and reading them costs nothing (environment variables): after a minute they
 *   are read again before a reader gets them
 * - `reread`: they never expire, but what they were read from may have changed: read it again in the background
 * - `expire`: they are a session whose end is not known: treat it as ended after `undatedLifetime`
 *
 * @since 0.1.0
 * @category models
 */
export type Undated = "keep" | "recheck" | "reread" | "expire"

/**
 * When a session is refreshed, and what happens when that fails.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefreshPolicy {
  /**
   * How long before the end the background refresh starts, for every lifetime, but never more than a third of it.
   * Default: 5 minutes for sessions of up to 20 minutes (at most a third of the lifetime), an hour for sessions of 90
   * minutes and more, 15 minutes for those between.
   */
  readonly earlyWindow: Duration.Duration | undefined
  /**
   * The early window starts sooner by up to this fraction of itself, so that a fleet spreads out, but never in the
   * first tenth of the lifetime. Default 0.2.
   */
  readonly jitter: number
  /** How long before the end readers wait for the refresh, at most a tenth of the lifetime. Default 60 seconds. */
  readonly mandatoryWindow: Duration.Duration
  /**
   * From when on readers wait for the refresh. `early` is for readers that read once and never again: they get a session
   * with as much time left as there is. Default `mandatory`.
   */
  readonly readersWait: "early" | "mandatory"
  /** How long credentials without an expiration are used before they are looked up again. Default 15 minutes. */
  readonly undatedLifetime: Duration.Duration
  /** Once expired and not refreshable: `refuse` (default) fails, `serve` hands out the old value with a warning. */
  readonly pastExpiry: "refuse" | "serve"
  /** The first pause of the hold-off ladder. Default 100 milliseconds. */
  readonly holdOff: Duration.Duration
  /** The longest pause while there has never been a value. Default 5 seconds. */
  readonly holdOffCapCold: Duration.Duration
  /** The longest pause once there was a value. Default 4 minutes. */
  readonly holdOffCap: Duration.Duration
}

/**
 * Any part of a policy; the rest is `defaultPolicy`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options {
  readonly earlyWindow?: Duration.DurationInput | undefined
  readonly jitter?: number | undefined
  readonly mandatoryWindow?: Duration.DurationInput | undefined
  readonly readersWait?: "early" | "mandatory" | undefined
  readonly undatedLifetime?: Duration.DurationInput | undefined
  readonly pastExpiry?: "refuse" | "serve" | undefined
  readonly holdOff?: Duration.DurationInput | undefined
  readonly holdOffCapCold?: Duration.DurationInput | undefined
  readonly holdOffCap?: Duration.DurationInput | undefined
}

/**
 * The policy of every source that is given none.
 *
 * @since 0.1.0
 * @category constants
 */
export const defaultPolicy: RefreshPolicy = {
  earlyWindow: undefined,
  jitter: 0.2,
  mandatoryWindow: Duration.seconds(60),
  readersWait: "mandatory",
  undatedLifetime: Duration.minutes(15),
  pastExpiry: "refuse",
  holdOff: Duration.millis(100),
  holdOffCapCold: Duration.seconds(5),
  holdOffCap: Duration.minutes(4)
}

/**
 * Completes a policy with the defaults. Bare numbers are milliseconds; a `jitter` outside 0 to 1 counts as the nearer
 * of them.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (options: Options = {}): RefreshPolicy => {
  const duration = (input: Duration.DurationInput | undefined, fallback: Duration.Duration): Duration.Duration =>
    input === undefined ? fallback : Duration.decode(input)
  return {
    earlyWindow: options.earlyWindow === undefined ? undefined : Duration.decode(options.earlyWindow),
    jitter: Math.min(1, Math.max(0, options.jitter ?? defaultPolicy.jitter)),
    mandatoryWindow: duration(options.mandatoryWindow, defaultPolicy.mandatoryWindow),
    readersWait: options.readersWait ?? defaultPolicy.readersWait,
    undatedLifetime: duration(options.undatedLifetime, defaultPolicy.undatedLifetime),
    pastExpiry: options.pastExpiry ?? defaultPolicy.pastExpiry,
    holdOff: duration(options.holdOff, defaultPolicy.holdOff),
    holdOffCapCold: duration(options.holdOffCapCold, defaultPolicy.holdOffCapCold),
    holdOffCap: duration(options.holdOffCap, defaultPolicy.holdOffCap)
  }
}
