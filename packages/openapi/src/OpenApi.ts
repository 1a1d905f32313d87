/**
 * A signed client of Alibaba Cloud APIs: RPC and ROA style, with the credentials of a `CredentialsProvider`.
 *
 * One client calls one product. It retries calls that may be repeated, fetches new credentials when the service rejects
 * the current ones, and corrects its clock when the service reports clock skew.
 *
 * @module
 * @since 0.1.0
 */
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as SecretJson from "@effect-alicloud/credentials/SecretJson"
import { percentEncode } from "@effect-alicloud/credentials/Signature"
import type * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Redacted from "effect/Redacted"
import type * as Schema from "effect/Schema"
import type { Signer } from "./CallCredentials.ts"
import { makeCaller } from "./internal/caller.ts"
import { validate } from "./internal/clientOptions.ts"
import { resolve } from "./internal/endpoint.ts"
import type { OpenApiError } from "./OpenApiError.ts"

/**
 * The value of a parameter. A `Redacted` value is sent like any other text and kept out of errors; `undefined` and
 * `null` are not sent.
 *
 * @since 0.1.0
 * @category models
 */
export type Param =
  | string
  | number
  | boolean
  | Redacted.Redacted
  | null
  | undefined
  | ReadonlyArray<Param>
  | { readonly [name: string]: Param }

/**
 * Parameters by name.
 *
 * @since 0.1.0
 * @category models
 */
export type Params = { readonly [name: string]: Param }

/**
 * The options of a client: its host, signature, time-outs and retries.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Options {
  /**
   * The API's host, with a port if it needs one: `ecs.cn-hangzhou.aliyuncs.com`. HTTPS; `http://` is accepted for
   * loopback only. Takes precedence over `product`.
   */
  readonly endpoint?: string | undefined
  /**
   * The product in host names: without `endpoint` the host is `<product>.<regionId>.aliyuncs.com`, and
   * `<product>.aliyuncs.com` without `regionId`. OSS, Simple Log Service and Tablestore sign in other ways: use their own
   * clients.
   */
  readonly product?: string | undefined
  /** Only chooses the host: an API that has a parameter `RegionId` still needs it. */
  readonly regionId?: string | undefined
  /** The version of the API: `2014-05-26`. */
  readonly version: string
  /**
   * How calls are signed: `ACS3-HMAC-SHA256`, the default, or `HMAC-SHA1`, which is version 1 of the RPC signature
   * and for RPC style only.
   */
  readonly signature?: "ACS3-HMAC-SHA256" | "HMAC-SHA1" | undefined
  /**
   * Read time-out: how long to wait for the response, or for its next chunk. Default 10 seconds, as in official clients;
   * a bare number is milliseconds.
   */
  readonly timeout?: Duration.DurationInput | undefined
  /** Connect time-out. Default 5 seconds, as in official clients; a bare number is milliseconds. */
  readonly connectTimeout?: Duration.DurationInput | undefined
  /**
   * Time limit for a call with all its attempts and the pauses between them, without the time to get the first
   * credentials. Default 30 seconds; a bare number is milliseconds.
   */
  readonly deadline?: Duration.DurationInput | undefined
  /** How often a call is retried after a temporary failure. Default 2. */
  readonly retries?: number | undefined
}

/**
 * The request of a call.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Call {
  /**
   * RPC style: flattened (`Tag: [{ Key: "a" }]` is `Tag.1.Key`) into a form, or into the query when the method has no
   * body. ROA style: the JSON body, or flattened into the query when the method has none. Pass secret values as
   * `Redacted`, which keeps them out of errors.
   */
  readonly params?: Params | undefined
  /** Parameters that are sent in the query whatever the method is, flattened. */
  readonly query?: Params | undefined
  /** `RPC`, the default, or `ROA`, which needs `path`. */
  readonly style?: "RPC" | "ROA" | undefined
  /** Default `POST` in RPC style and `GET` in ROA style. */
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | undefined
  /** The path of a ROA style call, percent-encoded; see `path`. */
  readonly path?: string | undefined
  /** Further headers. Names are case-insensitive; the client's own headers take precedence. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /**
   * A body that is sent as it is; `params` then go into the query. Its `content-type` is JSON for text and
   * `application/octet-stream` for bytes, unless `headers` has one.
   */
  readonly body?: string | Uint8Array | undefined
  /**
   * Whether the call can safely run twice, so that it is retried when its outcome is unknown: after a lost connection, a
   * time-out or a server error. Default: whether the action starts with `Describe`, `Get`, `List` or `Query`, or is a
   * `GET` in ROA style. (In RPC style the method does not depend on the action.)
   */
  readonly idempotent?: boolean | undefined
  /**
   * The credentials that sign this call, any `CredentialsProvider.Service`. Default: those of `CallCredentials`, else those
   * of the client.
   */
  readonly credentials?: Signer | undefined
  /** Whether to send it without credentials, and without resolving any. Default false. */
  readonly anonymous?: boolean | undefined
}

