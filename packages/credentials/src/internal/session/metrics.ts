/** The metrics and the span of a refresh. Used by `session.ts`; the README lists the names. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Metric from "effect/Metric"
import * as MetricBoundaries from "effect/MetricBoundaries"

const refreshes = Metric.counter("alicloud_credentials_refresh_total", {
  description: "Refreshes of a session, by source and outcome.",
  incremental: true
})

const durations = Metric.histogram(
  "alicloud_credentials_refresh_duration_seconds",
  MetricBoundaries.fromIterable([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15]),
  "How long a refresh took."
)

const secondsToExpiry = Metric.gauge("alicloud_credentials_seconds_to_expiry", {
  description: "The time a session had left when it arrived, by source."
})

const refreshBacklog = Metric.gauge("alicloud_credentials_refresh_backlog", {
  description: "Early refreshes of keyed sessions that are due and wait for the limit of refreshes per second."
})

/** Records how many refreshes are late, so that a limit that is too low is seen before readers wait. */
export const backlog = (count: number): void => refreshBacklog.unsafeUpdate(count, [])

/** Records how long newly arrived credentials live; credentials that never expire have no such number. */
export const expiresIn = (source: string, millis: number): Effect.Effect<void> =>
  Number.isFinite(millis) ? Metric.set(Metric.tagged(secondsToExpiry, "source", source), millis / 1000) : Effect.void

/** Counts and times a refresh and puts it into a span. */
export const trackRefresh =
  (source: () => string, attempt: () => number) => <A, E, R>(self: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
    Effect.suspend(() => {
      const number = attempt()
      return Effect.flatMap(Clock.currentTimeMillis, (started) =>
        self.pipe(
          Effect.onExit((exit) =>
            Effect.flatMap(Clock.currentTimeMillis, (ended) => {
              const outcome = Exit.isSuccess(exit) ? "success" : Exit.isInterrupted(exit) ? "interrupted" : "failure"
              return Effect.zipRight(
                Metric.update(
                  refreshes.pipe(Metric.tagged("source", source()), Metric.tagged("outcome", outcome)),
                  1
                ),
                Effect.zipRight(
                  Metric.update(durations, (ended - started) / 1000),
                  Effect.annotateCurrentSpan({ source: source(), outcome, attempt: number })
                )
              )
            })
          )
        )).pipe(Effect.withSpan("alicloud.credentials.refresh", { captureStackTrace: false }))
    })
