/**
 * Without Effect: the official ECS client with whatever credentials the default chain finds.
 */
import Ecs from "@alicloud/ecs20140526"
import OpenApi from "@alicloud/openapi-core"
import { createCredential } from "@effect-alicloud/sdk"

const { default: Client, DescribeRegionsRequest } = Ecs

const credential = await createCredential()

const config = new OpenApi.$OpenApiUtil.Config({ credential, endpoint: "ecs.cn-hangzhou.aliyuncs.com" })
const client = new Client(config)

const { body } = await credential.retryOnRejected(() => client.describeRegions(new DescribeRegionsRequest({})))
for (const region of body?.regions?.region ?? []) process.stdout.write(`${region.regionId}\n`)

await credential.close()
