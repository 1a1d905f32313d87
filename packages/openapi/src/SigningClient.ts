/**
 * Signs the requests of an `HttpClient` with `ACS3-HMAC-SHA256`, for programs that have their own client. It does not
 * retry requests or change responses.
 *
 * @module
 * @since 0.1.0
 */
import type { CredentialsError } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import { Nonce } from "@effect-alicloud/credentials/Platform"
import * as Headers from "@effect/platform/Headers"
import * as HttpClient from "@effect/platform/HttpClient"
import * as HttpClientError from "@effect/platform/HttpClientError"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import type * as HttpClientResponse from "@effect/platform/HttpClientResponse"
import * as UrlParams from "@effect/platform/UrlParams"
import * as Chunk from "effect/Chunk"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Inspectable from "effect/Inspectable"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import { CallCredentials } from "./CallCredentials.ts"
import * as signing from "./internal/signing.ts"

/**
 * The headers of requests that do not set them themselves.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Options {
  /** `x-acs-version`, the version of the API: `2014-05-26`. */
  readonly version?: string | undefined
  /** `x-acs-action`. Usually each request has its own. */
  readonly action?: string | undefined
}

type RequestError = HttpClientError.RequestError

/**
 * Why a request could not be signed.
 *
 * @since 0.1.0
 * @category errors
 */
export type Failure = CredentialsError | RequestError

const cannotSign = (request: HttpClientRequest.HttpClientRequest, description: string): RequestError =>
  new HttpClientError.RequestError({ request, reason: "Encode", description })

const concat = (chunks: Iterable<Uint8Array>): Uint8Array => {
  const all = Array.from(chunks)
  const bytes = new Uint8Array(all.reduce((size, chunk) => size + chunk.byteLength, 0))
  let at = 0
  for (const chunk of all) {
    bytes.set(chunk, at)
    at += chunk.byteLength
  }
  return bytes
}

/** The same request with a body whose bytes are known: they are signed. */
const withKnownBody = (
  request: HttpClientRequest.HttpClientRequest
): Effect.Effect<
  { readonly request: HttpClientRequest.HttpClientRequest; readonly content: string | Uint8Array },
  RequestError
> => {
  const { body } = request
  switch (body._tag) {
    case "Empty":
      return Effect.succeed({ request, content: "" })
    case "Uint8Array":
      return Effect.succeed({ request, content: body.body })
    case "Stream":
      return Stream.runCollect(body.stream).pipe(
        Effect.mapBoth({
          onFailure: () => cannotSign(request, "the stream of the body failed"),
          onSuccess: (chunks) => {
            const content = concat(Chunk.toReadonlyArray(chunks))
            return { request: HttpClientRequest.bodyUint8Array(request, content, body.contentType), content }
          }
        })
      )
    default:
      return body._tag === "Raw" && typeof body.body === "string"
        ? Effect.succeed({ request, content: body.body })
        : cannotSign(request, "only bodies of text, bytes or a stream of bytes can be signed")
  }
}

const signRequest: (
  given: HttpClientRequest.HttpClientRequest,
  options: Options & { readonly credentials: CredentialsProvider.Service }
) => Effect.Effect<
  { readonly request: HttpClientRequest.HttpClientRequest; readonly added: ReadonlyArray<string> },
  Failure
> = Effect.fnUntraced(function*(given, options) {
  const { content, request } = yield* withKnownBody(given)
  const url = yield* Effect.mapError(
    UrlParams.makeUrl(request.url, request.urlParams, request.hash),
    (cause) => new HttpClientError.RequestError({ request, reason: "InvalidUrl", cause })
  )
  const names = Array.from(url.searchParams.keys())
  if (new Set(names).size < names.length) {
    return yield* cannotSign(request, "a request with several query parameters of one name cannot be signed")
  }
  const signer = yield* ((yield* CallCredentials) ?? options.credentials).get
  const { host = url.host, ...headers } = request.headers
  const signed = yield* signing.acs3(
    {
      method: request.method,
      host,
      path: url.pathname,
      isRpc: url.pathname === "/",
      query: Object.fromEntries(url.searchParams),
      headers: {
        ...(options.version === undefined ? {} : { "x-acs-version": options.version }),
        ...(options.action === undefined ? {} : { "x-acs-action": options.action }),
        ...headers
      },
      body: content
    },
    signer,
    { time: yield* Clock.currentTimeMillis, nonce: yield* yield* Nonce }
  )
  return {
    request: request.pipe(
      HttpClientRequest.setUrl(`${url.origin}${url.pathname}`),
      HttpClientRequest.setUrlParams(signed.query),
      HttpClientRequest.removeHash,
      HttpClientRequest.setHeaders(signed.headers)
    ),
    added: Object.keys(signed.headers).filter((name) => signed.headers[name] !== given.headers[name])
  }
})

