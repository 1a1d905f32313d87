import { Connection } from "@effect-alicloud/credentials/Platform"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Predicate from "effect/Predicate"

/** How a server answered, whatever it said, or why it did not. */
export type Probed =
  | {
    readonly _tag: "Answered"
    readonly status: number
    readonly millis: number
    /** How far this machine's clock is ahead of the server's, in milliseconds. */
    readonly clockAheadMillis: number | undefined
  }
  | { readonly _tag: "Untrusted" | "Unreachable"; readonly code: string | undefined }
  | { readonly _tag: "Silent"; readonly limitMillis: number }

const untrusted = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS_|HOSTNAME_MISMATCH/

/** The system's code, wherever it is nested: `ECONNREFUSED`. */
const codeOf = (error: unknown): string | undefined => {
  let cause = error
  for (let depth = 0; depth < 8 && Predicate.isRecord(cause); depth++) {
    const { cause: next, code, errors } = cause
    if (typeof code === "string" && /^[A-Za-z][A-Za-z0-9._-]{0,95}$/.test(code)) {
      return code
    }
    cause = next ?? (Array.isArray(errors) ? errors[0] : undefined)
  }
  return undefined
}

/** Sends one request, for at most `limit`. */
export const probe = (
  request: HttpClientRequest.HttpClientRequest,
  options: { readonly limit: Duration.DurationInput; readonly direct: boolean }
): Effect.Effect<Probed, never, HttpClient.HttpClient> => {
  const limit = Duration.decode(options.limit)
  return Effect.gen(function*() {
    const client = (yield* HttpClient.HttpClient).pipe(
      HttpClient.withTracerPropagation(false),
      HttpClient.withTracerDisabledWhen(() => true)
    )
    const sent = yield* Clock.currentTimeMillis
    const { headers, status } = yield* Effect.scoped(client.execute(request))
    const received = yield* Clock.currentTimeMillis
    const date = Date.parse(headers["date"] ?? "")
    // The header has whole seconds, rounded down.
    const ahead = (sent + received) / 2 - (date + 500)
    return {
      _tag: "Answered" as const,
      status,
      millis: received - sent,
      clockAheadMillis: Number.isNaN(ahead) ? undefined : ahead
    }
  }).pipe(
    Effect.provideService(Connection, { connectTimeout: limit, timeout: limit, direct: options.direct }),
    Effect.catchAll((error): Effect.Effect<Probed> => {
      const code = codeOf(error)
      return Effect.succeed({ _tag: code !== undefined && untrusted.test(code) ? "Untrusted" : "Unreachable", code })
    }),
    Effect.timeoutTo({
      duration: limit,
      onSuccess: (probed): Probed => probed,
      onTimeout: (): Probed => ({ _tag: "Silent", limitMillis: Duration.toMillis(limit) })
    })
  )
}
