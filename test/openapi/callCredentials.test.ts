/** Calls of many tenants through one client. */
import { CredentialsProvider, RamRoleArn } from "@effect-alicloud/credentials"
import { CallCredentials, Ecs, OpenApi, SigningClient, Sts } from "@effect-alicloud/openapi"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Effect, Layer, Schema } from "effect"
import { ci, cloud, roleArn, sessionExpired, setFaults } from "../kit/cloud.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, world } from "./utils/identities.ts"

const tenants = Arr.makeBy(20, (number) => `tenant-${number}`)

const fake = cloud({
  ...world,
  roles: tenants.map((name) => ({ arn: roleArn(name) }))
})

const clients = Layer.mergeAll(Sts.layer(), OpenApi.layer({ product: "sts", version: "2015-04-01" }), Ecs.layer())

const layer = Layer.mergeAll(clients, RamRoleArn.layerMany()).pipe(
  Layer.provideMerge(accessKey),
  Layer.provideMerge(fake.layer)
)

const providerOf = (name: string) =>
  Effect.map(RamRoleArn.RamRoleArns, (roles) => roles.provider({ roleArn: roleArn(name) }))

const callerOf = (arn: string): string => /assumed-role\/([^/]+)/.exec(arn)?.[1] ?? arn

const identity = Effect.map(Sts.getCallerIdentity, ({ arn }) => callerOf(arn))

const raw = (credentials?: CallCredentials.Signer) =>
  OpenApi.call("GetCallerIdentity", { credentials, schema: Schema.Struct({ Arn: Schema.String }) }).pipe(
    Effect.map(({ Arn }) => callerOf(Arn))
  )

describe("the credentials of a call", () => {
  it.effect("are those of its tenant, for twenty tenants at once through one client", () =>
    Effect.gen(function*() {
      const identities = yield* drive(Effect.forEach(
        tenants,
        (name) => Effect.flatMap(providerOf(name), (provider) => CallCredentials.provide(identity, provider)),
        { concurrency: "unbounded" }
      ))
      assert.deepStrictEqual(identities, tenants)
      assert.include(yield* identity, ci.name)
    }).pipe(Effect.provide(layer)))

  it.effect("are the option of the call, before those around it, before those of the client", () =>
    Effect.gen(function*() {
      const first = yield* providerOf("tenant-1")
      const second = yield* providerOf("tenant-2")
      const around = CallCredentials.provide(first)
      assert.deepStrictEqual(
        yield* drive(
          Effect.all([raw(), around(raw()), around(raw(second)), around(CallCredentials.provide(raw(), second))])
        ),
        [yield* identity, "tenant-1", "tenant-2", "tenant-2"]
      )
    }).pipe(Effect.provide(layer)))

  it.effect("come from the provider of a layer, for every client under it", () =>
    Effect.gen(function*() {
      const tenant = Layer.provide(
        CallCredentials.layer,
        Layer.provide(RamRoleArn.layer({ roleArn: roleArn("tenant-3") }), accessKey)
      )
      const signing = yield* SigningClient.make({ version: "2014-05-26", action: "DescribeRegions" })
      yield* drive(Effect.provide(
        Effect.zipRight(Ecs.describeRegions(), Effect.scoped(signing.post("https://ecs.aliyuncs.com/"))),
        tenant
      ))
      const entries = yield* Effect.flatMap(FakeAlicloud, ({ journal }) => journal)
      const [one, two] = entries.filter(({ endpoint }) => endpoint === "ecs")
      assert.match(one?.accessKeyId ?? "", /^STS\./)
      assert.deepInclude(two, { status: 200, accessKeyId: one?.accessKeyId })
    }).pipe(Effect.provide(layer)))

  it.effect("that are rejected are invalidated in their own provider, and the call is retried with new ones", () =>
    Effect.gen(function*() {
      const provider = yield* providerOf("tenant-4")
      const before = yield* drive(provider.get)
      yield* setFaults(sessionExpired(1))
      assert.strictEqual(yield* drive(CallCredentials.provide(identity, provider)), "tenant-4")
      assert.notStrictEqual(yield* provider.get, before)
    }).pipe(Effect.provide(layer)))

  it.effect("without invalidate are not retried: they would be the same", () =>
    Effect.gen(function*() {
      const provider = yield* providerOf("tenant-5")
      yield* setFaults({
        endpoint: "sts.GetCallerIdentity",
        kind: "error",
        status: 400,
        code: "InvalidAccessKeyId.NotFound"
      })
      const error = yield* drive(Effect.flip(raw({ get: provider.get })))
      assert.deepInclude(error, { _tag: "ApiError", code: "InvalidAccessKeyId.NotFound" })
      const entries = yield* Effect.flatMap(FakeAlicloud, ({ journal }) => journal)
      assert.lengthOf(entries.filter(({ endpoint }) => endpoint === "sts.GetCallerIdentity"), 1)
    }).pipe(Effect.provide(layer)))

  it.effect("do not change when another provider is in the context of the call", () =>
    Effect.gen(function*() {
      const tenant = yield* providerOf("tenant-6")
      const other = Effect.provideService(identity, CredentialsProvider.CredentialsProvider, tenant)
      assert.strictEqual(yield* other, yield* identity)
    }).pipe(Effect.provide(layer)))
})
