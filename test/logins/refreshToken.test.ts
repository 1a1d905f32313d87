import { CredentialsError } from "@effect-alicloud/credentials"
import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Fiber, TestClock } from "effect"
import type { Fields } from "./utils/loginWorld.ts"
import { eventually, get, now, oauth, oauthLogin, scenario, sessionIn, sessionOf } from "./utils/loginWorld.ts"
import { failureOf } from "./utils/secrets.ts"

const loginAgain = "run `alicloud-credentials login --profile "

const refuseExchange: Fault = { endpoint: "oauth.exchange", kind: "error", status: 403, code: "access_denied" }

describe("a refresh token", () => {
  const ended = oauth({ oauth_access_token_expire: now - 1 })

  scenario("is in the file before what came with it is used", { profiles: [ended] }, (world) =>
    Effect.gen(function*() {
      const seen: Array<Fields> = []
      world.onRequest = (path) => {
        if (path === "/v1/exchange") seen.push(world.profile())
      }
      yield* get(world)
      const login = yield* world.cloud.oauthLogin("alice")
      assert.deepStrictEqual(seen, [{
        ...JSON.parse(JSON.stringify(ended)),
        oauth_access_token: login?.currentAccessToken,
        oauth_refresh_token: login?.currentRefreshToken,
        oauth_access_token_expire: now + 3600
      }])
    }))

  scenario("is not lost when the exchange fails", { profiles: [ended] }, (world) =>
    Effect.gen(function*() {
      const source = yield* world.process()
      yield* world.cloud.setFaults([refuseExchange])
      const error = yield* failureOf(source.get)
      assert.instanceOf(error, CredentialsError.SourceFailed)
      assert.strictEqual(error.code, "access_denied")
      const login = yield* world.cloud.oauthLogin("alice")
      assert.strictEqual(world.profile()["oauth_refresh_token"], login?.currentRefreshToken)
      assert.strictEqual(world.profile()["access_key_id"], undefined)
      yield* world.cloud.clearFaults
      yield* TestClock.adjust("50 minutes")
      assert.deepStrictEqual(sessionOf(yield* source.get), sessionIn(world.profile()))
      assert.deepStrictEqual((yield* world.cloud.oauthLogin("alice"))?.refreshes, 2)
      assert.isFalse((yield* world.cloud.oauthLogin("alice"))?.revoked)
    }))

  for (const value of [null, ""]) {
    scenario(`that an answer gives as ${JSON.stringify(value)} does not replace the one that is there`, {
      profiles: [ended],
      cloud: {
        oauthLogins: [oauthLogin],
        faults: [{ endpoint: "oauth.token", kind: "setField", field: "refresh_token", value }]
      }
    }, (world) =>
      Effect.gen(function*() {
        yield* get(world)
        assert.strictEqual(world.profile()["oauth_refresh_token"], "s3cr3t-refresh-0")
      }))
  }

  scenario(
    "that the service does not accept leaves the file byte for byte as it is, and the error says how to log in",
    { profiles: [oauth({ oauth_access_token_expire: now - 1, oauth_refresh_token: "s3cr3t-of-nobody" })] },
    (world) =>
      Effect.gen(function*() {
        const before = world.text()
        const error = yield* failureOf(get(world))
        assert.instanceOf(error, CredentialsError.SourceFailed)
        assert.strictEqual(error.reason, "Denied")
        assert.strictEqual(error.code, "invalid_grant")
        assert.isFalse(error.retryable)
        assert.include(error.message, loginAgain)
        assert.deepStrictEqual(yield* world.asked, ["oauth.token"])
        assert.strictEqual(world.text(), before)
        assert.deepStrictEqual(world.logged, [])
      })
  )

  scenario(
    "that was asked for is stored although whoever asked has left",
    {
      profiles: [ended],
      cloud: { oauthLogins: [oauthLogin], faults: [{ endpoint: "oauth.token", kind: "latency", millis: 4000 }] }
    },
    (world) =>
      Effect.gen(function*() {
        const source = yield* world.process()
        const reader = yield* Effect.fork(source.get)
        yield* eventually(Effect.map(world.asked, (asked) => asked.includes("oauth.token")))
        const leaving = yield* Effect.fork(Fiber.interrupt(reader))
        yield* TestClock.adjust("4 seconds")
        assert.isTrue(Exit.isInterrupted(yield* Fiber.join(leaving)))
        const login = yield* world.cloud.oauthLogin("alice")
        assert.strictEqual(login?.refreshes, 1)
        assert.strictEqual(login?.exchanges, 0)
        assert.strictEqual(world.profile()["oauth_refresh_token"], login?.currentRefreshToken)
        yield* source.get
      })
  )
})
