/** Checks the options of a call and builds its request. Used by `caller.ts`. */
import type { Credentials } from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import { atOptions, invalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import { percentEncode } from "@effect-alicloud/credentials/Signature"
import * as HttpClientRequest from "@effect/platform/HttpClientRequest"
import * as Effect from "effect/Effect"
import type { Call } from "../OpenApi.ts"
import type { Service } from "./endpoint.ts"
import { flatten, isTooDeep, maxDepth, secretsIn, toJson } from "./params.ts"
import * as signing from "./signing.ts"

type Fields = Readonly<Record<string, string>>

interface Body {
  readonly contentType: string
  readonly content: string | Uint8Array
}

/** A call whose options were checked; it is signed again for each attempt. */
export interface Prepared {
  readonly idempotent: boolean
  /** Values that errors must not contain. */
  readonly secrets: ReadonlyArray<string>
  readonly sign: (signer: Credentials, stamp: signing.Stamp) => Effect.Effect<HttpClientRequest.HttpClientRequest>
}

export interface Api {
  readonly endpoint: Service
  readonly version: string
  readonly signature: "ACS3-HMAC-SHA256" | "HMAC-SHA1"
}

const pathPattern = /^\/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*$/

/** Clients resolve `.` and `..`, also percent-encoded, so the path that is sent would differ from the signed one. */
const hasDots = (path: string): boolean => path.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment))

const tokenPattern = /^[\w!#$%&'*+.^`|~-]+$/

const valuePattern = /^[\t\x20-\x7e]*$/

const reserved: ReadonlySet<string> = new Set(["authorization", "content-length", "host", "transfer-encoding"])

const issuesOf = (api: Api, options: Call, headers: Fields): ReadonlyArray<string> => {
  const { body, path } = options
  const isRoa = options.style === "ROA"
  const isV1 = api.signature === "HMAC-SHA1"
  const names = Object.keys(headers)
  const checks: ReadonlyArray<readonly [isWrong: boolean, issue: string]> = [
    [isRoa && isV1, "ROA style calls are signed with ACS3-HMAC-SHA256 only"],
    [isV1 && body !== undefined, "body needs the signature ACS3-HMAC-SHA256"],
    [isRoa === (path === undefined), "path belongs to ROA style calls, and they need it"],
    [
      path !== undefined && (!pathPattern.test(path) || hasDots(path)),
      "path must start with / and be percent-encoded, without . and .. as names"
    ],
    [
      names.some((name) => !tokenPattern.test(name) || reserved.has(name)),
      "headers has a name that is reserved or not a header name"
    ],
    [
      Object.values(headers).some((value) => !valuePattern.test(value)),
      "headers has a value that is not printable ASCII"
    ]
  ]
  return checks.filter(([isWrong]) => isWrong).map(([, issue]) => issue)
}

const reading = /^(?:Describe|Get|List|Query)(?![a-z])/

const form = (fields: Fields): Body | undefined => {
  const pairs = Object.entries(fields).map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
  return pairs.length === 0
    ? undefined
    : { contentType: "application/x-www-form-urlencoded", content: pairs.join("&") }
}

const raw = (content: string | Uint8Array): Body => ({
  contentType: typeof content === "string" ? "application/json; charset=utf-8" : "application/octet-stream",
  content
})

const json = (options: Call): Body | undefined => options.params === undefined ? undefined : raw(toJson(options.params))

const requestOf = (options: {
  readonly url: string
  readonly method: Method
  readonly query: Fields
  readonly headers: Fields
  readonly body: Body | undefined
}): HttpClientRequest.HttpClientRequest => {
  const { body } = options
  const request = HttpClientRequest.make(options.method)(options.url).pipe(
    HttpClientRequest.setUrlParams(options.query),
    HttpClientRequest.setHeaders(options.headers)
  )
  if (body === undefined) return request
  const contentType = options.headers["content-type"] ?? body.contentType
  return typeof body.content === "string"
    ? HttpClientRequest.bodyText(request, body.content, contentType)
    : HttpClientRequest.bodyUint8Array(request, body.content, contentType)
}

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

const takesBody = (method: Method): boolean => method === "POST" || method === "PUT" || method === "PATCH"

const invalid = (action: string, ...issues: ReadonlyArray<string>): InvalidConfig =>
  invalidConfig("OpenApi", { _tag: "Options", names: [], of: action }, ...issues)

/** Checks a call and puts its parts where they belong. */
export const prepare = (
  api: Api,
  action: string,
  options: Call
): Effect.Effect<Prepared, InvalidConfig> => {
  const given: Fields = Object.fromEntries(
    Object.entries(options.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])
  )
  if (!/^[\x21-\x7e]{1,256}$/.test(action)) {
    return invalidConfig("OpenApi", atOptions("action"), "it must be visible ASCII without spaces")
  }
  if ([options.params, options.query].some((params) => params !== undefined && isTooDeep(params))) {
    return invalid(action, `params and query must not be nested more than ${maxDepth} levels deep`)
  }
  const issues = issuesOf(api, options, given)
  if (issues.length > 0) {
    return invalid(action, ...issues)
  }
  const isRpc = options.style !== "ROA"
  const method = options.method ?? (isRpc ? "POST" : "GET")
  const params = flatten(options.params ?? {})
  const explicit = flatten(options.query ?? {})
  const common = {
    // In RPC style the method does not depend on the action.
    idempotent: options.idempotent ?? (reading.test(action) || (!isRpc && method === "GET")),
    secrets: [options.params, options.query].flatMap(secretsIn)
  }
  const { endpoint, version } = api

  if (api.signature === "HMAC-SHA1") {
    const inBody = takesBody(method)
    return Effect.succeed({
      ...common,
      sign: (signer, stamp) =>
        Effect.map(
          signing.rpcV1(
            {
              method,
              parameters: { ...params, ...explicit, Action: action, Version: version },
              headers: { accept: "application/json", ...given }
            },
            signer,
            stamp
          ),
          ({ headers, parameters }) => {
            const isInQuery = (name: string): boolean => !inBody || name in explicit
            const entries = Object.entries(parameters)
            return requestOf({
              url: `${endpoint.url}/`,
              method,
              headers,
              query: Object.fromEntries(entries.filter(([name]) => isInQuery(name))),
              body: form(Object.fromEntries(entries.filter(([name]) => !isInQuery(name))))
            })
          }
        )
    })
  }

  const body = options.body !== undefined
    ? raw(options.body)
    : !takesBody(method)
    ? undefined
    : isRpc
    ? form(params)
    : json(options)
  const paramsInQuery = options.body !== undefined || !takesBody(method)
  const path = options.path ?? "/"
  const unsigned: signing.Unsigned = {
    method,
    host: endpoint.host,
    path,
    isRpc,
    query: paramsInQuery ? { ...params, ...explicit } : explicit,
    headers: {
      accept: "application/json",
      ...(body === undefined ? {} : { "content-type": body.contentType }),
      ...given,
      "x-acs-action": action,
      "x-acs-version": version
    },
    body: body?.content ?? ""
  }
  return Effect.succeed({
    ...common,
    sign: (signer, stamp) =>
      Effect.map(
        signing.acs3(unsigned, signer, stamp),
        ({ headers, query }) => requestOf({ url: `${endpoint.url}${path}`, method, query, headers, body })
      )
  })
}
