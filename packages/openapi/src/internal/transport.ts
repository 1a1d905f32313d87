/** The requests of calls: one attempt each, and errors that are `TransportError` or `MalformedResponse`. */
import * as Transport from "@effect-alicloud/credentials/unstable/Transport"
import * as HttpClient from "@effect/platform/HttpClient"
import type * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import { MalformedResponse, TransportError } from "../OpenApiError.ts"

const maxBodyMebibytes = 32

/** The action and host of a request, for errors. */
export interface Exchange {
  readonly action: string
  /** Scheme, host and port. */
  readonly host: string
}

export type Send = (
  exchange: Exchange,
  request: HttpClientRequest.HttpClientRequest
) => Effect.Effect<Transport.Answer, TransportError | MalformedResponse>

/** Sends one request through the `HttpClient` of the context. */
export const make = (
  timeouts: Transport.Timeouts & {
    readonly endpoint: { readonly unresolved?: string | undefined }
  }
): Effect.Effect<Send, never, HttpClient.HttpClient> =>
  Effect.map(HttpClient.HttpClient, (client) => (exchange, request) =>
    Effect.mapError(
      Transport.send(
        client,
        request,
        { connectTimeout: timeouts.connectTimeout, timeout: timeouts.timeout, direct: false },
        Transport.readAnswer(maxBodyMebibytes * 1024 * 1024)
      ),
      (error) =>
        error._tag === "TooLarge"
          ? new MalformedResponse({
            ...exchange,
            status: error.status,
            issues: [`it is larger than ${maxBodyMebibytes} MiB`]
          })
          : new TransportError({
            ...exchange,
            reason: error.reason,
            code: error.code,
            detail: error.proxy?.message,
            hint: error.reason === "Certificate"
              ? Transport.certificateHint
              : error.code === "ENOTFOUND"
              ? timeouts.endpoint.unresolved
              : error.proxy?.hint,
            retryable: error.retryable
          })
    ))

export const timedOut = (exchange: Exchange): TransportError =>
  new TransportError({ ...exchange, reason: "Timeout", retryable: true })

/** Whether the request did not reach a server, but may do so later. */
export const neverConnected = (error: TransportError): boolean =>
  error.retryable && Transport.neverConnected(error.code)
