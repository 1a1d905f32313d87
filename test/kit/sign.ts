/** Requests signed with `node:crypto`, by hand: what the fake verifies is not what the library makes. */
import type { Request } from "@effect-alicloud/testing/FakeAlicloud"
import { Array as Arr, Order } from "effect"
import { createHash, createHmac, randomUUID, sign as signRsa } from "node:crypto"

export interface Key {
  readonly accessKeyId: string
  readonly accessKeySecret: string
  readonly securityToken?: string | undefined
}

export interface Call {
  readonly action: string
  readonly parameters?: Readonly<Record<string, string>> | undefined
  /** Replaces or, when `undefined`, removes what would be sent otherwise; signed all the same. */
  readonly change?: Readonly<Record<string, string | undefined>> | undefined
  /** Epoch milliseconds. */
  readonly at?: number | undefined
  readonly host?: string | undefined
  readonly version?: string | undefined
  readonly nonce?: string | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
}

type Parameters = Readonly<Record<string, string | undefined>>

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const canonical = (parameters: Parameters): string =>
  Arr.sort(
    Object.entries(parameters)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${encode(name)}=${encode(value ?? "")}`),
    Order.string
  ).join("&")

export const stringToSign = (method: string, parameters: Parameters): string =>
  `${method}&%2F&${encode(canonical(parameters))}`

const time = (at: number): string => new Date(at).toISOString().replace(/\.\d+Z$/, "Z")

const form = "application/x-www-form-urlencoded"

const post = (call: Call, query: Parameters): Request => ({
  method: "POST",
  url: `https://${call.host ?? "sts.aliyuncs.com"}/?${canonical(query)}`,
  headers: { "content-type": form, host: call.host ?? "sts.aliyuncs.com", ...call.headers },
  body: canonical(call.parameters ?? {})
})

const common = (call: Call): Parameters => ({
  Action: call.action,
  Version: call.version ?? "2015-04-01",
  Format: "JSON",
  Timestamp: time(call.at ?? 0)
})

/** Query and form as the official Node.js and Go clients send them. */
export const rpc = (key: Key, call: Call): Request => {
  const query: Parameters = {
    ...common(call),
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: call.nonce ?? randomUUID(),
    AccessKeyId: key.accessKeyId,
    SecurityToken: key.securityToken,
    ...call.change
  }
  const text = stringToSign("POST", { ...query, ...call.parameters })
  const signature = createHmac("sha1", `${key.accessKeySecret}&`).update(text).digest("base64")
  return post(call, { Signature: signature, ...query, ...(call.change?.["Signature"] === "" ? { Signature: "" } : {}) })
}

/** Everything in the query, as the official Python and Java clients send it. */
export const rpcGet = (key: Key, call: Call): Request => {
  const query: Parameters = {
    ...common(call),
    ...call.parameters,
    SignatureMethod: "HMAC-SHA1",
    SignatureVersion: "1.0",
    SignatureNonce: call.nonce ?? randomUUID(),
    AccessKeyId: key.accessKeyId,
    SecurityToken: key.securityToken
  }
  const signature = createHmac("sha1", `${key.accessKeySecret}&`).update(stringToSign("GET", query)).digest("base64")
  return { ...post(call, { ...query, Signature: signature }), method: "GET", headers: {}, body: "" }
}

/** As the official clients send AssumeRoleWithOIDC: not signed. */
export const unsigned = (call: Call): Request => post(call, { ...common(call), ...call.change })

/** GenerateSessionAccessKey as the official Go client sends it. */
export const rsa = (publicKeyId: string, privateKey: string, call: Call): Request => {
  const query: Parameters = {
    ...common(call),
    ...call.parameters,
    SignatureMethod: "SHA256withRSA",
    SignatureType: "PRIVATEKEY",
    SignatureVersion: "1.0",
    SignatureNonce: call.nonce ?? randomUUID(),
    AccessKeyId: publicKeyId,
    ...call.change
  }
  const signature = signRsa("sha256", Buffer.from(stringToSign("GET", query)), privateKey).toString("base64")
  return { ...post(call, { ...query, Signature: signature }), method: "GET", headers: {}, body: "" }
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex")

/** ACS3-HMAC-SHA256. */
export const acs3 = (key: Key, call: Call): Request => {
  const host = call.host ?? "sts.aliyuncs.com"
  const body = canonical(call.parameters ?? {})
  const headers: Record<string, string> = {
    "content-type": form,
    host,
    ...(key.securityToken === undefined
      ? {}
      : { "x-acs-accesskey-id": key.accessKeyId, "x-acs-security-token": key.securityToken }),
    "x-acs-action": call.action,
    "x-acs-content-sha256": sha256(body),
    "x-acs-date": time(call.at ?? 0),
    "x-acs-signature-nonce": call.nonce ?? randomUUID(),
    "x-acs-version": call.version ?? "2015-04-01",
    ...call.headers
  }
  const names = Arr.sort(Object.keys(headers), Order.string)
  const canonicalRequest = [
    "POST",
    "/",
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    sha256(body)
  ].join("\n")
  const signature = createHmac("sha256", key.accessKeySecret)
    .update(`ACS3-HMAC-SHA256\n${sha256(canonicalRequest)}`)
    .digest("hex")
  const authorization = `ACS3-HMAC-SHA256 Credential=${key.accessKeyId},SignedHeaders=${
    names.join(";")
  },Signature=${signature}`
  return { method: "POST", url: `https://${host}/`, headers: { ...headers, authorization }, body }
}
