import { CredentialsError, CredentialsProvider } from "@effect-alicloud/credentials"
import type { Fault } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import {
  drive,
  eventually,
  get,
  now,
  oauth,
  oauthLogin,
  scenario,
  sessionIn,
  sessionOf,
  stored
} from "./utils/loginWorld.ts"
import type { Fields } from "./utils/loginWorld.ts"
import { failureOf } from "./utils/secrets.ts"

const loginAgain = "run `alicloud-credentials login --profile "

describe("a stored session", () => {
  scenario(
    "with more than 15 minutes left is used, and nobody is asked",
    { profiles: [oauth(stored(901))] },
    (world) =>
      Effect.gen(function*() {
        const before = world.text()
        const credentials = yield* get(world)
        assert.deepStrictEqual(sessionOf(credentials), stored(901))
        assert.strictEqual(credentials.type, "sts")
        assert.strictEqual(credentials.providerName, "cli_profile/oauth")
        assert.deepStrictEqual(yield* world.asked, [])
        assert.strictEqual(world.text(), before)
      })
  )

  const unusable: ReadonlyArray<readonly [title: string, fields: Fields]> = [
    ["with 15 minutes left", stored(900)],
    ["that has ended", stored(-1)],
    ["without an end", { ...stored(3000), sts_expiration: 0 }],
    ["with an end beyond all dates", { ...stored(3000), sts_expiration: 9e15 }],
    ["without a token", { ...stored(3000), sts_token: "" }],
    ["without a secret", { ...stored(3000), access_key_secret: null }]
  ]
  for (const [title, fields] of unusable) {
    scenario(`${title} is not used but replaced`, { profiles: [oauth(fields)] }, (world) =>
      Effect.gen(function*() {
        const credentials = yield* get(world)
        assert.notStrictEqual(sessionOf(credentials)["access_key_id"], "STS.Stored")
        assert.deepStrictEqual(yield* world.asked, ["oauth.exchange"])
        assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(credentials))
        assert.strictEqual(world.profile()["sts_expiration"], now + 3600)
      }))
  }

  scenario(
    "that the service refused is not handed out again",
    { profiles: [oauth(stored(3000))] },
    (world) =>
      Effect.gen(function*() {
        const provider = yield* world.provider()
        const first = yield* provider.get
        yield* provider.invalidate(first)
        const second = yield* provider.get
        assert.strictEqual(sessionOf(first)["access_key_id"], "STS.Stored")
        assert.notDeepEqual(sessionOf(second), sessionOf(first))
        assert.deepStrictEqual(yield* world.asked, ["oauth.exchange"])
        assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(second))
      })
  )

  scenario(
    "is not the answer to its own early refresh",
    { profiles: [oauth(stored(3600))] },
    (world) =>
      Effect.gen(function*() {
        const source = yield* world.process()
        const provider = yield* CredentialsProvider.make(source, { refresh: { earlyWindow: "18 minutes", jitter: 0 } })
        yield* provider.get
        yield* provider.get
        yield* TestClock.adjust("43 minutes")
        yield* eventually(Effect.map(provider.get, (current) => sessionOf(current)["access_key_id"] !== "STS.Stored"))
        assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(yield* provider.get))
        assert.strictEqual((yield* world.asked).filter((endpoint) => endpoint === "oauth.exchange").length, 1)
      })
  )

  scenario(
    "of another process is adopted by those that waited for it",
    { profiles: [oauth(stored(60))] },
    (world) =>
      Effect.gen(function*() {
        const processes = yield* Effect.all(Array.from({ length: 5 }, () => world.process()))
        const all = yield* drive(Effect.forEach(processes, (source) => source.get, { concurrency: "unbounded" }))
        assert.deepStrictEqual(yield* world.asked, ["oauth.exchange"])
        for (const credentials of all) assert.deepStrictEqual(sessionOf(credentials), sessionIn(world.profile()))
      })
  )

  scenario(
    "that another process fetched instead of the refused one is adopted",
    { profiles: [oauth(stored(3000))] },
    (world) =>
      Effect.gen(function*() {
        const [one, other] = yield* Effect.all([world.provider(), world.provider()])
        const refused = yield* one.get
        assert.deepStrictEqual(yield* other.get, refused)
        yield* one.invalidate(refused)
        yield* other.invalidate(refused)
        const both = yield* drive(Effect.all([one.get, other.get], { concurrency: "unbounded" }))
        assert.deepStrictEqual(both[0], both[1])
        assert.notDeepEqual(both[0], refused)
        assert.deepStrictEqual(yield* world.asked, ["oauth.exchange"])
      })
  )
})

