import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as Source from "@effect-alicloud/credentials/Source"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Context, Effect, Exit, Fiber, Layer, Option, Random, Redacted, Scope, TestClock } from "effect"
import { ci, cloud, count, requested, roleArn, setFaults, story } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { secretsOf, untyped, withEnv } from "../kit/world.ts"

const caller = AccessKey.layer({ accessKeyId: ci.accessKeyId, accessKeySecret: Redacted.make(ci.accessKeySecret) })

const many = (options?: RamRoleArn.ManyOptions) =>
  Effect.map(
    Layer.build(Layer.provide(RamRoleArn.layerMany(options), caller)),
    Context.get(RamRoleArn.RamRoleArns)
  )

const open = { roleArn: roleArn("open") }

const idOf = (credentials: Credentials.Credentials) => secretsOf(credentials)[0]

describe("RamRoleArn.layerMany", () => {
  it.scoped("a role that is opened twice has one session", () =>
    Effect.gen(function*() {
      const roles = yield* many()
      const first = yield* roles.provider(open).get
      assert.strictEqual(yield* roles.provider({ ...open }).get, first)
      assert.strictEqual(yield* roles.provider({ ...open, policy: undefined }).get, first)
      assert.strictEqual(yield* roles.provider({ roleArn: ` ${roleArn("open")} ` }).get, first)
      assert.strictEqual(roles.provider(open).unsafeCurrent(), first)
      assert.strictEqual(yield* count, 1)
      assert.strictEqual(yield* roles.size, 1)
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("roles that differ in anything have sessions of their own", () =>
    Effect.gen(function*() {
      const roles = yield* many()
      const other = Source.fromEffect(
        "Other",
        Effect.succeed(Credentials.accessKey({ type: "access_key", providerName: "other", ...ci }))
      )
      const all: ReadonlyArray<RamRoleArn.Role> = [
        open,
        { roleArn: roleArn("long") },
        { ...open, policy: "{}" },
        { ...open, externalId: "ticket-1" },
        { ...open, externalId: "ticket-2" },
        { ...open, sourceIdentity: "alice" },
        { ...open, roleSessionName: "alice" },
        { ...open, roleSessionExpiration: 900 },
        { ...open, caller: other }
      ]
      const ids = yield* Effect.forEach(all, (role) => Effect.map(roles.provider(role).get, idOf))
      assert.strictEqual(new Set(ids).size, all.length)
      assert.strictEqual(yield* roles.size, all.length)
      assert.deepStrictEqual(
        yield* Effect.forEach(all, (role) => Effect.map(roles.provider(role).get, idOf)),
        ids
      )
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("1,000 concurrent readers of a role cause one request", () =>
    Effect.gen(function*() {
      const roles = yield* many()
      const fibers = yield* Effect.forEach(Arr.range(1, 1000), () => Effect.fork(roles.provider(open).get))
      const found = yield* Effect.forEach(fibers, Fiber.join)
      assert.strictEqual(new Set(found).size, 1)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("the longest unused session is dropped when there are too many", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const roles = yield* many({ capacity: 2 })
      const named = (roleSessionName: string) => roles.provider({ ...open, roleSessionName })
      const [a, b, c] = [named("aa"), named("bb"), named("cc")]
      for (const provider of [a, b, a, c]) {
        yield* provider.get
      }
      assert.strictEqual(yield* roles.size, 2)
      assert.isDefined(a.unsafeCurrent())
      assert.isUndefined(b.unsafeCurrent())
      yield* a.get
      yield* c.get
      assert.strictEqual(yield* count, 3)
      yield* b.get
      assert.strictEqual(yield* roles.size, 2)
      assert.deepStrictEqual([0, 1, 2, 3].map((index) => parameter(index, "RoleSessionName")), ["aa", "bb", "cc", "bb"])
    }).pipe(Effect.provide(layer))
  })

  it.scoped("says how the last lookup of a role went", () =>
    Effect.gen(function*() {
      const roles = yield* many()
      const provider = roles.provider(open)
      const nobody = roles.provider({ roleArn: roleArn("nobody") })
      assert.deepStrictEqual(yield* provider.report, {
        winner: Option.none(),
        outcomes: [{ _tag: "NotAsked", source: "RamRoleArn" }]
      })
      yield* provider.get
      assert.deepStrictEqual(yield* provider.report, {
        winner: Option.some("RamRoleArn"),
        outcomes: [{ _tag: "Won", source: "RamRoleArn", providerName: "ram_role_arn/static_ak" }]
      })
      const error = yield* errorOf(nobody.get)
      assert.deepStrictEqual(yield* nobody.report, {
        winner: Option.none(),
        outcomes: [{ _tag: "Skipped", source: "RamRoleArn", error }]
      })
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("a rejected session is replaced, those of other roles stay", () =>
    Effect.gen(function*() {
      const roles = yield* many()
      const one = roles.provider(open)
      const two = roles.provider({ roleArn: roleArn("long") })
      const rejected = yield* one.get
      const kept = yield* two.get
      yield* one.invalidate(rejected)
      assert.notStrictEqual(yield* one.get, rejected)
      assert.strictEqual(yield* two.get, kept)
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("refreshes early while its scope is open, and no longer", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const roles = yield* many().pipe(Effect.withRandom(Random.fixed([0])), Scope.extend(scope))
      const provider = roles.provider(open)
      yield* provider.get
      yield* provider.get
      yield* TestClock.adjust("45 minutes")
      yield* requested(2)
      assert.strictEqual(yield* count, 2)
      yield* provider.get
      yield* provider.get
      yield* Scope.close(scope, Exit.void)
      yield* TestClock.adjust("3 hours")
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(cloud().layer)))

  for (
    const [title, options, started] of [
      ["20 unless told otherwise", {}, 20],
      ["as many as told", { refreshesPerSecond: 5 }, 5],
      ["part of one", { refreshesPerSecond: 0.5 }, 1],
      ["all of them", { refreshesPerSecond: Infinity }, 25]
    ] as const
  ) {
    it.scoped(`early refreshes that start in a second: ${title}`, () =>
      Effect.gen(function*() {
        const roles = yield* Effect.withRandom(many(options), Random.fixed([0]))
        const all = Arr.makeBy(25, (index) => roles.provider({ ...open, roleSessionName: `session-${index}` }))
        for (const provider of [...all, ...all]) {
          yield* provider.get
        }
        yield* TestClock.adjust("45 minutes")
        yield* TestClock.adjust("999 millis")
        yield* requested(25 + started)
        assert.strictEqual(yield* count, 25 + started)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.scoped("takes host and session name from the environment it was built in, never a role", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const roles = yield* many().pipe(withEnv({
        ALIBABA_CLOUD_ROLE_ARN: roleArn("nobody"),
        ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env"
      }))
      yield* roles.provider(open).get
      assert.strictEqual(parameter(0, "RoleSessionName"), "from-env")
      const missing = yield* errorOf(roles.provider(untyped({})).get)
      assert.include(missing.message, "roleArn is missing")
    }).pipe(Effect.provide(layer))
  })
})

describe("roles that are wrong", () => {
  const wrong: ReadonlyArray<readonly [title: string, role: unknown, issue: string]> = [
    ["null", null, "they must be an object, not null"],
    ["nothing", undefined, "they must be an object, not undefined"],
    ["a string", "s3cr3t", "they must be an object, not string"],
    [
      "a lifetime that is too short",
      { ...open, roleSessionExpiration: 899 },
      "roleSessionExpiration must be at least 900"
    ],
    [
      "a lifetime that is no number",
      { ...open, roleSessionExpiration: Number.NaN },
      "roleSessionExpiration must be at least 900"
    ],
    ["a policy that is null", { ...open, policy: null }, "policy must be a string, not null"],
    ["a policy that cannot be compared", { ...open, policy: 7n }, "policy must be a string, not bigint"],
    [
      "an external id that is a symbol",
      { ...open, externalId: Symbol("s3cr3t") },
      "externalId must be a string, not symbol"
    ],
    ["an unknown option", { ...open, stsRegionId: "cn-hangzhou" }, "stsRegionId is not known here"],
    ["a caller that is none", { ...open, caller: {} }, "caller must be a credentials provider or source, not object"],
    ["a caller that is null", { ...open, caller: null }, "caller must be a credentials provider or source, not null"]
  ]
  for (const [title, role, issue] of wrong) {
    it.scoped(`${title}: an error at get, and no harm to the role that is right`, () =>
      Effect.gen(function*() {
        const roles = yield* many()
        const provider = roles.provider(untyped(role))
        const error = yield* errorOf(provider.get)
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.include(error.message, issue)
        assert.isUndefined(provider.unsafeCurrent())
        assert.deepStrictEqual((yield* provider.report).outcomes, [{ _tag: "Skipped", source: "RamRoleArn", error }])
        yield* roles.provider(open).get
        assert.strictEqual(idOf(yield* roles.provider(open).get), "STS.Fake0001")
        assert.strictEqual((yield* errorOf(provider.get)).message, error.message)
        assert.strictEqual(yield* roles.size, 1)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("options of the layer are checked when it is built", () =>
    Effect.gen(function*() {
      for (
        const [options, issue] of [
          [{ capacity: 0 }, "capacity must be a whole number above 0"],
          [{ capacity: 1.5 }, "capacity must be a whole number above 0"],
          [{ capacity: "s3cr3t" }, "capacity must be a number, not string"],
          [{ refreshesPerSecond: 0 }, "refreshesPerSecond must be a number above 0"],
          [{ refreshesPerSecond: -20 }, "refreshesPerSecond must be a number above 0"],
          [{ refreshesPerSecond: Number.NaN }, "refreshesPerSecond must be a number above 0"],
          [{ refreshesPerSecond: "s3cr3t" }, "refreshesPerSecond must be a number, not string"],
          [{ roleArn: "x" }, "roleArn is not known here"],
          [{ timeout: -1 }, "timeout must be a duration longer than zero"],
          [{ stsEndpoint: "a b" }, "it must be a host name"]
        ] as const
      ) {
        const error = yield* errorOf(Effect.scoped(many(untyped(options))))
        assert.include(error.message, issue)
      }
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("a failure of one role is not held against another", () =>
    Effect.gen(function*() {
      const roles = yield* many()
      yield* setFaults({ endpoint: "sts.AssumeRole", kind: "error", status: 403, code: "NoPermission", times: 1 })
      yield* errorOf(roles.provider(open).get)
      yield* roles.provider({ roleArn: roleArn("long") }).get
      assert.deepStrictEqual(yield* story, ["sts.AssumeRole NoPermission", "sts.AssumeRole 200"])
    }).pipe(Effect.provide(cloud().layer)))
})
