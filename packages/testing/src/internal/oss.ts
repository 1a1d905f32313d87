/** The Object Storage Service of the fake cloud: uploads and downloads with signatures. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type { ApiError } from "../Action.ts"
import type { Reply, Request } from "../FakeAlicloud.ts"
import type { Target } from "./http.ts"
import { reply, xml } from "./http.ts"
import type { OssSignature } from "./ossSignature.ts"
import { decoded, signatureOf } from "./ossSignature.ts"
import { apiError } from "./rpc.ts"
import type { Exchange, State } from "./state.ts"

const hostPattern = /^(?:([a-z0-9-]+)\.)?oss-[a-z0-9-]+\.aliyuncs\.com$/

/** Whether a host is the Object Storage Service, or a bucket of it. */
export const servesOss = ({ hostname }: Target): boolean => hostPattern.test(hostname)

const resourceOf = (target: Target): string => {
  const bucket = hostPattern.exec(target.hostname)?.[1]
  return bucket === undefined ? target.path : `/${bucket}${target.path}`
}

const signatureIn = ({ request, target }: { readonly request: Request; readonly target: Target }) =>
  signatureOf({ request, target, resource: resourceOf(target) })

/** The AccessKey ID that a request shows. */
export const ossAccessKeyId = (exchange: { readonly request: Request; readonly target: Target }): string | undefined =>
  signatureIn(exchange)?.accessKeyId

export const ossFailure = (exchange: Exchange, error: ApiError): Reply =>
  xml(error.status, "Error", {
    Code: error.code,
    Message: error.message,
    RequestId: exchange.requestId,
    HostId: exchange.target.hostname
  })

const maxSkewMillis = 15 * 60 * 1000

const unknownKey = apiError(
  403,
  "InvalidAccessKeyId",
  "The OSS Access Key Id you provided does not exist in our records."
)

const secretOf = (
  { now, state }: Exchange,
  { accessKeyId, token }: OssSignature
): Effect.Effect<string, ApiError> => {
  const user = state.world.users.find((user) => user.accessKeyId === accessKeyId)
  if (user !== undefined) return user.active && token === undefined ? Effect.succeed(user.accessKeySecret) : unknownKey
  const session = state.sessions.get(accessKeyId)
  if (session === undefined || (session.securityToken !== undefined && token === undefined)) return unknownKey
  if (token !== session.securityToken) {
    return apiError(403, "InvalidSecurityToken", "The security token you provided is invalid.")
  }
  return session.expiresAt <= now
    ? apiError(403, "SecurityTokenExpired", "The security token you provided has expired.")
    : Effect.succeed(session.accessKeySecret)
}

const checkTime = ({ now }: Exchange, { endsAt, signedAt }: OssSignature): Effect.Effect<void, ApiError> => {
  if (endsAt !== undefined) {
    return endsAt > now ? Effect.void : apiError(403, "AccessDenied", "Request has expired.")
  }
  return Option.exists(signedAt, (at) => Math.abs(at - now) <= maxSkewMillis) ? Effect.void : apiError(
    403,
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large."
  )
}

const authenticate: (exchange: Exchange) => Effect.Effect<void, ApiError> = Effect.fnUntraced(function*(exchange) {
  const given = signatureIn(exchange)
  if (given === undefined) return yield* apiError(403, "AccessDenied", "Anonymous access is forbidden.")
  const secret = yield* secretOf(exchange, given)
  yield* checkTime(exchange, given)
  if ((yield* given.expected(secret)) !== given.signature) {
    return yield* apiError(
      403,
      "SignatureDoesNotMatch",
      `The request signature we calculated does not match. StringToSign: ${yield* given.stringToSign}`
    )
  }
})

interface StoredObject {
  readonly body: string
  readonly contentType: string
}

/** The uploaded objects, by `/<bucket>/<object>`. */
const stores = new WeakMap<State, Map<string, StoredObject>>()

const storeOf = (state: State): Map<string, StoredObject> => {
  const store = stores.get(state) ?? new Map<string, StoredObject>()
  stores.set(state, store)
  return store
}

const withRequestId = (exchange: Exchange, reply: Reply): Reply => ({
  ...reply,
  headers: { ...reply.headers, "x-oss-request-id": exchange.requestId }
})

/** Objects of the Object Storage Service: `PutObject`, `GetObject` and `DeleteObject`. Every bucket exists. */
export const oss: (exchange: Exchange) => Effect.Effect<Reply, ApiError> = Effect.fnUntraced(function*(exchange) {
  yield* authenticate(exchange)
  const { request, state, target } = exchange
  const store = storeOf(state)
  const name = decoded(resourceOf(target))
  switch (request.method) {
    case "PUT":
      store.set(name, { body: request.body, contentType: request.headers["content-type"] ?? "" })
      return withRequestId(exchange, reply(200, "", "text/plain"))
    case "DELETE":
      store.delete(name)
      return withRequestId(exchange, reply(204, "", "text/plain"))
    case "GET": {
      const stored = store.get(name)
      if (stored === undefined) return yield* apiError(404, "NoSuchKey", "The specified key does not exist.")
      return withRequestId(exchange, reply(200, stored.body, stored.contentType || "application/octet-stream"))
    }
    default:
      return yield* apiError(405, "MethodNotAllowed", "The specified method is not allowed against this resource.")
  }
})
