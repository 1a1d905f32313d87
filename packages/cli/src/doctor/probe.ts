/** One request whose response shows reachability and clock of a service, for the network checks of `doctor`. */
import * as Transport from "@effect-alicloud/credentials/unstable/Transport"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"

/** How a server answered, whatever it said, or why it did not. */
export type Probed =
  | {
    readonly _tag: "Answered"
    readonly status: number
    readonly millis: number
    /** How far this machine's clock is ahead of the server's, in milliseconds. */
    readonly clockAheadMillis: number | undefined
  }
  | Transport.NoAnswer
  | { readonly _tag: "Silent"; readonly limitMillis: number }

export type Problem = Exclude<Probed, { readonly _tag: "Answered" }>

/** Sends one request, for at most `limit`. */
export const probe = (
  request: HttpClientRequest.HttpClientRequest,
  options: { readonly limit: Duration.DurationInput; readonly direct: boolean }
): Effect.Effect<Probed, never, HttpClient.HttpClient> => {
  const limit = Duration.decode(options.limit)
  return Effect.gen(function*() {
    const client = yield* HttpClient.HttpClient
    const sent = yield* Clock.currentTimeMillis
    const connection = { connectTimeout: limit, timeout: limit, direct: options.direct }
    const { headers, status } = yield* Effect.scoped(Transport.send(client, request, connection, Effect.succeed))
    const received = yield* Clock.currentTimeMillis
    const date = Transport.dateOf(headers)
    return {
      _tag: "Answered" as const,
      status,
      millis: received - sent,
      // The header has whole seconds, rounded down.
      clockAheadMillis: date === undefined ? undefined : (sent + received) / 2 - (date + 500)
    }
  }).pipe(
    Effect.catchAll((error): Effect.Effect<Probed> => Effect.succeed(error)),
    Effect.timeoutTo({
      duration: limit,
      onSuccess: (probed): Probed => probed,
      onTimeout: (): Probed => ({ _tag: "Silent", limitMillis: Duration.toMillis(limit) })
    })
  )
}
