import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import * as BearerToken from "@effect-alicloud/credentials/BearerToken"
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as Environment from "@effect-alicloud/credentials/Environment"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as Source from "@effect-alicloud/credentials/Source"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Logger, Option, Redacted, TestClock } from "effect"
import { ci, cloud, count, journal, roleArn, setFaults, story } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { build, getOf, secretsOf, withEnv } from "../kit/world.ts"

const caller = AccessKey.layer({ accessKeyId: ci.accessKeyId, accessKeySecret: Redacted.make(ci.accessKeySecret) })

const role = (config: RamRoleArn.Config = {}) =>
  Layer.provide(RamRoleArn.layer({ roleArn: roleArn("open"), ...config }), caller)

const callerNamed = (providerName: string) =>
  Source.fromEffect(
    "Caller",
    Effect.succeed(Credentials.accessKey({ type: "access_key", providerName, ...ci }))
  )

describe("a clock that is wrong by an hour", () => {
  const warnings: Array<string> = []
  const logger = Logger.replace(Logger.defaultLogger, Logger.make(({ message }) => warnings.push(String(message))))

  it.effect("behind: the time stamp is corrected, and one warning names the difference", () =>
    Effect.gen(function*() {
      const provider = yield* build(role())
      const credentials = yield* provider.get
      assert.deepStrictEqual(Credentials.expirationOf(credentials), Option.some(DateTime.unsafeMake(7_200_000)))
      yield* provider.invalidate(credentials)
      yield* provider.get
      assert.deepStrictEqual(yield* story, [
        "sts.AssumeRole InvalidTimeStamp.Expired",
        "sts.AssumeRole 200",
        "sts.AssumeRole 200"
      ])
      assert.lengthOf(warnings, 1)
      assert.match(warnings[0] ?? "", /clock is wrong, 1h behind STS: correct it/)
    }).pipe(Effect.scoped, Effect.provide(Layer.merge(logger, cloud({ clockSkewSeconds: 3600 }).layer))))

  it.effect("ahead: the error names the difference, and the end of the session is not guessed", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("2 hours")
      const error = yield* errorOf(getOf(role()))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Expired")
      assert.match(error.message, /clock is wrong, 1h ahead of STS: correct it/)
    }).pipe(Effect.provide(cloud({ clockSkewSeconds: -3600 }).layer)))
})

