/**
 * The arithmetic of `RefreshPolicy`: when a session is refreshed, and how long its source is left alone after failures.
 * Pure functions, used by the session alone. All times are epoch milliseconds, all results whole milliseconds.
 */
import * as Duration from "effect/Duration"
import type { RefreshPolicy, Undated } from "../../RefreshPolicy.ts"

const minute = 60_000

/** The length of the early window of a session that lives for `lifetime` milliseconds, before jitter. */
export const earlyWindow = (policy: RefreshPolicy, lifetime: number): number => {
  if (policy.earlyWindow !== undefined) {
    return Math.min(Duration.toMillis(policy.earlyWindow), lifetime / 3)
  }
  if (lifetime >= 90 * minute) {
    return 60 * minute
  }
  return lifetime > 20 * minute ? 15 * minute : Math.min(5 * minute, lifetime / 3)
}

/** The length of the mandatory window of a session that lives for `lifetime` milliseconds. */
export const mandatoryWindow = (policy: RefreshPolicy, lifetime: number): number =>
  Math.min(Duration.toMillis(policy.mandatoryWindow), lifetime / 10)

/** The moments at which a session's state changes. `Infinity` for what never comes. */
export interface Times {
  readonly earlyAt: number
  readonly mandatoryAt: number
  readonly expiresAt: number
}

/**
 * The moments of credentials received at `now`. `random` is between 0 and 1. The early window starts no
 * later than the mandatory one; only the same session handed out `again` is not asked for within a second, unless it
 * ends sooner.
 */
export const times = (policy: RefreshPolicy, options: {
  readonly now: number
  readonly expiration: number | undefined
  readonly undated: Undated
  readonly random: number
  readonly again: boolean
}): Times => {
  const undated = options.now + Duration.toMillis(policy.undatedLifetime)
  if (options.expiration === undefined && options.undated === "recheck") {
    return { earlyAt: options.now + minute, mandatoryAt: options.now + minute, expiresAt: Infinity }
  }
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