/**
 * The request of a call, and the schema of its response.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface CallOptions<A, I> extends Call {
  /** Decodes the response; one without a body is decoded from `undefined`. */
  readonly schema: Schema.Schema<A, I>
}

/**
 * The methods of a client.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** Calls an action; see `call`. */
  readonly call: <A, I>(action: string, options: CallOptions<A, I>) => Effect.Effect<A, OpenApiError>
}

/**
 * A client of one product. A program that calls several products makes a tag for each:
 *
 * @example
 * ```ts
 * import { OpenApi } from "@effect-alicloud/openapi"
 * import { Context, Layer } from "effect"
 *
 * class Vpc extends Context.Tag("Vpc")<Vpc, OpenApi.Service>() {}
 *
 * const layer = Layer.effect(Vpc, OpenApi.make({ product: "vpc", regionId: "cn-hangzhou", version: "2016-04-28" }))
 * ```
 *
 * @since 0.1.0
 * @category services
 */
export class OpenApi extends Context.Tag("@effect-alicloud/openapi/OpenApi")<OpenApi, Service>() {}

/**
 * Makes a client. Invalid options fail with `InvalidConfig`. No request is sent before the first call.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make: (
  config: Options
) => Effect.Effect<Service, InvalidConfig, CredentialsProvider | HttpClient.HttpClient> = Effect.fnUntraced(
  function*(config) {
    const valid = yield* validate(config)
    const endpoint = yield* resolve(valid)
    const caller = yield* makeCaller({
      endpoint,
      version: valid.version.trim(),
      signature: valid.signature ?? "ACS3-HMAC-SHA256",
      timeout: Duration.decode(valid.timeout ?? "10 seconds"),
      connectTimeout: Duration.decode(valid.connectTimeout ?? "5 seconds"),
      deadline: Duration.decode(valid.deadline ?? "30 seconds"),
      retries: valid.retries ?? 2
    })
    return {
      call: (action, options) =>
        Effect.withSpan(
          caller(action, options, SecretJson.decode(options.schema)),
          `alicloud.openapi.${action}`,
          { captureStackTrace: false, kind: "client", attributes: { action, "server.address": endpoint.host } }
        )
    }
  }
)

/**
 * A client as a layer.
 *
 * @example
 * ```ts
 * import { Environment } from "@effect-alicloud/credentials"
 * import { OpenApi } from "@effect-alicloud/openapi"
 * import { FetchHttpClient } from "@effect/platform"
 * import { Effect, Layer, Schema } from "effect"
 *
 * const Region = Schema.Struct({ RegionId: Schema.String, LocalName: Schema.String })
 *
 * const Regions = Schema.Struct({ Regions: Schema.Struct({ Region: Schema.Array(Region) }) })
 *
 * const program = OpenApi.call("DescribeRegions", { params: { AcceptLanguage: "en-US" }, schema: Regions })
 *
 * const client = OpenApi.layer({ product: "ecs", regionId: "cn-hangzhou", version: "2014-05-26" })
 *
 * const runnable = program.pipe(
 *   Effect.provide(client.pipe(Layer.provide(Environment.layer()), Layer.provide(FetchHttpClient.layer)))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  config: Options
): Layer.Layer<OpenApi, InvalidConfig, CredentialsProvider | HttpClient.HttpClient> =>
  Layer.effect(OpenApi, make(config))

/**
 * Calls an action of the API and decodes its response.
 *
 * - After a temporary failure a call is retried up to `retries` times, within `deadline`, with pauses between 0.1 and 5
 *   seconds, or the pause that the service demands. Any call is retried after throttling, or when there was no
 *   connection; after a lost connection, a time-out or a server error only an `idempotent` one is
 * - If the service rejects the credentials, those credentials are invalidated (newer ones are kept), and the call is
 *   retried once with new ones; never with the same ones
 * - If the service reports clock skew, the client adopts the time of the `Date` header, once per call and for all later
 *   calls, and logs a warning that the clock is wrong
 *
 * Options that contradict each other fail with `InvalidConfig`.
 *
 * @since 0.1.0
 * @category calls
 */
export const call = <A, I>(
  action: string,
  options: CallOptions<A, I>
): Effect.Effect<A, OpenApiError, OpenApi> => Effect.flatMap(OpenApi, (client) => client.call(action, options))

/**
 * Writes a path with percent-encoded values, for ROA style calls.
 *
 * @example
 * ```ts
 * import { OpenApi } from "@effect-alicloud/openapi"
 *
 * console.log(OpenApi.path`/clusters/${"a/b c"}/nodes`) // /clusters/a%2Fb%20c/nodes
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const path = (strings: TemplateStringsArray, ...values: ReadonlyArray<string | number>): string =>
  strings.reduce((path, text, index) => `${path}${percentEncode(String(values[index - 1]))}${text}`)
