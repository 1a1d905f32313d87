/** Requests to OSS signed with `node:crypto`, by hand: what the fake verifies is not what a client library makes. */
import type { Request } from "@effect-alicloud/testing/FakeAlicloud"
import { Array as Arr, Order } from "effect"
import { createHash, createHmac } from "node:crypto"
import type { Key } from "../../../../test/kit/sign.ts"

export interface OssCall {
  readonly method: string
  /** Name of the object, plain ASCII without white space. */
  readonly object: string
  readonly body?: string
  /** Epoch milliseconds. */
  readonly at?: number
  /** For URLs. */
  readonly endsAfterSeconds?: number
  /** Replaces what is sent, after it was signed. */
  readonly token?: string
}

const host = "reports.oss-cn-hangzhou.aliyuncs.com"

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)

const queryString = (query: Readonly<Record<string, string>>): string =>
  Arr.sort(Object.entries(query).map(([name, value]) => `${encode(name)}=${encode(value)}`), Order.string).join("&")

const sha1 = (secret: string, text: string): string => createHmac("sha1", secret).update(text).digest("base64")

const request = (
  call: OssCall,
  headers: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>> = {}
): Request => ({
  method: call.method,
  url: `https://${host}/${call.object}${Object.keys(query).length === 0 ? "" : `?${queryString(query)}`}`,
  headers: { host, ...headers },
  body: call.body ?? ""
})

const tokenHeader = (token: string | undefined): Readonly<Record<string, string>> =>
  token === undefined ? {} : { "x-oss-security-token": token }

const v1 = (call: OssCall, date: string, ossHeaders: string, subresource = ""): string =>
  `${call.method}\n\n\n${date}\n${ossHeaders}/reports/${call.object}${subresource}`

export const ossHeader = (key: Key, call: OssCall): Request => {
  const date = new Date(call.at ?? 0).toUTCString()
  const token = key.securityToken === undefined ? "" : `x-oss-security-token:${key.securityToken}\n`
  const signature = sha1(key.accessKeySecret, v1(call, date, `x-oss-date:${date}\n${token}`))
  return request(call, {
    "x-oss-date": date,
    ...tokenHeader(call.token ?? key.securityToken),
    authorization: `OSS ${key.accessKeyId}:${signature}`
  })
}

export const ossUrl = (key: Key, call: OssCall): Request => {
  const expires = String(Math.floor((call.at ?? 0) / 1000) + (call.endsAfterSeconds ?? 600))
  const token = key.securityToken
  const subresource = token === undefined ? "" : `?security-token=${token}`
  return request(call, {}, {
    OSSAccessKeyId: key.accessKeyId,
    Expires: expires,
    Signature: sha1(key.accessKeySecret, v1(call, expires, "", subresource)),
    ...(token === undefined ? {} : { "security-token": call.token ?? token })
  })
}

const compact = (at: number): string => new Date(at).toISOString().replace(/[-:]|\.\d+/g, "")

const v4 = (secret: string, date: string, canonical: string): string => {
  const scope = `${date.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`
  const hash = createHash("sha256").update(canonical).digest("hex")
  const parts = [...scope.split("/"), `OSS4-HMAC-SHA256\n${date}\n${scope}\n${hash}`]
  return parts.reduce<Buffer>(
    (key, part) => createHmac("sha256", key).update(part).digest(),
    Buffer.from(`aliyun_v4${secret}`)
  ).toString("hex")
}

const credentialOf = (key: Key, date: string): string =>
  `${key.accessKeyId}/${date.slice(0, 8)}/cn-hangzhou/oss/aliyun_v4_request`

export const ossHeaderV4 = (key: Key, call: OssCall): Request => {
  const date = compact(call.at ?? 0)
  const signed = {
    "x-oss-content-sha256": "UNSIGNED-PAYLOAD",
    "x-oss-date": date,
    ...tokenHeader(key.securityToken)
  }
  const headers = Object.entries(signed).map(([name, value]) => `${name}:${value}\n`).join("")
  const canonical = `${call.method}\n/reports/${call.object}\n\n${headers}\n\nUNSIGNED-PAYLOAD`
  return request(call, {
    ...signed,
    ...tokenHeader(call.token ?? key.securityToken),
    authorization: `OSS4-HMAC-SHA256 Credential=${credentialOf(key, date)},Signature=${
      v4(key.accessKeySecret, date, canonical)
    }`
  })
}

export const ossUrlV4 = (key: Key, call: OssCall): Request => {
  const date = compact(call.at ?? 0)
  const query = {
    "x-oss-credential": credentialOf(key, date),
    "x-oss-date": date,
    "x-oss-expires": String(call.endsAfterSeconds ?? 600),
    ...tokenHeader(key.securityToken),
    "x-oss-signature-version": "OSS4-HMAC-SHA256"
  }
  const canonical = `${call.method}\n/reports/${call.object}\n${queryString(query)}\n\n\nUNSIGNED-PAYLOAD`
  return request(call, {}, {
    ...query,
    ...tokenHeader(call.token ?? key.securityToken),
    "x-oss-signature": v4(key.accessKeySecret, date, canonical)
  })
}
