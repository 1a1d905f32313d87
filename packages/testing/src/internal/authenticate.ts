/** Verifies the signatures, time stamps and nonces of requests to the fake cloud. */
import * as Signature from "@effect-alicloud/credentials/Signature"
import * as DateTime from "effect/DateTime"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import type { ApiError } from "../Action.ts"
import { queryOf } from "./http.ts"
import { actionOf, apiError, missingParameter } from "./rpc.ts"
import { verifyRsaSha256 } from "./rsaPublicKey.ts"
import type { Caller, Exchange, Session } from "./state.ts"

const maxSkewMillis = 15 * 60 * 1000

interface Acs3 {
  readonly accessKeyId: string
  readonly signedHeaders: ReadonlyArray<string>
  readonly signature: string
}

const acs3Of = ({ request }: Pick<Exchange, "request">): Acs3 | undefined => {
  const match = /^ACS3-HMAC-SHA256 Credential=([^,]*),\s*SignedHeaders=([^,]*),\s*Signature=(.*)$/
    .exec(request.headers["authorization"] ?? "")
  return match === null
    ? undefined
    : { accessKeyId: match[1]!, signedHeaders: match[2]!.split(";"), signature: match[3]! }
}

/** The AccessKey ID that a request shows. */
export const accessKeyIdOf = (exchange: Pick<Exchange, "parameters" | "request">): string | undefined =>
  acs3Of(exchange)?.accessKeyId ?? exchange.parameters["AccessKeyId"]

/** The APIs of a service. */
export interface Api {
  readonly actions: ReadonlyArray<string>
  /** Absent where any is right. */
  readonly version?: string
}

/** The version of the API that a request names. */
export const versionOf = ({ parameters, request }: Pick<Exchange, "parameters" | "request">): string | undefined =>
  request.headers["x-acs-version"] ?? parameters["Version"]

