/**
 * A `CredentialsProvider` as the `credentialsProvider` of `@alicloud/pop-core`, the V1 client.
 *
 * @module
 * @since 0.1.0
 */
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import type { Retrying } from "./AlicloudCredential.ts"
import type { ClientError } from "./ClientError.ts"
import type { CredentialsClosed } from "./CredentialsClosed.ts"
import { partsOf, signing } from "./internal/pair.ts"
import * as reader from "./internal/reader.ts"
import * as calls from "./internal/use.ts"

/**
 * The pair or session that signs one request.
 *
 * @since 0.1.0
 * @category models
 */
export interface Parts {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken?: string
}

/**
 * The options of `RPCClient` other than the credentials.
 *
 * @since 0.1.0
 * @category models
 */
export interface RpcOptions {
  /** With scheme: `https://ecs.cn-hangzhou.aliyuncs.com`. */
  readonly endpoint: string
  readonly apiVersion: string
  /** Further values of `Code` that mean success. */
  readonly codes?: ReadonlyArray<string | number> | undefined
  /** Options of each request: `timeout` in milliseconds, `method`, `agent`, … */
  readonly opts?: object | undefined
}

/**
 * A complete configuration of `RPCClient`. The published type of the client's options has no `credentialsProvider` and
 * requires a pair, so it contains an empty pair that is not used.
 *
 * @since 0.1.0
 * @category models
 */
export interface RpcConfig {
  endpoint: string
  apiVersion: string
  accessKeyId: string
  accessKeySecret: string
  codes: Array<string | number>
  opts: object
  credentialsProvider: { readonly getCredentials: () => Promise<Parts> }
}

/**
 * The `credentialsProvider` of `RPCClient` and `ROAClient`.
 *
 * - `getCredentials()` is called once per request and returns id, secret and token of one session
 * - without credentials it is rejected with the `CredentialsError` itself; bearer tokens and anonymous credentials,
 *   which this client does not support, fail with `InvalidConfig`
 * - `rpcConfig(options)` is the argument of `new RPCClient(…)`. It sends parameters in the body (`POST`), where the
 *   client's own default puts them into the URL, which its errors quote, with the security token in it
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Retrying {
  readonly getCredentials: () => Promise<Parts>
  readonly rpcConfig: (options: RpcOptions) => RpcConfig
}

/**
 * The credentials of the V1 clients.
 *
 * @since 0.1.0
 * @category services
 */
export class PopCoreCredentials
  extends Context.Tag("@effect-alicloud/sdk/PopCoreCredentials")<PopCoreCredentials, Service>()
{}

/**
 * Makes the credentials of the V1 clients from a provider. They can be used until the scope closes.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { NodeCredentials } from "@effect-alicloud/node"
 * import { PopCoreCredentials } from "@effect-alicloud/sdk"
 * import RPCClient from "@alicloud/pop-core"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const credentials = yield* PopCoreCredentials.make(yield* CredentialsProvider.CredentialsProvider)
 *   const client = new RPCClient(
 *     credentials.rpcConfig({ endpoint: "https://ecs.cn-hangzhou.aliyuncs.com", apiVersion: "2014-05-26" })
 *   )
 *   return yield* Effect.tryPromise(() => client.request("DescribeRegions", {}))
 * }).pipe(Effect.scoped, Effect.provide(NodeCredentials.layer))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (provider: CredentialsProvider.Service): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.map(
    reader.make(provider, signing("PopCoreCredentials", "@alicloud/pop-core")),
    ({ read, retryOnRejected }): Service => {
      const getCredentials = async (): Promise<Parts> => {
        const { securityToken, ...pair } = partsOf(await read())
        return securityToken === undefined ? pair : { ...pair, securityToken }
      }
      return {
        getCredentials,
        retryOnRejected,
        rpcConfig: ({ apiVersion, codes, endpoint, opts }) => ({
          endpoint,
          apiVersion,
          accessKeyId: "",
          accessKeySecret: "",
          codes: [...codes ?? []],
          opts: { method: "POST", ...opts },
          credentialsProvider: { getCredentials }
        })
      }
    }
  )

/**
 * The credentials of the provider in the context.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<PopCoreCredentials, never, CredentialsProvider.CredentialsProvider> = Layer.scoped(
  PopCoreCredentials,
  Effect.flatMap(CredentialsProvider.CredentialsProvider, make)
)

/**
 * Runs a call of a V1 client, or of `@alicloud/log`, that uses the credentials in the context.
 *
 * - if the service rejects the credentials, only those are invalidated and the call is retried once
 * - it fails with the `CredentialsError` itself where there are no credentials, with `CredentialsClosed` after the scope
 *   has closed, and with `ClientError` for every other error of the client
 * - it is one span, `alicloud.sdk.<action>`, with `attempt` and, of errors, `requestId`
 *
 * A client's promise cannot be aborted: after an interruption it goes on in the background.
 *
 * @since 0.1.0
 * @category calls
 */
export const use: <A>(
  run: (credentials: Service) => PromiseLike<A>,
  options?: { readonly action?: string | undefined }
) => Effect.Effect<A, ClientError | CredentialsClosed | CredentialsError, PopCoreCredentials> = calls.make(
  PopCoreCredentials
)