describe("RamRoleArn", () => {
  it.effect("returns the session of the role, and no rendering shows a secret", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(role())
      assert.strictEqual(credentials.type, "ram_role_arn")
      assert.strictEqual(credentials.providerName, "ram_role_arn/static_ak")
      assert.deepStrictEqual(secretsOf(credentials), ["STS.Fake0001", "fake-secret-0001", "fake-token-0001"])
      assert.deepStrictEqual(Credentials.expirationOf(credentials), Option.some(DateTime.unsafeMake(3_600_000)))
      assertNoLeak(credentials)
      assert.deepStrictEqual(yield* story, ["sts.AssumeRole 200"])
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("policy, external id, source identity, session name and lifetime reach the service", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const policy =
        "{\"Version\":\"1\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"a b+c/~ü*\"}]}"
      const credentials = yield* getOf(role({
        roleArn: roleArn("partner"),
        policy,
        externalId: "ticket-1",
        sourceIdentity: "alice@example",
        roleSessionName: "deploy@ci.example-1",
        roleSessionExpiration: 900
      }))
      assert.deepStrictEqual(Credentials.expirationOf(credentials), Option.some(DateTime.unsafeMake(900_000)))
      assert.strictEqual(parameter(0, "Policy"), policy)
      assert.strictEqual(parameter(0, "ExternalId"), "ticket-1")
      assert.strictEqual(parameter(0, "SourceIdentity"), "alice@example")
      assert.strictEqual(parameter(0, "RoleSessionName"), "deploy@ci.example-1")
      assert.strictEqual(parameter(0, "DurationSeconds"), "900")
      assert.strictEqual(parameter(0, "RoleArn"), roleArn("partner"))
    }).pipe(Effect.provide(layer))
  })

  it.effect("what is not given is not sent", () => {
    const { layer, parameter, requests } = cloud()
    return Effect.gen(function*() {
      yield* getOf(role())
      assert.isNull(parameter(0, "Policy"))
      assert.isNull(parameter(0, "ExternalId"))
      assert.isNull(parameter(0, "SourceIdentity"))
      assert.isNull(parameter(0, "SecurityToken"))
      assert.strictEqual(parameter(0, "DurationSeconds"), "3600")
      assert.strictEqual(requests[0]?.method, "POST")
    }).pipe(Effect.provide(layer))
  })

  const refused: ReadonlyArray<readonly [title: string, config: RamRoleArn.Config, code: string, hint: RegExp]> = [
    ["without the external id it wants", { roleArn: roleArn("partner") }, "NoPermission", /trust policy/],
    [
      "with another external id",
      { roleArn: roleArn("partner"), externalId: "ticket-2" },
      "NoPermission",
      /trust policy/
    ],
    ["that does not exist", { roleArn: roleArn("nobody") }, "EntityNotExist.Role", /does not exist/],
    [
      "for longer than it allows",
      { roleSessionExpiration: 3601 },
      "InvalidParameter.DurationSeconds",
      /maximum session/
    ],
    ["whose ARN is none", { roleArn: "open" }, "InvalidParameter.RoleArn", /acs:ram::<account id>:role/],
    ["by a name that is none", { roleSessionName: "a b" }, "InvalidParameter.RoleSessionName", /2 to 64/],
    ["with a policy that is none", { policy: "s3cr3t" }, "InvalidParameter.PolicyGrammar", /policy/],
    [
      "with a policy that is too long",
      { policy: `{"a":"${"s3cr3t".repeat(400)}"}` },
      "InvalidParameter.PolicySize",
      /2048/
    ]
  ]
  for (const [title, config, code, hint] of refused) {
    it.effect(`a role ${title} is refused by the service, once, with its code and a hint`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(role(config)))
        assert.strictEqual(error._tag, "SourceFailed")
        if (error._tag === "SourceFailed") {
          assert.strictEqual(error.reason, "Denied")
          assert.strictEqual(error.code, code)
          assert.match(error.hint ?? "", hint)
          assert.isDefined(error.requestId)
          assert.isFalse(error.retryable)
          assert.include(error.message, code)
        }
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("a wrong secret is refused, and the string that was signed is not shown", () =>
    Effect.gen(function*() {
      const wrong = AccessKey.layer({ accessKeyId: ci.accessKeyId, accessKeySecret: Redacted.make("s3cr3t-wrong") })
      const error = yield* errorOf(getOf(Layer.provide(RamRoleArn.layer({ roleArn: roleArn("open") }), wrong)))
      assert.match(error.message, /SignatureDoesNotMatch.*The AccessKey secret does not belong/)
      assert.notInclude(error.message, "AccessKeyId%3D")
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("the session name is made once per source, from the clock", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      yield* TestClock.setTime(1_767_355_200_123)
      const provider = yield* build(role())
      yield* TestClock.adjust("1 minute")
      yield* provider.get
      yield* TestClock.adjust("2 hours")
      yield* provider.get
      const other = yield* build(role())
      yield* other.get
      assert.deepStrictEqual([0, 1, 2].map((index) => parameter(index, "RoleSessionName")), [
        "effect-alicloud-1767355200123",
        "effect-alicloud-1767355200123",
        `effect-alicloud-${1_767_355_200_123 + 61 * 60_000 + 60 * 60_000}`
      ])
    }).pipe(Effect.provide(layer))
  })

  it.scoped("role and session name come from the environment it was built in when no option says them", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const provider = yield* build(Layer.provide(RamRoleArn.layer(), caller)).pipe(withEnv({
        ALIBABA_CLOUD_ROLE_ARN: ` ${roleArn("open")}\n`,
        ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env"
      }))
      yield* provider.get.pipe(withEnv({ ALIBABA_CLOUD_ROLE_ARN: roleArn("nobody") }))
      assert.strictEqual(parameter(0, "RoleArn"), roleArn("open"))
      assert.strictEqual(parameter(0, "RoleSessionName"), "from-env")
    }).pipe(Effect.provide(layer))
  })

  it.effect("options go before the environment, and nothing else is taken from there", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      yield* getOf(role({ roleSessionName: "by-option" })).pipe(withEnv({
        ALIBABA_CLOUD_ROLE_ARN: roleArn("nobody"),
        ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env",
        ALIBABA_CLOUD_EXTERNAL_ID: "from-env",
        ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tOther",
        ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t-other",
        ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t-token"
      }))
      assert.strictEqual(parameter(0, "RoleSessionName"), "by-option")
      assert.strictEqual(parameter(0, "AccessKeyId"), ci.accessKeyId)
      assert.isNull(parameter(0, "ExternalId"))
      assert.isNull(parameter(0, "SecurityToken"))
    }).pipe(Effect.provide(layer))
  })

  it.effect("calls the host of its region", () =>
    Effect.gen(function*() {
      yield* getOf(role({ stsRegionId: "cn-hangzhou", enableVpc: true }))
      assert.strictEqual((yield* journal)[0]?.host, "sts-vpc.cn-hangzhou.aliyuncs.com")
    }).pipe(Effect.provide(cloud().layer)))
})

