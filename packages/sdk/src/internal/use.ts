/** Calls of official clients as effects, for `use` of the bridges. */
import { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Retrying } from "../AlicloudCredential.ts"
import type { ClientError } from "../ClientError.ts"
import { fromUnknown } from "../ClientError.ts"
import { CredentialsClosed } from "../CredentialsClosed.ts"

/** The errors of a call. */
export type Failure = ClientError | CredentialsClosed | CredentialsError

const isOurs = Schema.is(Schema.Union(CredentialsError, CredentialsClosed))

export const make =
  <I, S extends Retrying>(tag: Context.Tag<I, S>) =>
  <A>(run: (service: S) => PromiseLike<A>, options?: { readonly action?: string | undefined }): Effect.Effect<
    A,
    Failure,
    I
  > =>
    Effect.flatMap(tag, (service) => {
      let attempt = 0
      return Effect.tryPromise({
        try: () =>
          service.retryOnRejected(async () => {
            attempt++
            return await run(service)
          }),
        catch: (error) => (isOurs(error) ? error : fromUnknown(error, options?.action))
      }).pipe(
        Effect.ensuring(Effect.suspend(() => Effect.annotateCurrentSpan("attempt", attempt))),
        Effect.tapError((error) =>
          error._tag === "ClientError" && error.requestId !== undefined
            ? Effect.annotateCurrentSpan("requestId", error.requestId)
            : Effect.void
        ),
        Effect.withSpan(`alicloud.sdk.${options?.action ?? "call"}`, {
          captureStackTrace: false,
          kind: "client",
          attributes: options?.action === undefined ? {} : { action: options.action }
        })
      )
    })
