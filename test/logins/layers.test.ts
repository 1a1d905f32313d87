import { CloudSso, CredentialsError, OAuth } from "@effect-alicloud/credentials"
import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as Fake from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Config, ConfigProvider, Effect, Redacted, TestClock } from "effect"
import { build, json, network } from "../kit/world.ts"
import { now, oauthLogin, sessionOf, start } from "./utils/loginWorld.ts"
import { failureOf } from "./utils/secrets.ts"

const host = "signin-cn-shanghai.alibabacloudsso.com"

const cloud = Fake.layer({
  oauthLogins: [oauthLogin, { site: "INTL", userName: "bob", refreshToken: "s3cr3t-intl", sessionSeconds: 600 }],
  cloudSsoSites: [{
    host,
    logins: [{ accessToken: "s3cr3t-sso", userName: "carol", grants: [{ accessConfigurationId: "ac-1" }] }]
  }]
})

const asked = Effect.flatMap(
  FakeAlicloud,
  ({ journal }) => Effect.map(journal, (entries) => entries.map(({ endpoint }) => endpoint))
)

const setStart = TestClock.setTime(start)

const refreshToken = Redacted.make("s3cr3t-refresh-0")

const accessToken = Redacted.make("s3cr3t-access-0")

const ssoConfig: CloudSso.Config = {
  signInUrl: `https://${host}/start/login`,
  accountId: "1234567890123456",
  accessConfig: "ac-1",
  accessToken: Redacted.make("s3cr3t-sso")
}

describe("OAuth without a file", () => {
  it.scoped("fetches a session once for many readers", () =>
    Effect.gen(function*() {
      yield* setStart
      const provider = yield* build(OAuth.layer({ siteType: "CN", accessToken, accessTokenExpire: now + 3600 }))
      const all = yield* Effect.all(Array.from({ length: 50 }, () => provider.get), { concurrency: "unbounded" })
      assert.strictEqual(new Set(all.map((credentials) => sessionOf(credentials)["sts_token"])).size, 1)
      assert.strictEqual(all[0]?.type, "sts")
      assert.strictEqual(all[0]?.providerName, "oauth")
      assert.deepStrictEqual(yield* asked, ["oauth.exchange"])
    }).pipe(Effect.provide(cloud)))

  it.scoped("rotates its refresh token in memory", () =>
    Effect.gen(function*() {
      yield* setStart
      const provider = yield* build(OAuth.layer({ siteType: "CN", refreshToken }))
      for (let round = 0; round < 5; round++) {
        yield* provider.invalidate(yield* provider.get)
        yield* TestClock.adjust("41 minutes")
      }
      const { oauthLogin } = yield* FakeAlicloud
      const login = yield* oauthLogin("alice")
      assert.isFalse(login?.revoked)
      assert.strictEqual(login?.refreshes, 5)
    }).pipe(Effect.provide(cloud)))

  it.scoped("does not hand out again a session that the service refused", () =>
    Effect.gen(function*() {
      yield* setStart
      const provider = yield* build(OAuth.layer({ siteType: "CN", refreshToken }))
      const first = yield* provider.get
      yield* provider.invalidate(first)
      assert.notDeepEqual(yield* provider.get, first)
    }).pipe(Effect.provide(cloud)))

  for (const field of ["requestId", "request_id"]) {
    it.scoped(`shows the request id that the service calls ${field}`, () =>
      Effect.gen(function*() {
        const { layer } = network(() =>
          json({ error: "invalid_grant", [field]: "0A1B2C3D-0000-4000-8000-000000000001" }, 400)
        )
        const source = yield* Effect.provide(OAuth.make({ siteType: "CN", refreshToken }), layer)
        const { message } = yield* Effect.flip(source.get)
        assert.include(message, "request id 0A1B2C3D-0000-4000-8000-000000000001")
      }))
  }

  it.scoped("shows code and request id of an answer of the service's gateway", () =>
    Effect.gen(function*() {
      const { layer } = network(() =>
        json({ Code: "Throttling.User", RequestId: "0A1B2C3D-0000-4000-8000-000000000001" }, 400)
      )
      const source = yield* Effect.provide(OAuth.make({ siteType: "CN", refreshToken }), layer)
      const { message } = yield* Effect.flip(source.get)
      assert.include(message, "Throttled")
      assert.include(message, "code Throttling.User, request id 0A1B2C3D-0000-4000-8000-000000000001")
    }))

  it.scoped("reads its options from Config", () =>
    Effect.gen(function*() {
      yield* setStart
      const provider = yield* build(OAuth.layerConfig({
        siteType: Config.literal("CN", "INTL")("SITE"),
        refreshToken: Config.redacted("TOKEN")
      })).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(
        new Map([["SITE", "INTL"], ["TOKEN", "s3cr3t-intl"]])
      )))
      assert.strictEqual(sessionOf(yield* provider.get)["sts_expiration"], now + 600)
    }).pipe(Effect.provide(cloud)))

  it.scoped("fails with how to log in when its refresh token is not accepted", () =>
    Effect.gen(function*() {
      const provider = yield* build(OAuth.layer({ siteType: "CN", refreshToken: Redacted.make("s3cr3t-of-nobody") }))
      const error = yield* failureOf(provider.get)
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(error.code, "invalid_grant")
      assert.include(error.message, "alicloud-credentials login --mode OAuth")
    }).pipe(Effect.provide(cloud)))

  const wrong: ReadonlyArray<readonly [title: string, config: unknown, issue: string]> = [
    ["no token at all", { siteType: "CN" }, "options accessToken and refreshToken"],
    ["an unknown site", { siteType: "EU", refreshToken }, "siteType"],
    ["an empty token", { siteType: "CN", refreshToken: Redacted.make(" ") }, "refreshToken must be"],
    ["a plain token", { siteType: "CN", refreshToken: "s3cr3t" }, "refreshToken must be"],
    [
      "an option that does not exist",
      { siteType: "CN", refreshToken, clientId: "s3cr3t" },
      "clientId is not known here"
    ]
  ]
  for (const [title, config, issue] of wrong) {
    it.effect(`is not built with ${title}`, () =>
      Effect.gen(function*() {
        const error = yield* failureOf(Effect.scoped(build(OAuth.layer(config as never))))
        assert.instanceOf(error, CredentialsError.InvalidConfig)
        assert.include(error.message, issue)
        assert.deepStrictEqual(yield* asked, [])
      }).pipe(Effect.provide(cloud)))
  }
})

