/** Programs of users, in processes of their own, on a fake cloud. */
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { start } from "../kit/children.ts"
import { accountId, ci, roleArn, world } from "../kit/cloud.ts"

describe("a process of a user, on the fake cloud", () => {
  it.scopedLive("reaches it with the official clients as they are, over HTTPS, and the metadata service", () =>
    Effect.gen(function*() {
      const { nodeEnvironment } = yield* FakeAlicloudServer.FakeAlicloudServer
      const program = fileURLToPath(new URL("fixtures/official.cjs", import.meta.url))
      const child = yield* start([program], {
        PATH: process.env["PATH"],
        CI_KEY_ID: ci.accessKeyId,
        CI_KEY_SECRET: ci.accessKeySecret,
        ROLE_ARN: roleArn("open"),
        ...nodeEnvironment
      })
      assert.deepStrictEqual(JSON.parse(yield* child.next), [
        "STS.Fake0001",
        "STS.Fake0002",
        4,
        `acs:ram::${accountId}:assumed-role/open/official`
      ])
      const { journal } = yield* FakeAlicloud
      assert.deepStrictEqual(
        (yield* journal).map(({ endpoint, host, status }) => `${endpoint} ${host} ${status}`).slice(-3),
        [
          "sts.AssumeRole sts.aliyuncs.com 200",
          "ecs ecs.cn-hangzhou.aliyuncs.com 200",
          "Vpc.WhoCalls vpc.cn-hangzhou.aliyuncs.com 200"
        ]
      )
    }).pipe(
      Effect.provide(FakeAlicloudServer.layer({
        ...world,
        actions: { "Vpc.WhoCalls": ({ caller }) => ({ Arn: caller.arn }) }
      }))
    ))
})
