import * as Credentials from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import { SourceFailed, SourceUnavailable } from "@effect-alicloud/credentials/CredentialsError"
import type * as RefreshPolicy from "@effect-alicloud/credentials/RefreshPolicy"
import * as SessionCache from "@effect-alicloud/credentials/SessionCache"
import type { Scope } from "effect"
import { Cause, Clock, DateTime, Effect, HashMap, Logger, LogLevel, Random } from "effect"

/** Part of every secret made here, so that a rendering can be searched for it. */
export const secret = "s3cr3t"

type Answer = Effect.Effect<Credentials.Credentials, CredentialsError>

/** A session that ends `seconds` after the moment it is asked for. */
export const session = (id: string, seconds: number): Effect.Effect<Credentials.Sts> =>
  Effect.map(Clock.currentTimeMillis, (now) => sessionUntil(id, now + seconds * 1000))

export const sessionUntil = (id: string, expiresAt: number): Credentials.Sts =>
  Credentials.sts({
    type: "sts",
    providerName: "upstream",
    accessKeyId: id,
    accessKeySecret: `${secret}-secret-of-${id}`,
    securityToken: `${secret}-token-of-${id}`,
    expiration: DateTime.unsafeMake(expiresAt)
  })

/** Credentials that do not say when they end. */
export const undated = (id: string, providerName: string = "upstream"): Credentials.AccessKey =>
  Credentials.accessKey({
    type: "access_key",
    providerName,
    accessKeyId: id,
    accessKeySecret: `${secret}-secret-of-${id}`
  })

export const idOf = (credentials: Credentials.Credentials | undefined): string | undefined =>
  credentials === undefined || credentials._tag === "Bearer" || credentials._tag === "Anonymous"
    ? undefined
    : credentials.accessKeyId

export const failure = (
  fields: Partial<Pick<SourceFailed, "source" | "reason" | "detail" | "retryable">> = {}
): SourceFailed =>
  new SourceFailed({
    source: "upstream",
    reason: "Transport",
    detail: "connection refused by 127.0.0.1",
    retryable: true,
    ...fields
  })

export const absent = (source: string): SourceUnavailable =>
  new SourceUnavailable({ source, detail: `${source} is not set`, hint: `Set ${source}.` })

/** What is asked for credentials: counts, and answers what `answer` says at the moment. */
export interface Upstream {
  calls: number
  inFlight: number
  mostInFlight: number
  answer: Answer
  readonly get: Answer
}

/** Answers sessions of `seconds`, named `session-1`, `session-2` and so on, until told otherwise. */
export const makeUpstream = (seconds: number = 3600): Upstream => {
  const self: Upstream = {
    calls: 0,
    inFlight: 0,
    mostInFlight: 0,
    answer: Effect.suspend(() => session(`session-${self.calls}`, seconds)),
    get: Effect.suspend(() => {
      self.calls += 1
      self.inFlight += 1
      self.mostInFlight = Math.max(self.mostInFlight, self.inFlight)
      return Effect.ensuring(
        self.answer,
        Effect.sync(() => {
          self.inFlight -= 1
        })
      )
    })
  }
  return self
}

/** A session cache over an upstream, without jitter: `Random` always answers `random`, 0 unless told. */
export const makeSession = (upstream: Upstream, options: {
  readonly refresh?: RefreshPolicy.Options | undefined
  readonly undated?: RefreshPolicy.Undated | undefined
  readonly name?: string | undefined
  readonly random?: Random.Random | undefined
} = {}): Effect.Effect<SessionCache.Session, never, Scope.Scope> =>
  SessionCache.make({
    name: options.name ?? "upstream",
    refresh: options.refresh,
    lookup: Effect.map(upstream.get, (credentials) => ({
      credentials,
      source: options.name ?? "upstream",
      undated: options.undated ?? "expire"
    }))
  }).pipe(Effect.withRandom(options.random ?? Random.fixed([0])))

/** Runs the same effect many times at once. */
export const atOnce = <A, E, R>(times: number, effect: Effect.Effect<A, E, R>): Effect.Effect<Array<A>, E, R> =>
  Effect.all(Array.from({ length: times }, () => effect), { concurrency: "unbounded" })

export interface Logged {
  readonly level: string
  readonly message: string
  readonly annotations: Record<string, unknown>
  readonly cause: string
}

/** Collects what is logged by the effect and by every fiber that inherits from it. */
export const collectLogs = (): {
  readonly logs: Array<Logged>
  readonly withLogs: <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
} => {
  const logs: Array<Logged> = []
  const logger = Logger.make<unknown, void>(({ annotations, cause, logLevel, message }) => {
    logs.push({
      level: logLevel.label,
      message: Array.isArray(message) ? message.join(" ") : String(message),
      annotations: Object.fromEntries(HashMap.toEntries(annotations)),
      cause: Cause.isEmpty(cause) ? "" : Cause.pretty(cause)
    })
  })
  return {
    logs,
    withLogs: (self) =>
      self.pipe(Effect.provide(Logger.replace(Logger.defaultLogger, logger)), Logger.withMinimumLogLevel(LogLevel.All))
  }
}

export const warnings = (logs: ReadonlyArray<Logged>): ReadonlyArray<Logged> =>
  logs.filter((log) => log.level === "WARN")
