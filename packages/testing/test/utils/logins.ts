import type { Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { Effect } from "effect"
import type { Key } from "../../../../test/kit/sign.ts"
import { accountId, askJson, at } from "./cloud.ts"
import type { Document } from "./cloud.ts"

export const clientIds = { CN: "4038181954557748008", INTL: "4103531455503354461" }

const oauthHosts = { CN: "oauth.aliyun.com", INTL: "oauth.alibabacloud.com" }

export type Site = keyof typeof oauthHosts

export const ssoHost = "signin-cn-shanghai.alibabacloudsso.com"

export const loginWorld: WorldInput = {
  oauthLogins: [
    { refreshToken: "rt-1", accessToken: "at-1", userName: "alice" },
    { refreshToken: "rt-2", userName: "bob" },
    { site: "INTL", refreshToken: "rt-intl", accessToken: "at-intl" }
  ],
  cloudSsoSites: [{
    host: ssoHost,
    logins: [
      { accessToken: "sso-1", userName: "carol", grants: [{ accountId, accessConfigurationId: "ac-1" }] },
      { accessToken: "sso-2", expiresAt: "1970-01-01T01:00:00Z", grants: [{ accessConfigurationId: "ac-2" }] }
    ]
  }]
}

const post = (url: string, headers: Request["headers"], body: string): Request => ({
  method: "POST",
  url,
  headers,
  body
})

/** A refresh as the official CLI sends it; `change` replaces fields of the form or, when `undefined`, removes them. */
export const refresh = (
  refreshToken: string,
  site: Site = "CN",
  change: Readonly<Record<string, string | undefined>> = {}
): Request => {
  const fields = { grant_type: "refresh_token", refresh_token: refreshToken, client_id: clientIds[site], ...change }
  const form = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]
  )
  const headers = { "content-type": "application/x-www-form-urlencoded", accept: "application/json" }
  return post(`https://${oauthHosts[site]}/v1/token`, headers, form.join("&"))
}

/** An exchange as official clients send it: without a body. */
export const exchange = (accessToken: string, site: Site = "CN"): Request =>
  post(`https://${oauthHosts[site]}/v1/exchange`, {
    "content-type": "application/json",
    authorization: `Bearer ${accessToken}`
  }, "")

/** A request for the session of an access configuration. */
export const cloudSso = (accessToken: string, body: unknown, host = ssoHost): Request =>
  post(`https://${host}/cloud-credentials`, {
    accept: "application/json",
    "content-type": "application/json",
    authorization: `Bearer ${accessToken}`
  }, JSON.stringify(body))

export const configuration = (AccessConfigurationId: string, AccountId = accountId): object => ({
  AccountId,
  AccessConfigurationId
})

/** The status of an answer with its error code in whichever field; `200` when it is a success. */
export const decision = (request: Request) =>
  Effect.map(
    askJson(request),
    ({ document, status }) => status === 200 ? "200" : `${status} ${String(document["error"] ?? document["ErrorCode"])}`
  )

/** The refresh and access token in an answer. */
export const tokensIn = (document: Document) => ({
  refreshToken: at(document, "refresh_token"),
  accessToken: at(document, "access_token")
})

/** The key of the session in an OAuth answer. */
export const oauthKeyIn = (document: Document): Key => ({
  accessKeyId: at(document, "accessKeyId"),
  accessKeySecret: at(document, "accessKeySecret"),
  securityToken: at(document, "securityToken")
})
