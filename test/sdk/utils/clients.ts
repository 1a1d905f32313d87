import type EcsExports from "@alicloud/ecs20140526"
import type OpenApiExports from "@alicloud/openapi-core"
import RPCClient from "@alicloud/pop-core"
import type { AlicloudCredential, OssCredentials, PopCoreCredentials } from "@effect-alicloud/sdk"
import { createRequire } from "node:module"
import { OSS } from "./aliOss.ts"
import type { Cloud } from "./network.ts"

const require = createRequire(import.meta.url)

// Not imported: what the default export of a CommonJS module is differs between Node.js and the test runner.
const Ecs = require("@alicloud/ecs20140526") as typeof EcsExports

const OpenApi = require("@alicloud/openapi-core") as typeof OpenApiExports

/** The official ECS client. Each call answers the ids of the regions. */
export const ecs = (
  { region }: Cloud,
  credential: AlicloudCredential.Service
): () => Promise<ReadonlyArray<string | undefined>> => {
  const config = new OpenApi.$OpenApiUtil.Config({ credential })
  config.endpoint = `ecs.${region}.aliyuncs.com`
  config.protocol = "HTTP"
  const client = new Ecs.default(config)
  return async () => {
    const { body } = await client.describeRegions(new Ecs.DescribeRegionsRequest({}))
    return body?.regions?.region?.map(({ regionId }) => regionId) ?? []
  }
}

/** The V1 client for ECS. */
export const rpc = ({ region }: Cloud, credentials: PopCoreCredentials.Service, opts?: object): RPCClient =>
  new RPCClient(
    credentials.rpcConfig({ endpoint: `http://ecs.${region}.aliyuncs.com`, apiVersion: "2014-05-26", opts })
  )

/** The OSS client for the bucket `reports`. */
export const oss = ({ region }: Cloud, credentials: OssCredentials.Service, options?: Partial<OSS.Options>): OSS =>
  new OSS({ ...credentials.options, region: `oss-${region}`, bucket: "reports", ...options })
