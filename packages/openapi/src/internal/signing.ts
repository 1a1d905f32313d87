/**
 * Signs requests with ACS3-HMAC-SHA256 and version 1, or adds a bearer token. Used by `request.ts` and
 * `SigningClient`.
 */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import * as Signature from "@effect-alicloud/credentials/Signature"
import * as Rfc3339 from "@effect-alicloud/credentials/unstable/Rfc3339"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"

type Fields = Readonly<Record<string, string>>

/** The parts that make each signature different. */
export interface Stamp {
  /** Epoch milliseconds of the service's clock. */
  readonly time: number
  readonly nonce: string
}

/** A request before it is signed. */
export interface Unsigned {
  readonly method: string
  readonly host: string
  /** Percent-encoded. */
  readonly path: string
  /** RPC style APIs have no path of their own. */
  readonly isRpc: boolean
  readonly query: Fields
  /** Lower-case names, the body's `content-type` included. */
  readonly headers: Fields
  readonly body: string | Uint8Array
}

export interface Signed {
  readonly query: Fields
  readonly headers: Fields
}

/** Where the credentials are from, for the service's logs; header values are visible ASCII. */
const provenance = (signer: Credentials): Fields =>
  signer._tag === "Anonymous" || !/^[\x21-\x7e]{1,256}$/.test(signer.providerName)
    ? {}
    : { "x-acs-credentials-provider": signer.providerName }

const bearerHeader = "x-acs-bearer-token"

/** The header for a bearer token that replaces the usual one; the type is then not sent. */
const ownHeader = (signer: Credentials): string | undefined =>
  signer._tag === "Bearer"
    ? Option.getOrUndefined(Option.filter(signer.headerName, (name) => name.toLowerCase() !== bearerHeader))
    : undefined

/** The secret values of credentials. */
export const secretsOf = (signer: Credentials): ReadonlyArray<string> => {
  switch (signer._tag) {
    case "AccessKey":
      return [Redacted.value(signer.accessKeySecret)]
    case "Sts":
      return [Redacted.value(signer.accessKeySecret), Redacted.value(signer.securityToken)]
    case "Bearer":
      return [Redacted.value(signer.bearerToken)]
    case "Anonymous":
      return []
  }
}

/** Signs with ACS3-HMAC-SHA256, or adds the bearer token. */
export const acs3: (request: Unsigned, signer: Credentials, stamp: Stamp) => Effect.Effect<Signed> = Effect.fnUntraced(
  function*(request, signer, stamp) {
    const headers = {
      ...request.headers,
      "x-acs-date": Rfc3339.format(stamp.time),
      "x-acs-signature-nonce": stamp.nonce,
      "x-acs-content-sha256": yield* Signature.contentSha256(request.body),
      ...provenance(signer)
    }
    switch (signer._tag) {
      case "Anonymous":
        return { query: request.isRpc ? { ...request.query, Format: "json" } : request.query, headers }
      case "Bearer": {
        const own = ownHeader(signer)
        const token = Redacted.value(signer.bearerToken)
        if (own !== undefined) return { query: request.query, headers: { ...headers, [own.toLowerCase()]: token } }
        const carried = { ...headers, [bearerHeader]: token }
        return request.isRpc
          ? { query: { ...request.query, SignatureType: "BEARERTOKEN" }, headers: carried }
          : { query: request.query, headers: { ...carried, "x-acs-signature-type": "BEARERTOKEN" } }
      }
      default: {
        const sent = signer._tag === "AccessKey" ? headers : {
          ...headers,
          "x-acs-accesskey-id": signer.accessKeyId,
          "x-acs-security-token": Redacted.value(signer.securityToken)
        }
        const { authorization } = yield* Signature.acs3HmacSha256({
          ...request,
          headers: { ...sent, host: request.host },
          accessKeyId: signer.accessKeyId,
          accessKeySecret: signer.accessKeySecret
        })
        return { query: request.query, headers: { ...sent, authorization } }
      }
    }
  }
)

/** The parameters and headers of an RPC call signed with version 1, or with the bearer token. */
export const rpcV1: (
  request: { readonly method: string; readonly parameters: Fields; readonly headers: Fields },
  signer: Credentials,
  stamp: Stamp
) => Effect.Effect<{ readonly parameters: Fields; readonly headers: Fields }> = Effect.fnUntraced(
  function*(request, signer, stamp) {
    const headers = { ...request.headers, ...provenance(signer) }
    const parameters = {
      ...request.parameters,
      Format: "JSON",
      Timestamp: Rfc3339.format(stamp.time),
      SignatureNonce: stamp.nonce
    }
    switch (signer._tag) {
      case "Anonymous":
        return { parameters, headers }
      case "Bearer": {
        const own = ownHeader(signer)
        const token = Redacted.value(signer.bearerToken)
        return own === undefined
          ? { parameters: { ...parameters, BearerToken: token, SignatureType: "BEARERTOKEN" }, headers }
          : { parameters, headers: { ...headers, [own.toLowerCase()]: token } }
      }
      default: {
        const signed = {
          ...parameters,
          SignatureMethod: "HMAC-SHA1",
          SignatureVersion: "1.0",
          AccessKeyId: signer.accessKeyId,
          ...(signer._tag === "Sts" ? { SecurityToken: Redacted.value(signer.securityToken) } : {})
        }
        const signature = yield* Signature.rpcHmacSha1({
          method: request.method,
          parameters: signed,
          accessKeySecret: signer.accessKeySecret
        })
        return { parameters: { ...signed, Signature: signature }, headers }
      }
    }
  }
)
