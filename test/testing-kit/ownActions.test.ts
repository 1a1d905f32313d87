/** The user's own actions in the fake cloud, called by the client of `@effect-alicloud/openapi`. */
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import { ApiError } from "@effect-alicloud/testing/Action"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Schema } from "effect"
import { accessKey, world } from "../openapi/utils/identities.ts"

const cloud = FakeAlicloud.layer({
  ...world,
  actions: {
    "CS.DescribeClusterNodes": ({ method, path }) => ({ method, path }),
    "Fc.CreateFunction": ({ body }) => ({ created: JSON.parse(body) }),
    "Fc.DeleteFunction": () => new ApiError({ status: 404, code: "FunctionNotFound", message: "There is none." })
  }
})

const client = (product: string, version: string) =>
  OpenApi.layer({ product, regionId: "cn-hangzhou", version }).pipe(Layer.provide(accessKey), Layer.provideMerge(cloud))

describe("an action of the user's own in ROA style", () => {
  it.effect("is told its path and method", () =>
    Effect.gen(function*() {
      const found = yield* OpenApi.call("DescribeClusterNodes", {
        style: "ROA",
        path: OpenApi.path`/clusters/${"c 1"}/nodes`,
        schema: Schema.Struct({ method: Schema.String, path: Schema.String })
      })
      assert.deepStrictEqual(found, { method: "GET", path: "/clusters/c%201/nodes" })
    }).pipe(Effect.provide(client("cs", "2015-12-15"))))

  it.effect("reads the body, and fails as services in this style do", () =>
    Effect.gen(function*() {
      const { created } = yield* OpenApi.call("CreateFunction", {
        style: "ROA",
        method: "POST",
        path: "/2023-03-30/functions",
        params: { name: "resize" },
        schema: Schema.Struct({ created: Schema.Struct({ name: Schema.String }) })
      })
      assert.strictEqual(created.name, "resize")
      const error = yield* Effect.flip(OpenApi.call("DeleteFunction", {
        style: "ROA",
        method: "DELETE",
        path: "/2023-03-30/functions/resize",
        schema: Schema.Struct({})
      }))
      assert.deepInclude(error, { _tag: "ApiError", code: "FunctionNotFound", serverMessage: "There is none." })
    }).pipe(Effect.provide(client("fc", "2023-03-30"))))
})
