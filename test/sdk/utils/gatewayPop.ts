import type { AlicloudCredential } from "@effect-alicloud/sdk"
import { createRequire } from "node:module"

const require = createRequire(createRequire(import.meta.url).resolve("@alicloud/openapi-core"))

interface Headers {
  readonly [name: string]: string
}

interface GatewayPop {
  readonly modifyRequest: (context: object, attributes: object) => Promise<void>
}

const { default: Client } = require("@alicloud/gateway-pop") as { readonly default: new() => GatewayPop }

export interface Signed {
  readonly headers: Headers
  /** Whose signature it is. */
  readonly id: string
  readonly idHeader: string | undefined
  readonly token: string | undefined
}

/** Lets the signer of clients with `signatureVersion: "v4"` sign a request. */
export const gatewayPop = async (credential: AlicloudCredential.Service): Promise<Signed> => {
  const request = {
    headers: {} as Record<string, string>,
    query: {},
    pathname: "/",
    method: "POST",
    productId: "Ecs",
    action: "DescribeRegions",
    version: "2014-05-26",
    signatureAlgorithm: "ACS4-HMAC-SHA256",
    style: "RPC",
    authType: "AK",
    reqBodyType: "json",
    credential
  }
  await new Client().modifyRequest({ request, configuration: { endpoint: "ecs.cn-hangzhou.aliyuncs.com" } }, {})
  const { headers } = request
  return {
    headers,
    id: /Credential=([^/]*)\//.exec(headers["Authorization"] ?? "")?.[1] ?? "",
    idHeader: headers["x-acs-accesskey-id"],
    token: headers["x-acs-security-token"]
  }
}