describe("the access token", () => {
  const lifetimes: ReadonlyArray<readonly [title: string, fields: Fields, isRefreshed: boolean]> = [
    ["with 1201 seconds left is used", { oauth_access_token_expire: now + 1201 }, false],
    ["with 1200 seconds left is refreshed first", { oauth_access_token_expire: now + 1200 }, true],
    ["that has ended is refreshed first", { oauth_access_token_expire: now - 1 }, true],
    ["whose end is not known is refreshed first", { oauth_access_token_expire: undefined }, true],
    ["whose end is 0 is refreshed first", { oauth_access_token_expire: 0 }, true],
    ["that is missing is fetched first", { oauth_access_token: undefined }, true],
    ["is tried when there is no refresh token, even if it seems to have ended", {
      oauth_refresh_token: undefined,
      oauth_access_token_expire: now - 1
    }, false]
  ]
  for (const [title, fields, isRefreshed] of lifetimes) {
    scenario(title, { profiles: [oauth(fields)] }, (world) =>
      Effect.gen(function*() {
        const credentials = yield* get(world)
        const asked = yield* world.asked
        assert.deepStrictEqual(asked, isRefreshed ? ["oauth.token", "oauth.exchange"] : ["oauth.exchange"])
        const login = yield* world.cloud.oauthLogin("alice")
        const profile = world.profile()
        assert.deepStrictEqual(sessionIn(profile), sessionOf(credentials))
        assert.strictEqual(profile["oauth_access_token"], login?.currentAccessToken)
        const isKept = "oauth_refresh_token" in fields
        assert.strictEqual(profile["oauth_refresh_token"], isKept ? undefined : login?.currentRefreshToken)
        if (isRefreshed) assert.strictEqual(profile["oauth_access_token_expire"], now + 3600)
      }))
  }

  scenario(
    "and the refresh token that are both missing fail with how to log in, and nobody is asked",
    { profiles: [oauth({ oauth_access_token: "", oauth_refresh_token: null })] },
    (world) =>
      Effect.gen(function*() {
        const error = yield* failureOf(get(world))
        assert.instanceOf(error, CredentialsError.SourceFailed)
        assert.strictEqual(error.reason, "Expired")
        assert.include(error.message, loginAgain)
        assert.include(error.message, "profile \"default\"")
        assert.deepStrictEqual(yield* world.asked, [])
      })
  )

  const answers: ReadonlyArray<readonly [title: string, fault: Fault | undefined, expire: number]> = [
    ["without a lifetime is taken to live for an hour", undefined, now + 3600],
    ["whose lifetime is null is taken to live for an hour", {
      endpoint: "oauth.token",
      kind: "setField",
      field: "expires_in",
      value: null
    }, now + 3600],
    ["whose lifetime is text is understood", {
      endpoint: "oauth.token",
      kind: "setField",
      field: "expires_in",
      value: "1800"
    }, now + 1800],
    ["whose lifetime is a fraction is stored as whole seconds", {
      endpoint: "oauth.token",
      kind: "setField",
      field: "expires_in",
      value: 1800.9
    }, now + 1800]
  ]
  for (const [title, fault, expire] of answers) {
    scenario(title, {
      profiles: [oauth({ oauth_access_token: undefined, oauth_access_token_expire: undefined })],
      cloud: {
        oauthLogins: [{ ...oauthLogin, omitExpiresIn: fault === undefined }],
        faults: fault === undefined ? [] : [fault]
      }
    }, (world) =>
      Effect.gen(function*() {
        const source = yield* world.process()
        yield* source.get
        assert.strictEqual(world.profile()["oauth_access_token_expire"], expire)
        yield* source.get
      }))
  }
})

describe("the OAuth service", () => {
  for (const casing of ["camel", "pascal"] as const) {
    scenario(`may answer with fields in ${casing} case`, {
      profiles: [oauth()],
      cloud: { oauthLogins: [oauthLogin], oauthCasing: casing }
    }, (world) =>
      Effect.gen(function*() {
        const credentials = yield* get(world)
        assert.strictEqual(sessionOf(credentials)["sts_expiration"], now + 3600)
      }))
  }

  const sites = [
    { written: "CN", site: "CN", host: "https://oauth.aliyun.com", clientId: "4038181954557748008" },
    { written: "INTL", site: "INTL", host: "https://oauth.alibabacloud.com", clientId: "4103531455503354461" },
    { written: "cn", site: "CN", host: "https://oauth.aliyun.com", clientId: "4038181954557748008" },
    { written: " Intl", site: "INTL", host: "https://oauth.alibabacloud.com", clientId: "4103531455503354461" }
  ] as const
  for (const { clientId, host, site, written } of sites) {
    scenario(`of site type "${written}" is sent its own client id`, {
      profiles: [oauth({ oauth_site_type: written, oauth_access_token_expire: 0 })],
      cloud: { oauthLogins: [{ ...oauthLogin, site }] }
    }, (world) =>
      Effect.gen(function*() {
        yield* get(world)
        const [token, exchange] = world.sent
        assert.deepStrictEqual(world.sent.map(({ url }) => url), [`${host}/v1/token`, `${host}/v1/exchange`])
        assert.deepStrictEqual(Object.fromEntries(new URLSearchParams(token?.body)), {
          grant_type: "refresh_token",
          refresh_token: "s3cr3t-refresh-0",
          client_id: clientId,
          Timestamp: "2026-01-02T03:04:05Z"
        })
        assert.strictEqual(exchange?.body, "")
        assert.strictEqual(exchange?.headers["content-type"], "application/json")
        assert.strictEqual(exchange?.headers["authorization"], "Bearer fake-oauth-access-token-0001")
      }))
  }

  for (const written of ["EU", "", undefined]) {
    scenario(`is not asked for site type ${JSON.stringify(written)}`, {
      profiles: [oauth({ oauth_site_type: written })]
    }, (world) =>
      Effect.gen(function*() {
        const error = yield* failureOf(get(world))
        assert.instanceOf(error, CredentialsError.InvalidConfig)
        assert.include(error.message, "oauth_site_type")
        assert.include(CredentialsError.renderLocation(error.location), "profile \"default\"")
        assert.deepStrictEqual(yield* world.asked, [])
      }))
  }
})
