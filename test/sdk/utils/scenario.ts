import { CredentialsProvider, FromConfig } from "@effect-alicloud/credentials"
import { NodePlatform } from "@effect-alicloud/node"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, it } from "@effect/vitest"
import type { Scope } from "effect"
import { Context, Effect, Layer, Logger, TestClock } from "effect"
import type { Cloud } from "./network.ts"
import { makeCloud } from "./network.ts"

export const roleArn = "acs:ram::1234567890123456:role/deploy"

const world: WorldInput = {
  users: [{ name: "ci", accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }],
  roles: [{ arn: roleArn }],
  bearerTokens: [{ token: "s3cr3t-bearer", name: "agent" }]
}

export const role: FromConfig.Config = {
  type: "ram_role_arn",
  accessKeyId: "LTAI5tCi",
  accessKeySecret: "s3cr3t-ci",
  roleArn
}

export interface World extends Cloud {
  readonly provider: CredentialsProvider.Service
}

/**
 * A test with a fake cloud behind sockets, and the provider of a configuration there. The official clients live in real
 * time, so the test's clock begins there, and may move on by some minutes.
 */
export const scenario = (
  title: string,
  config: FromConfig.Config,
  body: (world: World) => Effect.Effect<void, unknown, Scope.Scope>
): void => {
  it.scoped(title, () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(Date.now())
      const cloud = yield* makeCloud(world)
      const layer = Layer.provide(FromConfig.layer(config), Layer.merge(NodePlatform.layer, cloud.client))
      const provider = Context.get(yield* Layer.build(layer), CredentialsProvider.CredentialsProvider)
      yield* body({ ...cloud, provider })
    }).pipe(Effect.provide(Logger.remove(Logger.defaultLogger))))
}

export const rejectionOf = (promise: Promise<unknown>): Effect.Effect<unknown> =>
  Effect.promise(() => promise.then(() => assert.fail("it must be rejected"), (error: unknown) => error))