describe("the caller", () => {
  const names: ReadonlyArray<readonly [name: string, header: string | undefined]> = [
    ["static_ak", "static_ak"],
    ["default/cli_profile/ram_role_arn/static_ak", "default/cli_profile/ram_role_arn/static_ak"],
    ["!~", "!~"],
    ["", undefined],
    ["two words", undefined],
    ["line\r\nx-injected: 1", undefined],
    ["名前", undefined],
    ["x".repeat(257), undefined]
  ]
  for (const [name, header] of names) {
    it.effect(`${JSON.stringify(name.slice(0, 20))} is ${header === undefined ? "not named" : "named"} to the service`, () =>
      Effect.gen(function*() {
        const source = yield* RamRoleArn.make(callerNamed(name), { roleArn: roleArn("open") })
        const credentials = yield* source.get
        assert.strictEqual(credentials.providerName, `ram_role_arn/${name}`)
        assert.strictEqual((yield* journal)[0]?.provider, header)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("with a session signs with the session and its token, two roles deep", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const credentials = yield* getOf(Layer.provide(RamRoleArn.layer({ roleArn: roleArn("next") }), role()))
      assert.strictEqual(credentials.providerName, "ram_role_arn/ram_role_arn/static_ak")
      assert.strictEqual(parameter(1, "AccessKeyId"), "STS.Fake0001")
      assert.strictEqual(parameter(1, "SecurityToken"), "fake-token-0001")
      assert.deepStrictEqual((yield* journal).map(({ provider }) => provider), ["static_ak", "ram_role_arn/static_ak"])
    }).pipe(Effect.provide(layer))
  })

  it.effect("with a bearer token or without credentials cannot assume a role, and nothing is sent", () =>
    Effect.gen(function*() {
      const bearer = BearerToken.layer({ bearerToken: Redacted.make("s3cr3t-bearer") })
      const anonymous = CredentialsProvider.layer(
        Source.fromEffect("Nobody", Effect.succeed(Credentials.anonymous({ providerName: "anonymous" })))
      )
      for (const [layer, type] of [[bearer, "bearer"], [anonymous, "anonymous"]] as const) {
        const error = yield* errorOf(getOf(Layer.provide(RamRoleArn.layer({ roleArn: roleArn("open") }), layer)))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.include(error.message, `${type} credentials cannot sign AssumeRole`)
      }
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("that fails is the failure", () =>
    Effect.gen(function*() {
      const layer = Layer.provide(RamRoleArn.layer({ roleArn: roleArn("open") }), Environment.layer())
      const error = yield* errorOf(getOf(layer))
      assert.strictEqual(error._tag === "SourceUnavailable" && error.source, "Environment")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(cloud().layer), withEnv({})))

  it.scoped("whose session the service rejects gets a new one, and the next call works", () =>
    Effect.gen(function*() {
      yield* setFaults({
        endpoint: "sts.AssumeRole",
        kind: "error",
        status: 400,
        code: "InvalidSecurityToken.Expired",
        after: 1,
        times: 1
      })
      const provider = yield* build(Layer.provide(RamRoleArn.layer({ roleArn: roleArn("next") }), role()))
      const error = yield* errorOf(provider.get)
      assert.strictEqual(error._tag === "SourceFailed" && error.code, "InvalidSecurityToken.Expired")
      yield* provider.get
      assert.deepStrictEqual((yield* journal).map(({ accessKeyId, code }) => code ?? accessKeyId), [
        ci.accessKeyId,
        "InvalidSecurityToken.Expired",
        ci.accessKeyId,
        "STS.Fake0002"
      ])
    }).pipe(Effect.provide(cloud().layer)))

  it.scoped("keeps its session when the service rejects something else", () =>
    Effect.gen(function*() {
      yield* setFaults({
        endpoint: "sts.AssumeRole",
        kind: "error",
        status: 403,
        code: "NoPermission",
        after: 1,
        times: 1
      })
      const provider = yield* build(Layer.provide(RamRoleArn.layer({ roleArn: roleArn("next") }), role()))
      yield* errorOf(provider.get)
      yield* provider.get
      assert.deepStrictEqual((yield* journal).map(({ accessKeyId }) => accessKeyId), [
        ci.accessKeyId,
        "STS.Fake0001",
        "STS.Fake0001"
      ])
    }).pipe(Effect.provide(cloud().layer)))
})
