import { ApiError } from "@effect-alicloud/testing/Action"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option, TestClock } from "effect"
import type { Call as Signed } from "../../../test/kit/sign.ts"
import { acs3, rpc } from "../../../test/kit/sign.ts"
import type { Document } from "./utils/cloud.ts"
import { alice, ask, askJson, bob, keyIn, roleArn, verdict } from "./utils/cloud.ts"

const call = (action: string, more: Partial<Signed> = {}): Signed => ({
  action,
  version: "2016-04-28",
  host: "vpc.cn-hangzhou.aliyuncs.com",
  ...more
})

const world = (actions: WorldInput["actions"], more: WorldInput = {}): WorldInput => ({
  users: [alice, bob],
  roles: [{ arn: roleArn("open") }],
  ...more,
  actions
})

const onCloud = (actions: WorldInput["actions"], more: WorldInput = {}) =>
  Effect.provide(FakeAlicloud.layer(world(actions, more)))

describe("an action of the test's own", () => {
  it.effect("has the caller, the parameters without those of the signature, and the journal, in both signatures", () =>
    Effect.gen(function*() {
      const seen: Array<object> = []
      yield* Effect.gen(function*() {
        const { document } = yield* askJson(rpc(alice, {
          action: "AssumeRole",
          parameters: { RoleArn: roleArn("open"), RoleSessionName: "tenant-1" }
        }))
        const parameters = { RegionId: "cn-hangzhou", "Tag.1.Key": "team" }
        for (const sign of [rpc, acs3]) {
          const answer = yield* askJson(sign(keyIn(document), call("DescribeVpcs", { parameters })))
          assert.strictEqual(answer.document["TotalCount"], 2 as never)
          assert.match(String(answer.document["RequestId"]), /^FA4E/)
        }
        yield* askJson(rpc(bob, call("DescribeVpcs")))
      }).pipe(onCloud({
        "Vpc.DescribeVpcs": ({ caller, journal, ...rest }) => {
          seen.push({ ...rest, caller, journal: journal.map(({ endpoint }) => endpoint) })
          return { TotalCount: 2 }
        }
      }))
      assert.deepInclude(seen[0], {
        name: "Vpc.DescribeVpcs",
        version: "2016-04-28",
        host: "vpc.cn-hangzhou.aliyuncs.com",
        method: "POST",
        path: "/",
        parameters: { RegionId: "cn-hangzhou", "Tag.1.Key": "team" },
        journal: ["sts.AssumeRole", "Vpc.DescribeVpcs"]
      })
      const [first, second, third] = seen as ReadonlyArray<{ readonly caller: Document }>
      assert.deepInclude(first?.caller, {
        type: "AssumedRoleUser",
        accountId: "1234567890123456",
        arn: "acs:ram::1234567890123456:assumed-role/open/tenant-1",
        accessKeyId: "STS.Fake0001",
        roleArn: roleArn("open"),
        sessionName: "tenant-1"
      })
      assert.deepStrictEqual(second?.caller, first?.caller)
      assert.deepInclude(third?.caller, { type: "RAMUser", accessKeyId: bob.accessKeyId })
    }))

  it.effect("runs only for calls that are signed right", () =>
    Effect.gen(function*() {
      let runs = 0
      const answers = yield* Effect.gen(function*() {
        const wrong = { ...alice, accessKeySecret: "wrong" }
        return [
          yield* verdict(rpc(wrong, call("DescribeVpcs"))),
          yield* verdict(acs3(wrong, call("DescribeVpcs"))),
          yield* verdict(rpc({ ...alice, accessKeyId: "LTAI5tNobody" }, call("DescribeVpcs"))),
          yield* verdict(rpc(alice, call("DescribeVpcs", { change: { Version: undefined } })))
        ]
      }).pipe(onCloud({ "Vpc.DescribeVpcs": () => ({ runs: ++runs }) }))
      assert.deepStrictEqual(answers, [
        "400 SignatureDoesNotMatch",
        "400 SignatureDoesNotMatch",
        "404 InvalidAccessKeyId.NotFound",
        "400 MissingParameter"
      ])
      assert.strictEqual(runs, 0)
    }))

  it.effect("fails with the error that it returns, or that its effect fails with", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* verdict(rpc(alice, call("CreateVpc"))), "403 Forbidden.RAM")
      const { document, status } = yield* askJson(acs3(alice, call("DeleteVpc")))
      assert.strictEqual(status, 409)
      assert.deepInclude(document, { Code: "DependencyViolation", Message: "The VPC has switches." })
    }).pipe(onCloud({
      "Vpc.CreateVpc": () => new ApiError({ status: 403, code: "Forbidden.RAM", message: "No." }),
      "Vpc.DeleteVpc": () =>
        Effect.fail(new ApiError({ status: 409, code: "DependencyViolation", message: "The VPC has switches." }))
    })))

  it.effect("may be an effect that waits", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.fork(verdict(rpc(alice, call("DescribeVpcs"))))
        yield* Deferred.await(started)
        yield* TestClock.adjust("2 seconds")
        assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
        yield* TestClock.adjust("1 second")
        assert.strictEqual(yield* Fiber.join(fiber), "200")
      }).pipe(onCloud({
        "Vpc.DescribeVpcs": () =>
          Deferred.succeed(started, undefined).pipe(Effect.zipRight(Effect.sleep("3 seconds")), Effect.as({}))
      }))
    }))

  it.effect("that throws, dies or returns what is no JSON answers 500 and tells the test why", () =>
    Effect.gen(function*() {
      const { journal } = yield* FakeAlicloud.FakeAlicloud
      const { document, status } = yield* askJson(rpc(alice, call("Throws")))
      assert.strictEqual(status, 500)
      assert.deepInclude(document, {
        Code: "InternalError",
        Message: "The test's own action Vpc.Throws failed: TypeError: no such tenant"
      })
      assert.strictEqual(yield* verdict(rpc(alice, call("Dies"))), "500 InternalError")
      assert.strictEqual(yield* verdict(rpc(alice, call("NoJson"))), "500 InternalError")
      assert.deepStrictEqual((yield* journal).map(({ problem }) => problem?.replace(/failed: .*/, "")), [
        "The test's own action Vpc.Throws ",
        "The test's own action Vpc.Dies ",
        "The test's own action Vpc.NoJson "
      ])
    }).pipe(onCloud({
      "Vpc.Throws": () => {
        throw new TypeError("no such tenant")
      },
      "Vpc.Dies": () => Effect.dieMessage("broken"),
      "Vpc.NoJson": () => ({ count: 1n })
    })))

  it.effect("does not keep the caller from leaving", () =>
    Effect.gen(function*() {
      const started = yield* Deferred.make<void>()
      const interrupted = yield* Deferred.make<void>()
      yield* Effect.gen(function*() {
        const fiber = yield* Effect.fork(ask(rpc(alice, call("Waits"))))
        yield* Deferred.await(started)
        yield* Fiber.interrupt(fiber)
        yield* Deferred.await(interrupted)
      }).pipe(onCloud({
        "Vpc.Waits": () =>
          Deferred.succeed(started, undefined).pipe(
            Effect.zipRight(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(interrupted, undefined))
          )
      }))
    }))

  it.effect("leaves other actions of its product, and other products, as they are", () =>
    Effect.gen(function*() {
      const { count, listens } = yield* FakeAlicloud.FakeAlicloud
      assert.strictEqual(yield* verdict(rpc(alice, call("CreateVpc"))), "404 InvalidAction.NotFound")
      assert.isTrue(listens("https://vpc-vpc.cn-hangzhou.aliyuncs.com/"))
      assert.isFalse(listens("https://slb.aliyuncs.com/"))
      const ecs = { host: "ecs.aliyuncs.com", version: "2014-05-26" }
      assert.strictEqual(yield* verdict(rpc(alice, call("DescribeInstances", ecs))), "200")
      assert.strictEqual(yield* verdict(rpc(alice, call("DescribeRegions", ecs))), "200")
      assert.deepStrictEqual(
        [yield* count("Vpc"), yield* count("Ecs.DescribeInstances"), yield* count("ecs")],
        [1, 1, 2]
      )
    }).pipe(onCloud({ "Vpc.DescribeVpcs": () => ({}), "Ecs.DescribeInstances": () => ({}) })))

  it.effect("takes faults by its name or its product", () =>
    Effect.gen(function*() {
      const { setFaults } = yield* FakeAlicloud.FakeAlicloud
      yield* setFaults([{ endpoint: "Vpc", kind: "throttle", times: 1 }])
      assert.strictEqual(yield* verdict(rpc(alice, call("DescribeVpcs"))), "400 Throttling.User")
      yield* setFaults([{ endpoint: "Vpc.DescribeVpcs", kind: "error", status: 503, code: "ServiceUnavailable" }])
      assert.strictEqual(yield* verdict(rpc(alice, call("DescribeVpcs"))), "503 ServiceUnavailable")
    }).pipe(onCloud({ "Vpc.DescribeVpcs": () => ({}) })))

  it.effect("must be named after a product and an API, and faults must name one", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(
        FakeAlicloud.make({
          actions: { describeVpcs: () => ({}) },
          faults: [{ endpoint: "Vpc.DescribeVpc", kind: "hang" }]
        })
      )
      assert.deepStrictEqual(error.issues, [
        "the action describeVpcs is not named like Vpc.DescribeVpcs; " +
        "a fault is at Vpc.DescribeVpc, which is not among `actions`"
      ])
    }))
})
