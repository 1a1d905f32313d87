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
 * - `keep`: they never change (given in code or in the environment)
 * - `reread`: they never expire, but what they were read from may have changed: read it again in the background
 * - `expire`: they are a session whose end is not known: treat it as ended after `undatedLifetime`
 *
 * @since 0.1.0
 * @category models
 */
export type Undated = "keep" | "reread" | "expire"

/**
 * When a session is refreshed, and what happens when that fails.
 *
 * @since 0.1.0
 * @category models
 */
export interface RefreshPolicy {
  /**
   * How long before the end the background refresh starts, for every lifetime, but never more than a third of it.
   * Default: 5 minutes for sessions of up to 20 minutes (at most a third of the lifetime), 15 minutes for longer ones.
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
  /** How long credentials without an expiration are used before they are asked for again. Default 15 minutes. */
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

const twentyMinutes = 20 * 60_000

/**
 * The length of the early window of a session that lives for `lifetime` milliseconds, before jitter.
 *
 * @since 0.1.0
 * @category windows
 */
export const earlyWindow = (policy: RefreshPolicy, lifetime: number): number => {
  if (policy.earlyWindow !== undefined) {
    return Math.min(Duration.toMillis(policy.earlyWindow), lifetime / 3)
  }
  return lifetime <= twentyMinutes ? Math.min(5 * 60_000, lifetime / 3) : 15 * 60_000
}

/**
 * The length of the mandatory window of a session that lives for `lifetime` milliseconds.
 *
 * @since 0.1.0
 * @category windows
 */
export const mandatoryWindow = (policy: RefreshPolicy, lifetime: number): number =>
  Math.min(Duration.toMillis(policy.mandatoryWindow), lifetime / 10)

/**
 * The moments at which a session's state changes. `Infinity` for what never comes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Times {
  readonly earlyAt: number
  readonly mandatoryAt: number
  readonly expiresAt: number
}

/**
 * The moments of credentials received at `now`. `random` is between 0 and 1. The early window starts no
 * later than the mandatory one; only the same session handed out `again` is not asked for within a second, unless it
 * ends sooner.
 *
 * @since 0.1.0
 * @category windows
 */
export const times = (policy: RefreshPolicy, options: {
  readonly now: number
  readonly expiration: number | undefined
  readonly undated: Undated
  readonly random: number
  readonly again: boolean
}): Times => {
  const undated = options.now + Duration.toMillis(policy.undatedLifetime)
  if (options.expiration === undefined && options.undated !== "expire") {
    const earlyAt = options.undated === "keep" ? Infinity : undated
    return { earlyAt, mandatoryAt: Infinity, expiresAt: Infinity }
  }
  const expiresAt = options.expiration ?? undated
  const lifetime = expiresAt - options.now
  const window = Math.min(earlyWindow(policy, lifetime) * (1 + policy.jitter * options.random), lifetime * 0.9)
  const mandatoryAt = Math.floor(expiresAt - mandatoryWindow(policy, lifetime))
  const earlyAt = Math.min(Math.ceil(expiresAt - window), mandatoryAt)
  const refreshAt = options.again ? Math.min(Math.max(earlyAt, options.now + 1000), expiresAt) : earlyAt
  return { earlyAt: refreshAt, mandatoryAt: policy.readersWait === "early" ? refreshAt : mandatoryAt, expiresAt }
}

/**
 * How long the source is left alone after the `failures`-th failure in a row, in milliseconds. `random` is between 0
 * and 1.
 *
 * @since 0.1.0
 * @category windows
 */
export const holdOff = (policy: RefreshPolicy, options: {
  readonly failures: number
  readonly hadValue: boolean
  readonly random: number
}): number => {
  if (options.failures <= 1) {
    return 0
  }
  const cap = Duration.toMillis(options.hadValue ? policy.holdOffCap : policy.holdOffCapCold)
  const step = Duration.toMillis(policy.holdOff) * 2 ** Math.min(options.failures - 2, 40)
  return Math.round(Math.min(cap, step) * (0.5 + options.random / 2))
}
