/** Sessions that rotate, credentials that are refused, and clocks that are wrong. */
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as Sts from "@effect-alicloud/openapi/Sts"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Array as Arr, Clock, DateTime, Effect, Layer, Logger, LogLevel, Option, Schema, TestClock } from "effect"
import { ci, cloud, count, roleArn, sessionExpired, setFaults, story } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { drive } from "./utils/drive.ts"
import { accessKey, identities, world } from "./utils/identities.ts"

const role = identities.filter(({ type }) => type === "ram_role_arn").map(({ layer }) => layer)[0] ?? accessKey

const asRole = Layer.provideMerge(Sts.layer(), role)

const usedKeys = Effect.map(
  Effect.flatMap(FakeAlicloud, (fake) => fake.journal),
  Arr.map(({ accessKeyId }) => accessKeyId)
)

const pair = (accessKeyId: string, accessKeySecret = "s3cr3t-wrong") =>
  Credentials.accessKey({ type: "access_key", providerName: "test", accessKeyId, accessKeySecret })

const right = pair(ci.accessKeyId, ci.accessKeySecret)

/** A provider that goes from one value to the next when the current one is refused. */
const scripted = (...values: readonly [Credentials.Credentials, ...Array<Credentials.Credentials>]) => {
  const invalidated: Array<Credentials.Credentials> = []
  let index = 0
  const current = () => values[Math.min(index, values.length - 1)] ?? values[0]
  return {
    invalidated,
    layer: Layer.succeed(CredentialsProvider, {
      get: Effect.sync(current),
      invalidate: (rejected) =>
        Effect.sync(() => {
          invalidated.push(rejected)
          index++
        }),
      report: Effect.succeed({ winner: Option.none(), outcomes: [] }),
      unsafeCurrent: current
    })
  }
}

describe("a session", () => {
  it.effect("that rotates is used from the next call on", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const sts = yield* Sts.Sts
        yield* drive(sts.getCallerIdentity)
        // Nobody has read the session since it came, so that no refresh begins on the way.
        yield* TestClock.setTime(3_590_000)
        yield* drive(sts.getCallerIdentity)
      }).pipe(Effect.provide(asRole))
      assert.deepStrictEqual(yield* usedKeys, [
        ci.accessKeyId,
        "STS.Fake0001",
        ci.accessKeyId,
        "STS.Fake0002"
      ])
    }).pipe(Effect.provide(cloud(world).layer)))

  it.effect("that the service calls expired is replaced at once, and the call succeeds", () =>
    Effect.gen(function*() {
      const caller = yield* Effect.gen(function*() {
        yield* drive(Sts.getCallerIdentity)
        yield* setFaults(sessionExpired(1))
        return yield* drive(Sts.getCallerIdentity)
      }).pipe(Effect.provide(asRole))
      assert.include(caller.arn, "assumed-role/open")
      assert.deepStrictEqual(yield* story, [
        "sts.AssumeRole 200",
        "sts.GetCallerIdentity 200",
        "sts.GetCallerIdentity InvalidSecurityToken.Expired",
        "sts.AssumeRole 200",
        "sts.GetCallerIdentity 200"
      ])
    }).pipe(Effect.provide(cloud(world).layer)))

  it.effect("that is refused by many calls at once is replaced once", () =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        yield* drive(Sts.getCallerIdentity)
        yield* setFaults(sessionExpired(20))
        yield* drive(Effect.all(Arr.replicate(Sts.getCallerIdentity, 20), { concurrency: "unbounded" }))
      }).pipe(Effect.provide(asRole))
      const { issued } = yield* FakeAlicloud
      assert.strictEqual(yield* issued, 2)
    }).pipe(Effect.provide(cloud(world).layer)))
})