describe("CloudSso without a file", () => {
  it.scoped("fetches a session once for many readers", () =>
    Effect.gen(function*() {
      yield* setStart
      const provider = yield* build(CloudSso.layer(ssoConfig))
      const all = yield* Effect.all(Array.from({ length: 50 }, () => provider.get), { concurrency: "unbounded" })
      assert.strictEqual(new Set(all.map((credentials) => sessionOf(credentials)["sts_token"])).size, 1)
      assert.strictEqual(all[0]?.providerName, "cloud_sso")
      assert.strictEqual(sessionOf(all[0] ?? assert.fail("nobody read"))["sts_expiration"], now + 3600)
      assert.deepStrictEqual(yield* asked, ["cloudsso.credentials"])
    }).pipe(Effect.provide(cloud)))

  it.scoped("fails with how to log in when its access token has ended, without a request", () =>
    Effect.gen(function*() {
      yield* setStart
      const provider = yield* build(CloudSso.layerConfig({
        signInUrl: Config.succeed(ssoConfig.signInUrl),
        accountId: Config.succeed(ssoConfig.accountId),
        accessConfig: Config.succeed(ssoConfig.accessConfig),
        accessToken: Config.succeed(ssoConfig.accessToken),
        accessTokenExpire: Config.succeed(now)
      }))
      const error = yield* failureOf(provider.get)
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(error.reason, "Expired")
      assert.include(error.message, "alicloud-credentials login --mode CloudSSO")
      assert.deepStrictEqual(yield* asked, [])
    }).pipe(Effect.provide(cloud)))

  it.effect("is not built with a plain HTTP address", () =>
    Effect.gen(function*() {
      const layer = CloudSso.layer({ ...ssoConfig, signInUrl: `http://${host}/start?token=s3cr3t` })
      const error = yield* failureOf(Effect.scoped(build(layer)))
      assert.instanceOf(error, CredentialsError.InvalidConfig)
      assert.include(error.message, "signInUrl")
    }).pipe(Effect.provide(cloud)))
})
