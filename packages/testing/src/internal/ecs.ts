/** The Elastic Compute Service of the fake cloud, as an example of an RPC style API. */
import * as Effect from "effect/Effect"
import type { ApiError } from "../Action.ts"
import type { Reply } from "../FakeAlicloud.ts"
import type { Api } from "./authenticate.ts"
import { authenticate, checkRequest } from "./authenticate.ts"
import { success } from "./rpc.ts"
import type { Exchange } from "./state.ts"

const regions = {
  "cn-hangzhou": "China (Hangzhou)",
  "cn-beijing": "China (Beijing)",
  "ap-southeast-1": "Singapore",
  "eu-central-1": "Germany (Frankfurt)"
}

export const ecsApi: Api = { actions: ["DescribeRegions"], version: "2014-05-26" }

/** One API of the Elastic Compute Service, to try credentials on. */
export const ecs = (exchange: Exchange): Effect.Effect<Reply, ApiError> =>
  checkRequest(exchange, ecsApi).pipe(
    Effect.zipRight(authenticate(exchange)),
    Effect.map(() =>
      success(exchange, {
        Regions: {
          Region: Object.entries(regions).map(([id, name]) => ({
            RegionId: id,
            RegionEndpoint: `ecs.${id}.aliyuncs.com`,
            LocalName: name
          }))
        }
      })
    )
  )
