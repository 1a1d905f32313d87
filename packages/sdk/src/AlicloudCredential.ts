/**
 * A `CredentialsProvider` as the `credential` of the official V2 clients, those on `@alicloud/openapi-core` and
 * `@alicloud/openapi-client`.
 *
 * @module
 * @since 0.1.0
 */
// An optional peer, for its types only: without it `Service` is `any`.
/** @ts-ignore */
import type * as Official from "@alicloud/credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { ClientError } from "./ClientError.ts"
import type { CredentialsClosed } from "./CredentialsClosed.ts"
import * as bridge from "./internal/bridge.ts"
import * as calls from "./internal/use.ts"

/**
 * The addition of the bridge to the official `Credential`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Retrying {
  /**
   * Runs a call of a client that uses this credential. If the service rejects the credentials (`Rejection.isRejected`),
   * only those are invalidated and the call is retried once. The result of the second call is returned.
   */
  readonly retryOnRejected: <A>(run: () => PromiseLike<A>) => Promise<A>
}

/**
 * The credential of a V2 client, with the type and all methods of the official `Credential`. Pass it as
 * `new Config({ credential })`.
 *
 * - Clients call `getCredential()` for each request. It returns one immutable object per session: id, secret and token
 *   never come from different sessions. Its secrets are left out of JSON, inspection and spreads; read the fields, or
 *   call `toMap()`
 * - `getAccessKeyId()`, `getAccessKeySecret()`, `getSecurityToken()` use one session during a turn of the event loop, so
 *   that a client which calls them one after the other does not mix two. A missing secret or token is `""`
 * - `getType()`, `getBearerToken()` are synchronous: they use the fresh session, else the last one. Before the first read
 *   the type is `"default"`, as that of the official default chain, and the token is `""`. A client that calls these
 *   first (with `signatureVersion: "v4"` and a bearer token) needs one `getCredential()` before
 * - without credentials the promises are rejected with the `CredentialsError` itself: `instanceof` and `_tag` work.
 *   Anonymous credentials, and a bearer token for another header than `x-acs-bearer-token`, fail with `InvalidConfig`.
 *   After the scope has closed they are rejected with `CredentialsClosed`
 *
 * @since 0.1.0
 * @category models
 */
export type Service = Official.default & Retrying

/**
 * The credential of the official V2 clients.
 *
 * @since 0.1.0
 * @category services
 */
export class AlicloudCredential
  extends Context.Tag("@effect-alicloud/sdk/AlicloudCredential")<AlicloudCredential, Service>()
{}

/**
 * Makes a credential from a provider. It can be used until the scope closes. Nothing is resolved before a client needs it.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { NodeCredentials } from "@effect-alicloud/node"
 * import { AlicloudCredential } from "@effect-alicloud/sdk"
 * import Ecs from "@alicloud/ecs20140526"
 * import OpenApi from "@alicloud/openapi-core"
 * import { Effect } from "effect"
 *
 * const { default: Client, DescribeRegionsRequest } = Ecs
 *
 * const program = Effect.gen(function*() {
 *   const provider = yield* CredentialsProvider.CredentialsProvider
 *   const credential = yield* AlicloudCredential.make(provider)
 *   const config = new OpenApi.$OpenApiUtil.Config({ credential, endpoint: "ecs.cn-hangzhou.aliyuncs.com" })
 *   const client = new Client(config)
 *   return yield* Effect.tryPromise(() => client.describeRegions(new DescribeRegionsRequest({})))
 * }).pipe(Effect.scoped, Effect.provide(NodeCredentials.layer))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (provider: CredentialsProvider.Service): Effect.Effect<Service, never, Scope.Scope> =>
  bridge.make(provider, "default")

/**
 * The credential of the provider in the context.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<AlicloudCredential, never, CredentialsProvider.CredentialsProvider> = Layer.scoped(
  AlicloudCredential,
  Effect.flatMap(CredentialsProvider.CredentialsProvider, make)
)

/**
 * Runs a call of a V2 client that uses the credentials in the context.
 *
 * - if the service rejects the credentials, only those are invalidated and the call is retried once
 * - it fails with the `CredentialsError` itself where there are no credentials, with `CredentialsClosed` after the scope
 *   has closed, and with `ClientError` for every other error of the client
 * - it is one span, `alicloud.sdk.<action>`, with `attempt` and, of errors, `requestId`
 *
 * A client's promise cannot be aborted: after an interruption it goes on in the background.
 *
 * @example
 * ```ts
 * import { AlicloudCredential } from "@effect-alicloud/sdk"
 * import Ecs from "@alicloud/ecs20140526"
 * import { Effect } from "effect"
 *
 * const { DescribeRegionsRequest } = Ecs
 *
 * const regions = (client: Ecs.default) =>
 *   AlicloudCredential.use(() => client.describeRegions(new DescribeRegionsRequest({})), { action: "DescribeRegions" }).pipe(
 *     Effect.catchTag("ClientError", (error) => error.status === 403 ? Effect.succeed(undefined) : Effect.fail(error))
 *   )
 * ```
 *
 * @since 0.1.0
 * @category calls
 */
export const use: <A>(
  run: (credentials: Service) => PromiseLike<A>,
  options?: { readonly action?: string | undefined }
) => Effect.Effect<A, ClientError | CredentialsClosed | CredentialsError, AlicloudCredential> = calls.make(
  AlicloudCredential
)