describe("refused credentials", () => {
  const codes = [
    "InvalidAccessKeyId.NotFound",
    "InvalidAccessKeyId.Inactive",
    "InvalidSecurityToken.Expired",
    "InvalidSecurityToken.Malformed",
    "SecurityTokenExpired"
  ]

  const refusal = (code: string, times?: number) =>
    ({ endpoint: "sts.GetCallerIdentity", kind: "error", status: 403, code, times }) as const

  it.effect.each(codes)("are invalidated, exactly they, and the call is sent once more: %s", (code) => {
    const old = pair("LTAI5tOld")
    const { invalidated, layer } = scripted(old, right)
    return Effect.gen(function*() {
      const sts = yield* Effect.provide(Sts.make({ retries: 0 }), layer)
      assert.strictEqual((yield* sts.getCallerIdentity).accountId, "1234567890123456")
      assert.lengthOf(invalidated, 1)
      assert.strictEqual(invalidated[0], old)
      assert.deepStrictEqual(yield* usedKeys, ["LTAI5tOld", ci.accessKeyId])
    }).pipe(Effect.provide(cloud({ ...world, faults: [refusal(code, 1)] }).layer))
  })

  it.effect("are replaced for calls that may change something, too: nothing was carried out", () => {
    const { layer } = scripted(pair("LTAI5tOld"), right)
    return Effect.gen(function*() {
      const { call } = yield* Effect.provide(OpenApi.make({ product: "sts", version: "2015-04-01" }), layer)
      yield* call("GetCallerIdentity", { schema: Schema.Unknown, idempotent: false })
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(cloud(world).layer))
  })

  it.effect("are replaced once: when the next ones are refused, the call fails", () => {
    const { invalidated, layer } = scripted(pair("LTAI5tOne"), pair("LTAI5tTwo"), right)
    return Effect.gen(function*() {
      const sts = yield* Effect.provide(Sts.make(), layer)
      const error = yield* drive(errorOf(sts.getCallerIdentity))
      assert.deepInclude(error, { _tag: "ApiError", code: "InvalidAccessKeyId.NotFound" })
      assert.lengthOf(invalidated, 1)
      assert.deepStrictEqual(yield* usedKeys, ["LTAI5tOne", "LTAI5tTwo"])
    }).pipe(Effect.provide(cloud(world).layer))
  })

  it.effect("are not sent again when there are no others", () => {
    const { invalidated, layer } = scripted(pair("LTAI5tOnly"))
    return Effect.gen(function*() {
      const sts = yield* Effect.provide(Sts.make(), layer)
      assert.deepInclude(yield* errorOf(sts.getCallerIdentity), { code: "InvalidAccessKeyId.NotFound", status: 404 })
      assert.lengthOf(invalidated, 1)
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(cloud(world).layer))
  })

  it.effect.each(["NoPermission", "SignatureDoesNotMatch", "InvalidAccessKeyIdentity", "Throttling.User"])(
    "are not what %s is about",
    (code) => {
      const { invalidated, layer } = scripted(right, pair("LTAI5tNext"))
      return Effect.gen(function*() {
        const sts = yield* Effect.provide(Sts.make({ retries: 0 }), layer)
        yield* errorOf(sts.getCallerIdentity)
        assert.isEmpty(invalidated)
      }).pipe(Effect.provide(cloud({ ...world, faults: [refusal(code)] }).layer))
    }
  )

  it.effect("are not invalidated when the call was anonymous", () =>
    Effect.gen(function*() {
      const sts = yield* Effect.provide(
        Sts.make(),
        scripted(Credentials.anonymous({ providerName: "nobody" })).layer
      )
      assert.deepInclude(yield* errorOf(sts.getCallerIdentity), { code: "InvalidAccessKeyId.NotFound" })
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(cloud({ ...world, faults: [refusal("InvalidAccessKeyId.NotFound")] }).layer)))

  it.effect("that cannot be replaced fail the call with the error of the source", () =>
    Effect.gen(function*() {
      const error = yield* Effect.gen(function*() {
        yield* drive(Sts.getCallerIdentity)
        yield* TestClock.setTime(3_600_000)
        yield* setFaults({ endpoint: "sts.AssumeRole", kind: "error", status: 403, code: "NoPermission" })
        return yield* drive(errorOf(Sts.getCallerIdentity))
      }).pipe(Effect.provide(asRole))
      assert.deepInclude(error, { _tag: "SourceFailed", source: "RamRoleArn", code: "NoPermission" })
    }).pipe(Effect.provide(cloud(world).layer)))
})

describe("a wrong clock", () => {
  const signatures = ["ACS3-HMAC-SHA256", "HMAC-SHA1"] as const

  const sts = (signature: (typeof signatures)[number] = "ACS3-HMAC-SHA256") =>
    Effect.provide(Sts.make({ retries: 0, signature }), scripted(right).layer)

  const skewed = (clockSkewSeconds: number) => cloud({ ...world, clockSkewSeconds }).layer

  it.effect.each(signatures)(
    "is corrected once and stays corrected for this client, signed with %s",
    (signature) =>
      Effect.gen(function*() {
        const first = yield* sts(signature)
        yield* first.getCallerIdentity
        yield* first.getCallerIdentity
        yield* TestClock.adjust("1 hour")
        yield* first.getCallerIdentity
        assert.deepStrictEqual(yield* story, [
          "sts.GetCallerIdentity InvalidTimeStamp.Expired",
          "sts.GetCallerIdentity 200",
          "sts.GetCallerIdentity 200",
          "sts.GetCallerIdentity 200"
        ])
        const second = yield* sts(signature)
        yield* second.getCallerIdentity
        assert.strictEqual(yield* count, 6)
      }).pipe(Effect.provide(skewed(7200)))
  )

  it.effect("is told by one warning, however many calls correct it", () =>
    Effect.gen(function*() {
      const lines: Array<unknown> = []
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => {
        if (logLevel === LogLevel.Warning) lines.push(message)
      })
      const client = yield* sts()
      yield* Effect.all(Array.from({ length: 3 }, () => client.getCallerIdentity), { concurrency: "unbounded" }).pipe(
        Effect.zipRight(client.getCallerIdentity),
        Effect.provide(Logger.replace(Logger.defaultLogger, logger))
      )
      assert.deepStrictEqual(lines.flat(), [
        "This machine's clock is wrong, 2h behind https://sts.aliyuncs.com: correct it, best with a time service (NTP)."
      ])
    }).pipe(Effect.provide(skewed(7200))))

  it.effect("may be behind as well as ahead, and for any length of time", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(DateTime.toEpochMillis(DateTime.unsafeMake("2030-01-01T00:00:00.750Z")))
      yield* (yield* sts()).getCallerIdentity
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(skewed(-4 * 365 * 24 * 3600))))

  it.effect("that is corrected later on is noticed again", () =>
    Effect.gen(function*() {
      const client = yield* sts()
      yield* client.getCallerIdentity
      const { setWorld } = yield* FakeAlicloud
      yield* setWorld({ ...world, clockSkewSeconds: 0 })
      yield* client.getCallerIdentity
      yield* client.getCallerIdentity
      assert.strictEqual(yield* count, 5)
    }).pipe(Effect.provide(skewed(3600))))

  it.effect("is corrected for calls that may change something, too", () =>
    Effect.gen(function*() {
      const client = yield* Effect.provide(
        OpenApi.make({ product: "sts", version: "2015-04-01" }),
        scripted(right).layer
      )
      yield* client.call("GetCallerIdentity", { schema: Schema.Unknown, idempotent: false })
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(skewed(3600))))

  it.effect("is not the reason when the service has the same time", () =>
    Effect.gen(function*() {
      const error = yield* errorOf((yield* sts()).getCallerIdentity)
      assert.deepInclude(error, { code: "InvalidTimeStamp.Expired" })
      assert.include(error.message, "This machine's clock is wrong")
      assert.strictEqual(yield* count, 1)
    }).pipe(Effect.provide(
      cloud({
        ...world,
        clockSkewSeconds: 59,
        faults: [{ endpoint: "sts", kind: "error", status: 400, code: "InvalidTimeStamp.Expired" }]
      }).layer
    )))

  it.effect("is corrected once per call, whatever the service says", () =>
    Effect.gen(function*() {
      yield* errorOf((yield* sts()).getCallerIdentity)
      assert.strictEqual(yield* count, 2)
      assert.strictEqual(yield* Clock.currentTimeMillis, 0)
    }).pipe(Effect.provide(
      cloud({
        ...world,
        clockSkewSeconds: 3600,
        faults: [{ endpoint: "sts", kind: "error", status: 400, code: "InvalidTimeStamp.Expired" }]
      }).layer
    )))

  it.effect("does not hide that the credentials are refused, too", () =>
    Effect.gen(function*() {
      const { layer } = scripted(pair("LTAI5tOld"), right)
      const client = yield* Effect.provide(Sts.make({ retries: 0 }), layer)
      yield* client.getCallerIdentity
      assert.deepStrictEqual(yield* story, [
        "sts.GetCallerIdentity InvalidTimeStamp.Expired",
        "sts.GetCallerIdentity InvalidAccessKeyId.NotFound",
        "sts.GetCallerIdentity 200"
      ])
    }).pipe(Effect.provide(skewed(3600))))
})

describe("Sts", () => {
  it.effect("returns sessions that work", () =>
    Effect.gen(function*() {
      const assumed = yield* Effect.provide(
        Sts.assumeRole({ roleArn: roleArn("partner"), roleSessionName: "ci@example", externalId: "ticket-1" }),
        Layer.provide(Sts.layer(), accessKey)
      )
      assert.strictEqual(assumed.arn, `${roleArn("partner")}/ci@example`)
      assert.deepStrictEqual(
        Credentials.expirationOf(assumed.credentials),
        Option.some(DateTime.unsafeMake(3_600_000))
      )
      const caller = yield* Effect.provide(
        Sts.getCallerIdentity,
        Layer.provide(Sts.layer(), scripted(assumed.credentials).layer)
      )
      assert.strictEqual(caller.identityType, "AssumedRoleUser")
      assert.strictEqual(caller.principalId, `${caller.roleId}:ci@example`)
    }).pipe(Effect.provide(cloud(world).layer)))
})
