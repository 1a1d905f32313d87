/**
 * Other credentials for single calls: for programs that work for many tenants, with one client for all of them. The
 * client keeps its connections, options and clock correction; only the signer differs.
 *
 * A client signs with the `CredentialsProvider` that was in the context when it was made. A `CredentialsProvider` that is
 * provided around a call changes nothing: a call must not run as another identity by accident. `provide` and `layer` of
 * this module, and the option `credentials` of a call, do it on purpose.
 *
 * @module
 * @since 0.1.0
 */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"

/**
 * The credentials of a call: any `CredentialsProvider.Service`, for example one of `RamRoleArns.provider(role)`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Signer {
  readonly get: Effect.Effect<Credentials, CredentialsError>
  /** Called when the service rejects the credentials, before the call is retried. */
  readonly invalidate?: ((rejected: Credentials) => Effect.Effect<void>) | undefined
}

/**
 * The credentials that take precedence over those of clients. Default `undefined`: each client uses its own.
 *
 * @since 0.1.0
 * @category services
 */
export class CallCredentials extends Context.Reference<CallCredentials>()(
  "@effect-alicloud/openapi/CallCredentials",
  { defaultValue: (): Signer | undefined => undefined }
) {}

/**
 * Signs all calls of an effect with these credentials, whatever client makes them: `OpenApi`, `Ecs`, `Sts`, a client of a
 * tag of your own, or a `SigningClient`. The innermost `provide` applies; the option `credentials` of a call takes
 * precedence.
 *
 * @example
 * ```ts
 * import { RamRoleArn } from "@effect-alicloud/credentials"
 * import { CallCredentials, Ecs } from "@effect-alicloud/openapi"
 * import { Effect } from "effect"
 *
 * const regionsOf = (roleArn: string) =>
 *   Effect.flatMap(RamRoleArn.RamRoleArns, (roles) =>
 *     CallCredentials.provide(Ecs.describeRegions(), roles.provider({ roleArn })))
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const provide: {
  (credentials: Signer): <A, E, R>(self: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  <A, E, R>(self: Effect.Effect<A, E, R>, credentials: Signer): Effect.Effect<A, E, R>
} = dual(
  2,
  <A, E, R>(self: Effect.Effect<A, E, R>, credentials: Signer): Effect.Effect<A, E, R> =>
    Effect.provideService(self, CallCredentials, credentials)
)

/**
 * The provider in the context of the layer as the credentials of all calls under it.
 *
 * @example
 * ```ts
 * import { CliProfile } from "@effect-alicloud/credentials"
 * import { CallCredentials, Ecs } from "@effect-alicloud/openapi"
 * import { Effect, Layer } from "effect"
 *
 * const asProfile = (profileName: string) => Layer.provide(CallCredentials.layer, CliProfile.layer({ profileName }))
 *
 * const regionsOf = (profileName: string) => Effect.provide(Ecs.describeRegions(), asProfile(profileName))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<CallCredentials, never, CredentialsProvider> = Layer.effect(
  CallCredentials,
  CredentialsProvider
)
