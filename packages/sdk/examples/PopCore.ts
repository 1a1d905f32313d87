/**
 * The V1 client and a V2 client on one session of a role.
 */
import Ecs from "@alicloud/ecs20140526"
import OpenApi from "@alicloud/openapi-core"
import RPCClient from "@alicloud/pop-core"
import { createCredential } from "@effect-alicloud/sdk"

const credential = await createCredential({
  type: "ram_role_arn",
  accessKeyId: process.env["CI_KEY_ID"],
  accessKeySecret: process.env["CI_KEY_SECRET"],
  roleArn: "acs:ram::1234567890123456:role/deploy"
})

const v1 = new RPCClient(
  credential.popCore.rpcConfig({ endpoint: "https://ecs.cn-hangzhou.aliyuncs.com", apiVersion: "2014-05-26" })
)
const v2 = new Ecs.default(
  new OpenApi.$OpenApiUtil.Config({ credential, endpoint: "ecs.cn-hangzhou.aliyuncs.com" })
)

const [{ RequestId }, { body }] = await Promise.all([
  v1.request<{ readonly RequestId: string }>("DescribeRegions", {}),
  v2.describeRegions(new Ecs.DescribeRegionsRequest({}))
])
process.stdout.write(`${RequestId}\n${body?.requestId}\n`)

await credential.close()
