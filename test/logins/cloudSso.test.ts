import { CredentialsError } from "@effect-alicloud/credentials"
import { assert, describe } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import type { Fields } from "./utils/loginWorld.ts"
import { cliText, get, now, scenario, sessionOf, stored } from "./utils/loginWorld.ts"
import { failureOf } from "./utils/secrets.ts"

const accountId = "1234567890123456"

const host = "signin-cn-shanghai.alibabacloudsso.com"

const loginAgain = "run `alicloud-credentials login --profile "

const cloudSso = (fields: Fields = {}): Fields => ({
  name: "default",
  mode: "CloudSSO",
  cloud_sso_sign_in_url: `https://${host}/start/login`,
  cloud_sso_account_id: accountId,
  cloud_sso_access_config: "ac-1",
  access_token: "s3cr3t-sso",
  cloud_sso_access_token_expire: now + 1,
  of_a_later_version: true,
  ...fields
})

const siteAt = (host: string) => ({
  cloudSsoSites: [{
    host,
    logins: [{ accessToken: "s3cr3t-sso", userName: "carol", grants: [{ accessConfigurationId: "ac-1" }] }]
  }]
})

const cloud = siteAt(host)

describe("a CloudSSO login", () => {
  scenario(
    "asks for the account and the access configuration",
    { profiles: [cloudSso()], cloud },
    (world) =>
      Effect.gen(function*() {
        const credentials = yield* get(world)
        assert.strictEqual(credentials.type, "sts")
        assert.strictEqual(credentials.providerName, "cli_profile/cloud_sso")
        const [request, ...rest] = world.sent
        assert.deepStrictEqual(rest, [])
        assert.strictEqual(request?.url, `https://${host}/cloud-credentials`)
        assert.deepStrictEqual(JSON.parse(request?.body ?? ""), {
          AccountId: accountId,
          AccessConfigurationId: "ac-1"
        })
        assert.strictEqual(request?.headers["authorization"], "Bearer s3cr3t-sso")
        assert.strictEqual(request?.headers["content-type"], "application/json")
        assert.strictEqual(request?.headers["accept"], "application/json")
      })
  )

  scenario(
    "stores the session, and that it ends 5 seconds early",
    { profiles: [cloudSso()], cloud },
    (world) =>
      Effect.gen(function*() {
        const session = sessionOf(yield* get(world))
        assert.strictEqual(session["sts_expiration"], now + 3600)
        const written = { ...session, sts_expiration: now + 3595 }
        assert.strictEqual(world.text(), cliText([cloudSso(written)]))
        assert.deepStrictEqual(sessionOf(yield* get(world)), written)
        assert.deepStrictEqual(yield* world.asked, ["cloudsso.credentials"])
      })
  )

  scenario("does not ask while there is a stored session", {
    profiles: [cloudSso({ cloud_sso_access_token_expire: now - 1, ...stored(901) })],
    cloud
  }, (world) =>
    Effect.gen(function*() {
      assert.deepStrictEqual(sessionOf(yield* get(world)), stored(901))
      assert.deepStrictEqual(yield* world.asked, [])
    }))

  scenario("does not hand out again a session that the service refused", {
    profiles: [cloudSso(stored(3000))],
    cloud
  }, (world) =>
    Effect.gen(function*() {
      const provider = yield* world.provider()
      yield* provider.invalidate(yield* provider.get)
      const second = yield* provider.get
      assert.notStrictEqual(sessionOf(second)["access_key_id"], "STS.Stored")
      yield* provider.invalidate(second)
      assert.notDeepEqual(yield* provider.get, second)
      assert.deepStrictEqual(yield* world.asked, ["cloudsso.credentials", "cloudsso.credentials"])
    }))

  for (const url of ["https://signin.example.com:8443/start?x=1", "HTTPS://signin.example.com:8443"]) {
    scenario(`keeps the port of ${url}`, {
      profiles: [cloudSso({ cloud_sso_sign_in_url: url })],
      cloud: siteAt("signin.example.com:8443")
    }, (world) =>
      Effect.gen(function*() {
        yield* get(world)
        assert.deepStrictEqual(world.sent.map(({ url }) => url), ["https://signin.example.com:8443/cloud-credentials"])
      }))
  }

  const over: ReadonlyArray<readonly [title: string, fields: Fields]> = [
    ["has ended", { cloud_sso_access_token_expire: now }],
    ["is missing", { access_token: undefined }],
    ["is empty", { access_token: " " }]
  ]
  for (const [title, fields] of over) {
    scenario(`whose access token ${title} says how to log in again, and nobody is asked`, {
      profiles: [cloudSso({ ...fields, ...stored(900) })],
      cloud
    }, (world) =>
      Effect.gen(function*() {
        const before = world.text()
        const error = yield* failureOf(get(world))
        assert.instanceOf(error, CredentialsError.SourceFailed)
        assert.strictEqual(error.reason, "Expired")
        assert.isFalse(error.retryable)
        assert.include(error.message, loginAgain)
        assert.deepStrictEqual(yield* world.asked, [])
        assert.strictEqual(world.text(), before)
      }))
  }

  scenario(
    "that was renewed in the file is used by a process that runs on",
    { profiles: [cloudSso()], cloud },
    (world) =>
      Effect.gen(function*() {
        const source = yield* world.process()
        yield* source.get
        yield* TestClock.adjust("1 hours")
        yield* failureOf(source.get)
        world.setProfiles(cloudSso({ cloud_sso_access_token_expire: now + 7200 }))
        assert.strictEqual(sessionOf(yield* source.get)["sts_expiration"], now + 7200)
      })
  )

  scenario("whose access token the service rejects says how to log in again", {
    profiles: [cloudSso({ access_token: "s3cr3t-unknown" })],
    cloud
  }, (world) =>
    Effect.gen(function*() {
      const before = world.text()
      const error = yield* failureOf(get(world))
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(error.reason, "Denied")
      assert.strictEqual(error.code, "InvalidAccessToken")
      assert.include(error.message, loginAgain)
      assert.strictEqual(world.text(), before)
    }))

  scenario("that may not do this says the service's code", {
    profiles: [cloudSso({ cloud_sso_access_config: "ac-of-others" })],
    cloud
  }, (world) =>
    Effect.gen(function*() {
      const error = yield* failureOf(get(world))
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(error.reason, "Denied")
      assert.strictEqual(error.code, "NoPermission")
      assert.notInclude(error.message, loginAgain)
    }))

  const wrong: ReadonlyArray<readonly [title: string, fields: Fields, issue: string]> = [
    ["without a sign-in address", { cloud_sso_sign_in_url: "" }, "cloud_sso_sign_in_url is missing"],
    ["without an account", { cloud_sso_account_id: undefined }, "cloud_sso_account_id is missing"],
    ["without an access configuration", { cloud_sso_access_config: null }, "cloud_sso_access_config is missing"],
    ["at a plain HTTP address", { cloud_sso_sign_in_url: `http://${host}/start` }, "must be an https address"],
    ["at an address with a user", { cloud_sso_sign_in_url: `https://s3cr3t@${host}/` }, "must be an https address"]
  ]
  for (const [title, fields, issue] of wrong) {
    scenario(
      `${title} is a wrong configuration, and nobody is asked`,
      { profiles: [cloudSso(fields)], cloud },
      (world) =>
        Effect.gen(function*() {
          const error = yield* failureOf(get(world))
          assert.instanceOf(error, CredentialsError.InvalidConfig)
          assert.include(error.message, issue)
          assert.include(CredentialsError.renderLocation(error.location), "profile \"default\"")
          assert.deepStrictEqual(yield* world.asked, [])
        })
    )
  }

  scenario("in a folder that cannot be written returns its session, with one warning", {
    profiles: [cloudSso()],
    cloud
  }, (world) =>
    Effect.gen(function*() {
      world.writeFault = () => "PermissionDenied"
      const source = yield* world.process()
      const first = yield* source.get
      assert.deepStrictEqual(yield* source.get, first)
      assert.strictEqual(world.logged.length, 1)
      assert.deepStrictEqual(yield* world.asked, ["cloudsso.credentials"])
      world.setProfiles(cloudSso({ access_token: "s3cr3t-unknown" }))
      yield* failureOf(source.get)
    }))
})
