import { AccessKey } from "@effect-alicloud/credentials"
import { FakeAlicloud } from "@effect-alicloud/testing"
import { HttpApiBuilder, HttpServer } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Context, Effect, Layer, Logger, Redacted } from "effect"
import * as Tenants from "./Tenants.ts"

/** `tenant-0` to `tenant-49`, each with an account of its own. */
const tenants = new Map(Arr.makeBy(50, (index) => [
  `tenant-${index}`,
  { roleArn: `acs:ram::${2000 + index}:role/networks`, externalId: `secret-of-${index}` }
]))

const ours = { accessKeyId: "LTAI5tService", accessKeySecret: "secret-of-the-service" }

/** All roles trust this service, but for those of `closed`. */
const world = (closed: ReadonlyArray<string> = []): FakeAlicloud.WorldInput => ({
  users: [{ name: "service", ...ours }],
  roles: Array.from(tenants, ([name, { externalId, roleArn }]) => ({
    arn: roleArn,
    externalId,
    trustedUsers: closed.includes(name) ? [] : ["service"]
  })),
  actions: {
    "Vpc.DescribeVpcs": ({ caller }) => ({
      Vpcs: { Vpc: [{ VpcId: `vpc-in-${caller.accountId}`, CidrBlock: "10.0.0.0/8" }] }
    })
  }
})

const credentials = AccessKey.layer({ ...ours, accessKeySecret: Redacted.make(ours.accessKeySecret) })

/** The service on a fake cloud, and a request to it. No response may hold a secret. */
const start = Effect.fnUntraced(function*(declared: FakeAlicloud.WorldInput) {
  const context = yield* Layer.build(FakeAlicloud.layer(declared))
  const service = Tenants.layer.pipe(
    Layer.provide(credentials),
    Layer.provide(Layer.succeed(Tenants.Tenants, tenants)),
    Layer.provide(Layer.succeedContext(context)),
    Layer.provideMerge(Logger.remove(Logger.defaultLogger))
  )
  const { handler } = yield* Effect.acquireRelease(
    Effect.sync(() => HttpApiBuilder.toWebHandler(Layer.merge(service, HttpServer.layerContext))),
    ({ dispose }) => Effect.promise(dispose)
  )
  const get = (tenant: string) =>
    Effect.promise(async () => {
      const response = await handler(new Request(`http://service/tenants/${tenant}/vpcs`))
      const text = await response.text()
      assert.notMatch(text, /secret|token/)
      return { status: response.status, body: JSON.parse(text) as unknown }
    })
  return { cloud: Context.get(context, FakeAlicloud.FakeAlicloud), get }
})

const atOnce = { concurrency: "unbounded" } as const

const vpcsOf = (index: number) => ({
  status: 200,
  body: [{ VpcId: `vpc-in-${2000 + index}`, CidrBlock: "10.0.0.0/8" }]
})

describe("the networks of tenants", () => {
  it.scopedLive("come from their own accounts, with one AssumeRole call each, however many ask", () =>
    Effect.gen(function*() {
      const { cloud, get } = yield* start(world())
      for (let round = 0; round < 2; round++) {
        const answers = yield* Effect.forEach([...tenants.keys(), ...tenants.keys()], get, atOnce)
        assert.deepStrictEqual(answers, Arr.makeBy(100, (index) => vpcsOf(index % 50)))
      }
      assert.strictEqual(yield* cloud.count("sts.AssumeRole"), 50)
      assert.strictEqual(yield* cloud.count("Vpc.DescribeVpcs"), 200)
    }))

  it.scopedLive("are closed to the service where the role does not trust it; the other tenants are served", () =>
    Effect.gen(function*() {
      const { get } = yield* start(world(["tenant-7"]))
      const answers = yield* Effect.forEach(tenants.keys(), get, atOnce)
      const closed = { status: 403, body: { _tag: "AccessClosed", tenant: "tenant-7", code: "NoPermission" } }
      assert.deepStrictEqual(answers, Arr.makeBy(50, (index) => index === 7 ? closed : vpcsOf(index)))
    }))

  it.scopedLive("are unknown for a tenant who is not there, without a request to the cloud", () =>
    Effect.gen(function*() {
      const { cloud, get } = yield* start(world())
      assert.deepStrictEqual(yield* get("nobody"), { status: 404, body: { _tag: "UnknownTenant", tenant: "nobody" } })
      assert.deepStrictEqual(yield* cloud.journal, [])
    }))

  it.scopedLive("are unavailable, without a detail, when the cloud gives no right answer", () =>
    Effect.gen(function*() {
      const { cloud, get } = yield* start(world())
      yield* cloud.setFaults([{ endpoint: "Vpc.DescribeVpcs", kind: "malformed", times: 1 }])
      assert.deepStrictEqual(yield* get("tenant-1"), { status: 503, body: { _tag: "Unavailable", tenant: "tenant-1" } })
      assert.deepStrictEqual(yield* get("tenant-1"), vpcsOf(1))
    }))
})
