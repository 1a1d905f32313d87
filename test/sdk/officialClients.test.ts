import { CredentialsError } from "@effect-alicloud/credentials"
import { AlicloudCredential, PopCoreCredentials } from "@effect-alicloud/sdk"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { assertNoLeak } from "../kit/leaks.ts"
import { ecs, rpc } from "./utils/clients.ts"
import { rejectionOf, role, roleArn, scenario } from "./utils/scenario.ts"

describe("the official ECS client", () => {
  scenario("signs with a session and names where it comes from", role, (world) =>
    Effect.gen(function*() {
      const describeRegions = ecs(world, yield* AlicloudCredential.make(world.provider))
      assert.include(yield* Effect.promise(describeRegions), "cn-hangzhou")
      const [call] = yield* world.calls
      assert.deepInclude(call, { status: 200, accessKeyId: "STS.Fake0001", provider: "ram_role_arn/static_ak" })
    }))

  scenario("goes on while the session rotates between and during its calls", role, (world) =>
    Effect.gen(function*() {
      const describeRegions = ecs(world, yield* AlicloudCredential.make(world.provider))
      const rotate = Effect.flatMap(world.provider.get, world.provider.invalidate)
      for (let round = 0; round < 3; round++) {
        const calls = Effect.all(Array.from({ length: 5 }, () => Effect.promise(describeRegions)), {
          concurrency: "unbounded"
        })
        yield* Effect.zipRight(calls, rotate, { concurrent: true })
        yield* rotate
      }
      const calls = yield* world.calls
      assert.deepStrictEqual([...new Set(calls.map(({ status }) => status))], [200])
      assert.strictEqual(calls.length, 15)
      assert.isAtLeast(new Set(calls.map(({ accessKeyId }) => accessKeyId)).size, 3)
    }))

  scenario(
    "sends a bearer token, unsigned",
    { type: "bearer", bearerToken: "s3cr3t-bearer" },
    (world) =>
      Effect.gen(function*() {
        const describeRegions = ecs(world, yield* AlicloudCredential.make(world.provider))
        assert.include(yield* Effect.promise(describeRegions), "cn-hangzhou")
        assert.deepInclude((yield* world.calls)[0], { status: 200, accessKeyId: undefined })
      })
  )

  scenario(
    "is refused once, and answered after the refused session was replaced",
    role,
    (world) =>
      Effect.gen(function*() {
        const credential = yield* AlicloudCredential.make(world.provider)
        const describeRegions = ecs(world, credential)
        yield* Effect.promise(describeRegions)
        yield* world.cloud.setFaults([
          { endpoint: "ecs", kind: "error", status: 400, code: "InvalidSecurityToken.Expired", times: 1 }
        ])
        assert.include(yield* Effect.promise(() => credential.retryOnRejected(describeRegions)), "cn-hangzhou")
        assert.deepStrictEqual(
          (yield* world.calls).map(({ accessKeyId, code }) => code ?? accessKeyId),
          ["STS.Fake0001", "InvalidSecurityToken.Expired", "STS.Fake0002"]
        )
      })
  )

  scenario(
    "gets the typed error of a role that nobody may assume",
    { ...role, roleArn: `${roleArn}-other` },
    (world) =>
      Effect.gen(function*() {
        const describeRegions = ecs(world, yield* AlicloudCredential.make(world.provider))
        const error = yield* rejectionOf(describeRegions())
        assert.instanceOf(error, CredentialsError.SourceFailed)
        assert.strictEqual(error.code, "EntityNotExist.Role")
        assertNoLeak(error)
        assert.deepStrictEqual(yield* world.calls, [])
      })
  )
})

describe("the V1 client", () => {
  scenario("signs with a pair", { ...role, type: "access_key" }, (world) =>
    Effect.gen(function*() {
      const client = rpc(world, yield* PopCoreCredentials.make(world.provider))
      const answer = yield* Effect.promise(() => client.request<{ readonly RequestId: string }>("DescribeRegions", {}))
      assert.isString(answer.RequestId)
      assert.deepInclude((yield* world.calls)[0], { status: 200, accessKeyId: "LTAI5tCi", method: "POST" })
    }))

  scenario(
    "signs with the current session of a role, also in parallel and with GET",
    role,
    (world) =>
      Effect.gen(function*() {
        const client = rpc(world, yield* PopCoreCredentials.make(world.provider), { method: "GET" })
        const rotate = Effect.flatMap(world.provider.get, world.provider.invalidate)
        for (let round = 0; round < 2; round++) {
          yield* Effect.promise(() =>
            Promise.all(Array.from({ length: 10 }, () => client.request("DescribeRegions", {})))
          )
          yield* rotate
        }
        const calls = yield* world.calls
        assert.deepStrictEqual([...new Set(calls.map(({ status }) => status))], [200])
        assert.deepStrictEqual([...new Set(calls.map(({ accessKeyId }) => accessKeyId))], [
          "STS.Fake0001",
          "STS.Fake0002"
        ])
      })
  )

  scenario(
    "is refused once, and answered after the refused session was replaced",
    role,
    (world) =>
      Effect.gen(function*() {
        const credentials = yield* PopCoreCredentials.make(world.provider)
        const client = rpc(world, credentials)
        yield* world.cloud.setFaults([
          { endpoint: "ecs", kind: "error", status: 404, code: "InvalidAccessKeyId.NotFound", times: 1 }
        ])
        yield* Effect.promise(() => credentials.retryOnRejected(() => client.request("DescribeRegions", {})))
        assert.deepStrictEqual(
          (yield* world.calls).map(({ accessKeyId, code }) => [accessKeyId, code]),
          [["STS.Fake0001", "InvalidAccessKeyId.NotFound"], ["STS.Fake0002", undefined]]
        )
      })
  )

  scenario("does not quote the session in its errors", role, (world) =>
    Effect.gen(function*() {
      const client = rpc(world, yield* PopCoreCredentials.make(world.provider))
      const error = yield* rejectionOf(client.request("RunInstances", {}))
      assertNoLeak(error)
      assert.include(String(error), "InvalidAction.NotFoundError")
    }))

  scenario(
    "is refused a bearer token, which it would not send",
    { type: "bearer", bearerToken: "s3cr3t-bearer" },
    (world) =>
      Effect.gen(function*() {
        const client = rpc(world, yield* PopCoreCredentials.make(world.provider))
        const error = yield* rejectionOf(client.request("DescribeRegions", {}))
        assert.instanceOf(error, CredentialsError.InvalidConfig)
        assertNoLeak(error)
        assert.deepStrictEqual(yield* world.calls, [])
      })
  )
})
