import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import type * as Credentials from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as SessionStore from "@effect-alicloud/credentials/SessionStore"
import type { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import {
  Array as Arr,
  Context,
  DateTime,
  Duration,
  Effect,
  Exit,
  Fiber,
  Layer,
  Option,
  Redacted,
  TestClock
} from "effect"
import { ci, cloud, count, drive, requested, roleArn, setFaults } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { collectLogs, warnings } from "../kit/upstream.ts"
import { secretsOf, withEnv } from "../kit/world.ts"

type Caller = Layer.Layer<CredentialsProvider.CredentialsProvider, InvalidConfig, HttpClient.HttpClient>

const key: Caller = AccessKey.layer({ accessKeyId: ci.accessKeyId, accessKeySecret: Redacted.make(ci.accessKeySecret) })

/** A program of its own: its provider shares nothing with others but the store of the context. */
const program = (config: RamRoleArn.Config = { roleArn: roleArn("open") }, caller = key) =>
  Effect.map(
    Layer.build(Layer.fresh(Layer.provide(RamRoleArn.layer(config), Layer.fresh(caller)))),
    Context.get(CredentialsProvider.CredentialsProvider)
  )

const idOf = (credentials: Credentials.Credentials) => secretsOf(credentials)[0]

/** What a store does when it is broken, in place of the one in memory. */
const withStore = (change: (store: SessionStore.Service) => Partial<SessionStore.Service>) =>
  Layer.effect(
    SessionStore.SessionStore,
    Effect.map(SessionStore.makeMemory, (store) => ({ ...store, ...change(store) }))
  )

const onStore = (store = SessionStore.layerMemory) => Layer.merge(cloud().layer, store)

describe("RamRoleArn with a session store", () => {
  it.scoped("a second program gets the session of the first without a request", () =>
    Effect.gen(function*() {
      const first = yield* (yield* program()).get
      const second = yield* (yield* program()).get
      assert.deepStrictEqual(second, first)
      assert.strictEqual(second.providerName, "ram_role_arn/static_ak")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(onStore())))

  it.scoped("10 programs that start at once cause one request", () =>
    Effect.gen(function*() {
      const programs = yield* Effect.forEach(Arr.range(1, 10), () => program())
      yield* setFaults({ endpoint: "sts.AssumeRole", kind: "latency", millis: 150 })
      const reading = yield* Effect.forEach(programs, (one) => Effect.fork(one.get))
      const sessions = yield* drive(Effect.forEach(reading, Fiber.join))
      assert.strictEqual(new Set(sessions.map(idOf)).size, 1)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(onStore())))

  it.scoped("programs of one role refresh its session once for all of them", () =>
    Effect.gen(function*() {
      const programs = yield* Effect.forEach(Arr.range(1, 5), () => program())
      for (const one of programs) yield* one.get
      for (let minute = 0; minute < 60; minute += 5) {
        yield* TestClock.adjust("5 minutes")
        for (const one of programs) yield* one.get
      }
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(onStore())))

  it.scoped("a session in its early window is replaced by a program that starts", () =>
    Effect.gen(function*() {
      const first = yield* (yield* program()).get
      yield* TestClock.adjust("46 minutes")
      const second = yield* (yield* program()).get
      assert.notStrictEqual(idOf(second), idOf(first))
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(onStore())))

  it.scoped("a program that starts while the service is down gets the stored session until it ends", () =>
    Effect.gen(function*() {
      const first = yield* (yield* program()).get
      yield* TestClock.adjust("50 minutes")
      yield* setFaults({ endpoint: "sts", kind: "refuse" })
      const { logs, withLogs } = collectLogs()
      const stored = yield* withLogs(drive(Effect.flatMap(program(), (one) => one.get)))
      assert.strictEqual(idOf(stored), idOf(first))
      assert.include(JSON.stringify(logs), "A stored session could not be replaced")
      yield* TestClock.adjust("10 minutes")
      const ended = yield* drive(Effect.exit(Effect.flatMap(program(), (one) => one.get)))
      assert.isTrue(Exit.isFailure(ended))
    }).pipe(Effect.provide(onStore())))

  it.scoped("a rejected session is taken out of the store, and a newer one stays", () =>
    Effect.gen(function*() {
      const [first, second] = [yield* program(), yield* program()]
      const rejected = yield* first.get
      yield* second.get
      yield* first.invalidate(rejected)
      const renewed = yield* first.get
      assert.notStrictEqual(idOf(renewed), idOf(rejected))
      yield* second.invalidate(rejected)
      assert.strictEqual(idOf(yield* second.get), idOf(renewed))
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(onStore())))

  it.scoped("a rejected session does not come back out of a store that cannot remove it", () =>
    Effect.gen(function*() {
      const first = yield* program()
      const rejected = yield* first.get
      yield* first.invalidate(rejected)
      assert.notStrictEqual(idOf(yield* first.get), idOf(rejected))
      assert.strictEqual(yield* count, 2)
    }).pipe(
      Effect.provide(onStore(withStore(() => ({ remove: () => new SessionStore.StoreFailed({ detail: "full" }) }))))
    ))

  it.scoped("a chained role is got from the store without its parent", () =>
    Effect.gen(function*() {
      const caller = Layer.provide(RamRoleArn.layer({ roleArn: roleArn("open") }), key)
      const next = { roleArn: roleArn("next") }
      const first = yield* (yield* program(next, caller)).get
      assert.strictEqual(idOf(yield* (yield* program(next, caller)).get), idOf(first))
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(onStore())))

  const differing: ReadonlyArray<readonly [string, RamRoleArn.Config]> = [
    ["role", { roleArn: roleArn("long") }],
    ["session name", { roleSessionName: "alice" }],
    ["lifetime", { roleSessionExpiration: 900 }],
    ["policy", { policy: "{}" }],
    ["external id", { externalId: "ticket-1" }],
    ["source identity", { sourceIdentity: "alice" }],
    ["endpoint", { stsRegionId: "cn-hangzhou" }]
  ]

  it.scoped.each(differing)(
    "programs that differ in the %s have sessions of their own",
    ([, config]) =>
      Effect.gen(function*() {
        const first = yield* (yield* program()).get
        const other = yield* (yield* program({ roleArn: roleArn("open"), ...config })).get
        assert.notStrictEqual(idOf(other), idOf(first))
        assert.strictEqual(yield* count, 2)
      }).pipe(Effect.provide(onStore()))
  )

  it.scoped("programs with different callers have sessions of their own", () =>
    Effect.gen(function*() {
      const other = { ...ci, name: "other", accessKeyId: "LTAI5tOther" }
      const layer = AccessKey.layer({
        accessKeyId: other.accessKeyId,
        accessKeySecret: Redacted.make(other.accessKeySecret)
      })
      yield* Effect.gen(function*() {
        const first = yield* (yield* program()).get
        assert.notStrictEqual(idOf(yield* (yield* program(undefined, layer)).get), idOf(first))
        assert.strictEqual(yield* count, 2)
      }).pipe(Effect.provide(Layer.merge(cloud({ users: [ci, other] }).layer, SessionStore.layerMemory)))
    }))

  it.scoped("sessions of chained roles with different parents are never mixed up", () =>
    Effect.gen(function*() {
      const trusted = [roleArn("open"), roleArn("long")]
      const world = {
        roles: [{ arn: roleArn("open") }, { arn: roleArn("long") }, { arn: roleArn("next"), trustedRoles: trusted }]
      }
      yield* Effect.gen(function*() {
        const parents = trusted.map((arn) => Layer.provide(RamRoleArn.layer({ roleArn: arn }), key))
        const ids = yield* Effect.forEach(parents, (parent) =>
          Effect.map(Effect.flatMap(program({ roleArn: roleArn("next") }, parent), (one) => one.get), idOf))
        assert.strictEqual(new Set(ids).size, 2)
      }).pipe(Effect.provide(Layer.merge(cloud(world).layer, SessionStore.layerMemory)))
    }))

  it.scoped("default session names do not keep programs from sharing", () =>
    Effect.gen(function*() {
      const first = yield* (yield* program()).get
      yield* TestClock.adjust("1 second")
      assert.strictEqual(idOf(yield* (yield* program()).get), idOf(first))
      const named = withEnv({ ALIBABA_CLOUD_ROLE_SESSION_NAME: "alice" })
      assert.notStrictEqual(idOf(yield* (yield* named(program())).get), idOf(first))
    }).pipe(Effect.provide(onStore())))

  it.scoped("roles behind one keyed cache share, too, and take rejected sessions out", () =>
    Effect.gen(function*() {
      const many = Effect.map(
        Layer.build(Layer.fresh(Layer.provide(RamRoleArn.layerMany(), key))),
        Context.get(RamRoleArn.RamRoleArns)
      )
      const single = yield* (yield* program()).get
      const first = (yield* many).provider({ roleArn: roleArn("open") })
      assert.strictEqual(idOf(yield* first.get), idOf(single))
      yield* first.invalidate(single)
      assert.notStrictEqual(idOf(yield* (yield* many).provider({ roleArn: roleArn("open") }).get), idOf(single))
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(onStore())))
})

describe("a session store that fails", () => {
  const failing = () => new SessionStore.StoreFailed({ detail: "the disk is full" })

  const broken: ReadonlyArray<readonly [string, (store: SessionStore.Service) => Partial<SessionStore.Service>]> = [
    ["read", () => ({ get: failing })],
    ["write", () => ({ set: failing })],
    ["lease", () => ({ lease: failing })],
    ["answer", () => ({ get: () => Effect.never, lease: () => Effect.never })],
    ["answer or be interrupted", () => ({ get: () => Effect.uninterruptible(Effect.never) })],
    ["work", () => ({ get: () => Effect.die("s3cr3t-defect") })]
  ]

  it.scoped.each(broken)(
    "that cannot %s breaks nothing and is told once a minute",
    ([, change]) =>
      Effect.gen(function*() {
        const { logs, withLogs } = collectLogs()
        yield* withLogs(drive(Effect.forEach([1, 2], () => Effect.flatMap(program(), (one) => one.get))))
        assert.strictEqual(yield* count, 2)
        assert.strictEqual(warnings(logs).length, 1)
        assert.include(JSON.stringify(logs), "The session store cannot be used")
        assert.notInclude(JSON.stringify(logs), "s3cr3t")
      }).pipe(Effect.provide(onStore(withStore(change))))
  )

  it.scoped("a lease that its holder never gives back is not waited for without end", () =>
    Effect.gen(function*() {
      const one = yield* program()
      const started = yield* DateTime.now
      yield* drive(one.get)
      const took = DateTime.distance(started, yield* DateTime.now)
      assert.isAtMost(took, 32_000)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(onStore(withStore(() => ({ lease: () => Effect.succeedNone }))))))

  it.scoped("the lease of a program that has ended without giving it back ends by itself", () =>
    Effect.gen(function*() {
      const store = yield* SessionStore.SessionStore
      const keys: Array<string> = []
      const watching = Layer.succeed(SessionStore.SessionStore, {
        ...store,
        lease: (key: string) => {
          keys.push(key)
          return store.lease(key)
        }
      })
      yield* Effect.provide(Effect.flatMap(program(), (one) => Effect.flatMap(one.get, one.invalidate)), watching)
      assert.isTrue(Option.isSome(yield* store.lease(keys[0]!)))
      const started = yield* DateTime.now
      yield* drive(Effect.flatMap(program(), (one) => one.get))
      const took = DateTime.distance(started, yield* DateTime.now)
      assert.isAtLeast(took, Duration.toMillis(SessionStore.leaseTime))
      assert.isAtMost(took, Duration.toMillis(SessionStore.leaseTime) + 1000)
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(onStore())))

  it.scoped("a lease is renewed while the service is being called", () =>
    Effect.gen(function*() {
      const [first, second] = [yield* program({ roleArn: roleArn("open"), timeout: "40 seconds" }), yield* program()]
      yield* setFaults({ endpoint: "sts.AssumeRole", kind: "latency", millis: 25_000 })
      const leading = yield* Effect.fork(first.get)
      yield* requested(1)
      const waiting = yield* Effect.fork(second.get)
      yield* drive(Effect.all([Fiber.join(leading), Fiber.join(waiting)]))
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(onStore())))

  it.scoped("after a failure that may pass, others wait a second before they call the service", () =>
    Effect.gen(function*() {
      const [first, second] = [yield* program(), yield* program()]
      yield* setFaults({ endpoint: "sts.AssumeRole", kind: "error", status: 503, code: "ServiceUnavailable", times: 3 })
      assert.isTrue(Exit.isFailure(yield* drive(Effect.exit(first.get))))
      const failed = yield* DateTime.now
      yield* drive(second.get)
      assert.isAtLeast(DateTime.distance(failed, yield* DateTime.now), 500)
    }).pipe(Effect.provide(onStore())))

  it.scoped("each program gets its own refusal, not that of another", () =>
    Effect.gen(function*() {
      const denied = { roleArn: roleArn("nosuch") }
      const errors = yield* Effect.forEach([1, 2], () => Effect.flatMap(program(denied), (one) => errorOf(one.get)))
      assert.deepStrictEqual(errors.map((error) => error._tag), ["SourceFailed", "SourceFailed"])
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(onStore())))
})
