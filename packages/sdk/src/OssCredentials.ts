/**
 * A `CredentialsProvider` as the credentials of `ali-oss`.
 *
 * @module
 * @since 0.1.0
 */
import type { Signing } from "@effect-alicloud/credentials/Credentials"
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Context from "effect/Context"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Retrying } from "./AlicloudCredential.ts"
import type { ClientError } from "./ClientError.ts"
import type { CredentialsClosed } from "./CredentialsClosed.ts"
import { partsOf, signing } from "./internal/pair.ts"
import * as reader from "./internal/reader.ts"
import * as calls from "./internal/use.ts"

/**
 * The three keys of a session as `ali-oss` names them. A pair has the token `""`.
 *
 * @since 0.1.0
 * @category models
 */
export interface Session {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly stsToken: string
}

/**
 * The options of `new OSS({ …options, region, bucket })` that are about credentials. The keys are read when the object
 * is spread, and are those of the session that is current then. JSON and inspection do not show them.
 *
 * @since 0.1.0
 * @category models
 */
export interface Options extends Session {
  /** `ali-oss` calls it before each request. */
  readonly refreshSTSToken: () => Promise<Session>
  /** Zero milliseconds: the client calls `refreshSTSToken` each time, and the session cache decides about refreshes. */
  readonly refreshSTSTokenInterval: number
}

/**
 * The keys of a session as version 2 of the OSS SDK and the preview of `ali-oss` 7 name them.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProvidedCredentials {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken?: string
  readonly expiration?: Date
}

/**
 * The credentials of `ali-oss` clients, any number of them.
 *
 * Each request, parallel uploads included, is signed with the parts of one session, and waits for a new one when the old
 * one is about to expire. After its first request, or after `refresh`, a client always has the keys of the current
 * session, also in methods that do not call `refreshSTSToken`: `signatureUrl`, `calculatePostSignature`, and
 * `signatureUrlV4`, which reads the id before it calls it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service extends Retrying {
  readonly options: Options
  /**
   * The keys of the current session, for clients that call it before each request: as `refreshCredentials` of the preview
   * of `ali-oss` 7, or as `getCredentials` of a `credentialsProvider`. Id, secret and token are those of one session, and
   * `expiration` is its end.
   */
  readonly getCredentials: () => Promise<ProvidedCredentials>
  /**
   * Updates the keys of a client, waiting for a new session when the old one is about to expire, and keeps them up to
   * date. Await it before signing a URL with a client that has been idle, and once for each client of a pair without
   * token, which `ali-oss` never renews by itself.
   */
  readonly refresh: (client: object) => Promise<void>
}

/**
 * The credentials of `ali-oss` clients.
 *
 * @since 0.1.0
 * @category services
 */
export class OssCredentials extends Context.Tag("@effect-alicloud/sdk/OssCredentials")<OssCredentials, Service>() {}

const keys = ["accessKeyId", "accessKeySecret", "stsToken"] as const

const sessionOf = (credentials: Signing): Session => {
  const { accessKeyId, accessKeySecret, securityToken } = partsOf(credentials)
  return { accessKeyId, accessKeySecret, stsToken: securityToken ?? "" }
}

const providedOf = (credentials: Signing): ProvidedCredentials => {
  const { securityToken, ...pair } = partsOf(credentials)
  const expiration = Option.getOrUndefined(credentials.expiration)
  return {
    ...pair,
    ...(securityToken === undefined ? {} : { securityToken }),
    ...(expiration === undefined ? {} : { expiration: DateTime.toDateUtc(expiration) })
  }
}

/** Turns the three keys of an object into accessors that read the current session. */
const bind = (target: object, current: () => Signing): void => {
  for (const key of keys) {
    Object.defineProperty(target, key, {
      configurable: true,
      enumerable: true,
      get: () => sessionOf(current())[key],
      // After each call of the hook ali-oss assigns its result.
      set: () => {}
    })
  }
}

const inspectCustom = Symbol.for("nodejs.util.inspect.custom")

const makeOptions = (current: () => Signing, refreshSTSToken: Options["refreshSTSToken"]): Options => {
  const options = { refreshSTSToken, refreshSTSTokenInterval: 0 }
  bind(options, current)
  for (const name of ["toJSON", inspectCustom]) {
    Object.defineProperty(options, name, { value: () => ({ accessKeyId: current().accessKeyId }) })
  }
  return options as Options
}

/**
 * Makes the credentials of `ali-oss` clients from a provider. They can be used until the scope closes. A client needs its
 * keys when it is made, so they are resolved here: this fails when there are none. Bearer tokens and anonymous
 * credentials, which `ali-oss` does not support, fail with `InvalidConfig`.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { NodeCredentials } from "@effect-alicloud/node"
 * import { OssCredentials } from "@effect-alicloud/sdk"
 * import OSS from "ali-oss"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const oss = yield* OssCredentials.make(yield* CredentialsProvider.CredentialsProvider)
 *   const client = new OSS({ ...oss.options, region: "oss-cn-hangzhou", bucket: "reports", secure: true })
 *   yield* Effect.tryPromise(() => client.put("hello.txt", Buffer.from("hello")))
 * }).pipe(Effect.scoped, Effect.provide(NodeCredentials.layer))
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (provider: CredentialsProvider.Service) => Effect.Effect<Service, CredentialsError, Scope.Scope> =
  Effect.fnUntraced(function*(provider) {
    const convert = signing("OssCredentials", "ali-oss")
    const first = yield* Effect.flatMap(provider.get, convert)
    const session = yield* reader.make(provider, convert)
    const current = (): Signing => session.currentInTurn() ?? first
    const attached = new WeakSet<object>()
    const attach = (own: unknown): void => {
      if (typeof own !== "object" || own === null || attached.has(own)) return
      attached.add(own)
      bind(own, current)
    }
    const options = makeOptions(current, function(this: unknown) {
      // ali-oss calls it as a method of the client's own options.
      attach(this)
      return session.readInTurn().then(sessionOf)
    })
    attached.add(options)
    return {
      options,
      getCredentials: async () => providedOf(await session.read()),
      retryOnRejected: session.retryOnRejected,
      refresh: async (client) => {
        attach((client as { readonly options?: unknown }).options)
        await session.readInTurn()
      }
    }
  })

/**
 * The credentials of the provider in the context. It fails when there are none.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<OssCredentials, CredentialsError, CredentialsProvider.CredentialsProvider> = Layer
  .scoped(OssCredentials, Effect.flatMap(CredentialsProvider.CredentialsProvider, make))

/**
 * Runs a call of an `ali-oss` client that uses the credentials in the context.
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
) => Effect.Effect<A, ClientError | CredentialsClosed | CredentialsError, OssCredentials> = calls.make(OssCredentials)