/** The response with the request before it was signed, so that printing it shows no token. */
const asAnswerTo = (
  request: HttpClientRequest.HttpClientRequest,
  response: HttpClientResponse.HttpClientResponse
): HttpClientResponse.HttpClientResponse => {
  const toJSON = (): unknown => ({
    _id: "@effect/platform/HttpClientResponse",
    request: request.toJSON(),
    status: response.status
  })
  const failure = asFailureOf(request)
  const body = <A>(read: () => Effect.Effect<A, HttpClientError.ResponseError>): PropertyDescriptor => ({
    get: () => Effect.mapError(read(), failure)
  })
  return Object.create(response, {
    request: { value: request },
    // Where the platform stores a wrapped response; `for … in` would visit it.
    original: { get: () => Reflect.get(response, "original") },
    arrayBuffer: body(() => response.arrayBuffer),
    formData: body(() => response.formData),
    json: body(() => response.json),
    stream: { get: () => Stream.mapError(response.stream, failure) },
    text: body(() => response.text),
    urlParamsBody: body(() => response.urlParamsBody),
    toJSON: { value: toJSON },
    [Inspectable.NodeInspectSymbol]: { value: toJSON }
  }) as HttpClientResponse.HttpClientResponse
}

/** Causes deeper than this are dropped. */
const maxDepth = 8

/** The same for errors of HTTP clients and their causes. */
const asFailureOf = (request: HttpClientRequest.HttpClientRequest, depth = maxDepth) => <E>(error: E): E => {
  if (!HttpClientError.isHttpClientError(error)) return error
  const cause = depth === 0 ? undefined : asFailureOf(request, depth - 1)(error.cause)
  return (error._tag === "RequestError"
    ? new HttpClientError.RequestError({ ...error, request, cause })
    : new HttpClientError.ResponseError({
      ...error,
      request,
      cause,
      response: asAnswerTo(request, error.response)
    })) as E & HttpClientError.HttpClientError
}

/**
 * Signs the requests of a client, after all other changes of requests. Adds `x-acs-date`, `x-acs-signature-nonce`,
 * `x-acs-content-sha256` and the token of a session or bearer token, which spans do not show.
 *
 * Requests whose path is `/` are RPC style, all others ROA style. Streams are read into memory first; forms with files
 * cannot be signed (`RequestError`). Errors and responses hold the request as it was before.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { SigningClient } from "@effect-alicloud/openapi"
 * import { HttpClient } from "@effect/platform"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const credentials = yield* CredentialsProvider.CredentialsProvider
 *   const client = SigningClient.sign(yield* HttpClient.HttpClient, { credentials, version: "2015-12-15" })
 *   return yield* client.get("https://cs.cn-hangzhou.aliyuncs.com/api/v1/clusters", {
 *     headers: { "x-acs-action": "DescribeClustersV1" }
 *   })
 * })
 * ```
 *
 * @since 0.1.0
 * @category combinators
 */
export const sign: {
  (
    options: Options & { readonly credentials: CredentialsProvider.Service }
  ): <E, R>(client: HttpClient.HttpClient.With<E, R>) => HttpClient.HttpClient.With<E | Failure, R>
  <E, R>(
    client: HttpClient.HttpClient.With<E, R>,
    options: Options & { readonly credentials: CredentialsProvider.Service }
  ): HttpClient.HttpClient.With<E | Failure, R>
} = dual(
  2,
  <E, R>(
    client: HttpClient.HttpClient.With<E, R>,
    options: Options & { readonly credentials: CredentialsProvider.Service }
  ): HttpClient.HttpClient.With<E | Failure, R> =>
    HttpClient.makeWith<never, never, E | Failure, R>(
      Effect.flatMap((request) =>
        Effect.flatMap(signRequest(request, options), ({ added, request: signed }) =>
          client.execute(signed).pipe(
            Effect.locallyWith(Headers.currentRedactedNames, (names) => [...names, ...added]),
            Effect.map((response) => asAnswerTo(request, response)),
            Effect.mapError(asFailureOf(request))
          ))
      ),
      Effect.succeed
    )
)

/**
 * The client of the context, with signed requests.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  options: Options = {}
): Effect.Effect<
  HttpClient.HttpClient.With<HttpClientError.HttpClientError | CredentialsError>,
  never,
  CredentialsProvider.CredentialsProvider | HttpClient.HttpClient
> =>
  Effect.zipWith(
    HttpClient.HttpClient,
    CredentialsProvider.CredentialsProvider,
    (client, credentials) => sign(client, { ...options, credentials })
  )

/**
 * Replaces the client of the context by one with signed requests. Errors of the credentials become the `cause` of a
 * `RequestError`, because an `HttpClient` can fail with nothing else.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (
  options?: Options
): Layer.Layer<
  HttpClient.HttpClient,
  never,
  CredentialsProvider.CredentialsProvider | HttpClient.HttpClient
> =>
  Layer.effect(
    HttpClient.HttpClient,
    Effect.gen(function*() {
      const credentials = yield* CredentialsProvider.CredentialsProvider
      const client = yield* HttpClient.HttpClient
      return HttpClient.makeWith<never, never, HttpClientError.HttpClientError, never>(
        Effect.flatMap((request) =>
          Effect.mapError(
            sign(client, { ...options, credentials }).execute(request),
            (error) =>
              HttpClientError.isHttpClientError(error) ? error : new HttpClientError.RequestError({
                request,
                reason: "Transport",
                cause: error,
                description: error.message
              })
          )
        ),
        Effect.succeed
      )
    })
  )