/** Checks the action, the API version and the time of a request, for any caller. */
export const checkRequest: (
  exchange: Exchange,
  options: Api
) => Effect.Effect<void, ApiError> = Effect.fnUntraced(function*(exchange, options) {
  const { now, parameters, request } = exchange
  const action = actionOf(exchange)
  if (action === undefined) return yield* missingParameter("Action")
  if (!options.actions.includes(action)) {
    return yield* apiError(
      404,
      "InvalidAction.NotFound",
      "Specified api is not found, please check your url and method."
    )
  }
  const version = versionOf(exchange)
  if (version === undefined) return yield* missingParameter("Version")
  if (options.version !== undefined && version !== options.version) {
    return yield* apiError(400, "InvalidVersion", "Specified parameter Version is not valid.")
  }
  const timestamp = request.headers["x-acs-date"] ?? parameters["Timestamp"]
  if (timestamp === undefined) return yield* missingParameter("Timestamp")
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(timestamp) ? DateTime.make(timestamp) : Option.none()
  if (Option.isNone(time)) {
    return yield* apiError(
      400,
      "InvalidTimeStamp.Format",
      "Specified time stamp or date value is not well formatted."
    )
  }
  if (Math.abs(DateTime.toEpochMillis(time.value) - now) > maxSkewMillis) {
    return yield* apiError(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
  }
})

const useNonce = ({ now, state }: Exchange, accessKeyId: string, nonce: string): Effect.Effect<void, ApiError> =>
  Effect.suspend(() => {
    for (const [key, usedAt] of state.nonces) {
      if (now - usedAt <= 2 * maxSkewMillis) break
      state.nonces.delete(key)
    }
    const key = `${accessKeyId} ${nonce}`
    if (state.nonces.has(key)) {
      return apiError(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
    }
    state.nonces.set(key, now)
    return Effect.void
  })

const mismatch = (stringToSign: string): ApiError =>
  apiError(
    400,
    "SignatureDoesNotMatch",
    `Specified signature is not matched with our calculation. server string to sign is:${stringToSign}`
  )

const checkToken = (session: Session, token: string | undefined, now: number): Effect.Effect<void, ApiError> => {
  if (session.securityToken !== undefined && (token === undefined || token === "")) {
    return apiError(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
  }
  if (session.securityToken !== undefined && token !== session.securityToken) {
    return apiError(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
  }
  return session.expiresAt <= now
    ? apiError(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
    : Effect.void
}

/** Finds who owns an AccessKey and checks the token that belongs to it. */
const ownerOf = (
  { now, state }: Exchange,
  accessKeyId: string,
  token: string | undefined
): Effect.Effect<{ readonly caller: Caller; readonly secret: string }, ApiError> =>
  Effect.gen(function*() {
    const user = state.world.users.find((user) => user.accessKeyId === accessKeyId)
    if (user !== undefined) {
      if (!user.active) {
        return yield* apiError(403, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.")
      }
      if (token !== undefined && token !== "") {
        return yield* apiError(400, "InvalidSecurityToken.Malformed", "Specified SecurityToken is malformed.")
      }
      return { caller: { _tag: "User", user }, secret: user.accessKeySecret }
    }
    const session = state.sessions.get(accessKeyId)
    if (session === undefined) {
      return yield* apiError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    }
    yield* checkToken(session, token, now)
    return { caller: session.caller, secret: session.accessKeySecret }
  })

const authenticateAcs3: (exchange: Exchange, acs3: Acs3) => Effect.Effect<Caller, ApiError> = Effect.fnUntraced(
  function*(exchange, acs3) {
    const { request, target } = exchange
    const owner = yield* ownerOf(exchange, acs3.accessKeyId, request.headers["x-acs-security-token"])
    const nonce = request.headers["x-acs-signature-nonce"]
    if (nonce === undefined) return yield* missingParameter("SignatureNonce")
    const headers = { host: target.host, ...request.headers }
    const expected = yield* Signature.acs3HmacSha256({
      method: request.method,
      path: target.path,
      query: queryOf(target),
      headers: Object.fromEntries(
        Object.entries(headers).filter(([name]) =>
          name === "host" || name.startsWith("x-acs-") || acs3.signedHeaders.includes(name)
        )
      ),
      body: request.body,
      accessKeyId: acs3.accessKeyId,
      accessKeySecret: Redacted.make(owner.secret)
    })
    if (expected.signature !== acs3.signature) return yield* mismatch(expected.stringToSign)
    yield* useNonce(exchange, acs3.accessKeyId, nonce)
    return owner.caller
  }
)

const requireParameters = <Name extends string>(
  { parameters }: Exchange,
  names: ReadonlyArray<Name>
): Effect.Effect<Readonly<Record<Name, string>>, ApiError> => {
  const missing = names.find((name) => (parameters[name] ?? "") === "")
  return missing === undefined
    ? Effect.succeed(parameters as Readonly<Record<Name, string>>)
    : missingParameter(missing)
}

const rpcParameters = ["AccessKeyId", "SignatureMethod", "SignatureVersion", "SignatureNonce", "Signature"] as const

const checkMethod = (
  given: Readonly<Record<"SignatureMethod" | "SignatureVersion", string>>,
  method: string
): Effect.Effect<void, ApiError> =>
  given.SignatureMethod === method && given.SignatureVersion === "1.0" ? Effect.void : apiError(
    400,
    "InvalidSignatureMethod",
    `This request needs SignatureMethod ${method} and SignatureVersion 1.0.`
  )

const authenticateRpc: (exchange: Exchange) => Effect.Effect<Caller, ApiError> = Effect.fnUntraced(function*(exchange) {
  const given = yield* requireParameters(exchange, rpcParameters)
  const owner = yield* ownerOf(exchange, given.AccessKeyId, exchange.parameters["SecurityToken"])
  yield* checkMethod(given, "HMAC-SHA1")
  const rpc = { method: exchange.request.method, parameters: exchange.parameters }
  const expected = yield* Signature.rpcHmacSha1({ ...rpc, accessKeySecret: Redacted.make(owner.secret) })
  if (expected !== given.Signature) return yield* mismatch(Signature.rpcStringToSign(rpc))
  yield* useNonce(exchange, given.AccessKeyId, given.SignatureNonce)
  return owner.caller
})

const bearerOf = ({ parameters, request }: Exchange): string | undefined =>
  request.headers["x-acs-bearer-token"] ?? parameters["BearerToken"]

const authenticateBearer = (exchange: Exchange, token: string): Effect.Effect<Caller, ApiError> => {
  const type = exchange.request.headers["x-acs-signature-type"] ?? exchange.parameters["SignatureType"]
  const bearer = exchange.state.world.bearerTokens.find((bearer) => bearer.token === token)
  if (type !== "BEARERTOKEN") return missingParameter("SignatureType")
  return bearer === undefined
    ? apiError(400, "InvalidBearerToken", "Specified bearer token is not valid.")
    : Effect.succeed({ _tag: "Bearer", bearer })
}

/** Who a request is from: ACS3-HMAC-SHA256, RPC version 1 with HMAC-SHA1, or a bearer token. */
export const authenticate = (exchange: Exchange): Effect.Effect<Caller, ApiError> => {
  const acs3 = acs3Of(exchange)
  if (acs3 !== undefined) return authenticateAcs3(exchange, acs3)
  const bearer = bearerOf(exchange)
  return bearer === undefined ? authenticateRpc(exchange) : authenticateBearer(exchange, bearer)
}

/** The key pair that signed a request with RSA and SHA-256. */
export const authenticateKeyPair: (
  exchange: Exchange
) => Effect.Effect<Extract<Caller, { readonly _tag: "PublicKey" }>, ApiError> = Effect.fnUntraced(function*(exchange) {
  const given = yield* requireParameters(exchange, [...rpcParameters, "SignatureType"] as const)
  const publicKey = exchange.state.world.publicKeys.find(({ publicKeyId }) => publicKeyId === given.AccessKeyId)
  if (publicKey === undefined) {
    return yield* apiError(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
  }
  yield* checkMethod(given, "SHA256withRSA")
  if (given.SignatureType !== "PRIVATEKEY") return yield* missingParameter("SignatureType")
  const stringToSign = Signature.rpcStringToSign({
    method: exchange.request.method,
    parameters: exchange.parameters
  })
  if (!(yield* verifyRsaSha256(publicKey.publicKey, stringToSign, given.Signature))) {
    return yield* mismatch(stringToSign)
  }
  yield* useNonce(exchange, given.AccessKeyId, given.SignatureNonce)
  return { _tag: "PublicKey", publicKey } as const
})
