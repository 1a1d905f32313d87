import { CredentialsError } from "@effect-alicloud/credentials"
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import type { Fields, LoginWorld } from "./utils/loginWorld.ts"
import { cliText, get, now, oauth, oauthLogin, scenario, sessionIn, sessionOf, stored } from "./utils/loginWorld.ts"
import { failureOf } from "./utils/secrets.ts"

/** A login that the service does not accept any more, because another tool has used its refresh token. */
const used = oauth({
  oauth_access_token: "s3cr3t-access-used",
  oauth_refresh_token: "s3cr3t-refresh-used",
  oauth_access_token_expire: now - 1
})

const renewed = oauth({ oauth_access_token_expire: now + 3600 })

const sso = (token: string): Fields => ({
  name: "default",
  mode: "CloudSSO",
  cloud_sso_sign_in_url: "https://signin-cn-shanghai.alibabacloudsso.com/start/login",
  cloud_sso_account_id: "1234567890123456",
  cloud_sso_access_config: "ac-1",
  access_token: token,
  cloud_sso_access_token_expire: now + 1000
})

/** Another tool writes the file while the first request to this path is on its way. */
const writeDuring = (world: LoginWorld, step: string, profile: Fields): void => {
  world.onRequest = (path) => {
    if (path !== step) return
    world.onRequest = () => undefined
    world.setProfiles(profile)
  }
}

const refusal = (world: LoginWorld) =>
  Effect.gen(function*() {
    const error = yield* failureOf(get(world))
    assert.instanceOf(error, CredentialsError.SourceFailed)
    assert.strictEqual(error.reason, "Denied")
    assert.include(error.message, "aliyun configure")
  })

describe("a login that another tool renewed while ours was refused", () => {
  scenario(
    "is used, when it was the refresh token that was refused",
    { profiles: [used] },
    (world) =>
      Effect.gen(function*() {
        writeDuring(world, "/v1/token", renewed)
        const credentials = yield* get(world)
        assert.deepStrictEqual(yield* world.asked, ["oauth.token", "oauth.exchange"])
        assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(credentials))
        assert.strictEqual(world.profile()["oauth_refresh_token"], "s3cr3t-refresh-0")
        assert.deepStrictEqual(world.logged, [])
      })
  )

  scenario("is used, when it was the access token that was refused", {
    profiles: [{ ...used, oauth_access_token_expire: now + 3600 }]
  }, (world) =>
    Effect.gen(function*() {
      writeDuring(world, "/v1/exchange", renewed)
      const credentials = yield* get(world)
      assert.deepStrictEqual(yield* world.asked, ["oauth.exchange", "oauth.exchange"])
      assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(credentials))
    }))

  scenario(
    "gives its session without a request, when it has one",
    { profiles: [used] },
    (world) =>
      Effect.gen(function*() {
        writeDuring(world, "/v1/token", { ...renewed, ...stored(3000) })
        assert.deepStrictEqual(sessionOf(yield* get(world)), stored(3000))
        assert.deepStrictEqual(yield* world.asked, ["oauth.token"])
      })
  )

  scenario("is tried once: the second refusal is the error", { profiles: [used] }, (world) =>
    Effect.gen(function*() {
      const other = { ...used, oauth_refresh_token: "s3cr3t-refresh-used-too" }
      writeDuring(world, "/v1/token", other)
      yield* refusal(world)
      assert.deepStrictEqual(yield* world.asked, ["oauth.token", "oauth.token"])
      assert.strictEqual(world.text(), cliText([other]))
    }))

  scenario(
    "is not used when the profile has another mode meanwhile",
    { profiles: [used] },
    (world) =>
      Effect.gen(function*() {
        writeDuring(world, "/v1/token", { ...renewed, ...stored(3000), mode: "StsToken" })
        yield* refusal(world)
        assert.deepStrictEqual(yield* world.asked, ["oauth.token"])
      })
  )

  scenario("is used in a profile of mode CloudSSO, too", {
    profiles: [sso("s3cr3t-sso-old")],
    cloud: {
      cloudSsoSites: [{
        host: "signin-cn-shanghai.alibabacloudsso.com",
        logins: [{ accessToken: "s3cr3t-sso", grants: [{ accessConfigurationId: "ac-1" }] }]
      }]
    }
  }, (world) =>
    Effect.gen(function*() {
      writeDuring(world, "/cloud-credentials", sso("s3cr3t-sso"))
      const credentials = yield* get(world)
      assert.strictEqual(world.profile()["access_key_id"], sessionOf(credentials)["access_key_id"])
      assert.strictEqual(world.profile()["access_token"], "s3cr3t-sso")
    }))
})

describe("a login that was renewed here", () => {
  scenario("is not tried again when its exchange is refused", {
    profiles: [{ ...used, oauth_refresh_token: oauthLogin.refreshToken }],
    cloud: {
      oauthLogins: [oauthLogin],
      faults: [{ endpoint: "oauth.exchange", kind: "error", status: 401, code: "invalid_token" }]
    }
  }, (world) =>
    Effect.gen(function*() {
      yield* refusal(world)
      assert.deepStrictEqual(yield* world.asked, ["oauth.token", "oauth.exchange"])
    }))
})
