import type { Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, TestClock } from "effect"
import { acs3, rpc } from "../../../test/kit/sign.ts"
import { accountId, alice, ask, askJson, at, roleArn, verdict } from "./utils/cloud.ts"
import { clientIds, decision, exchange, loginWorld, oauthKeyIn, refresh, tokensIn } from "./utils/logins.ts"

const loginOf = (refreshTokenOrUser: string) =>
  Effect.flatMap(FakeAlicloud, ({ oauthLogin }) => oauthLogin(refreshTokenOrUser))

const setWorld = (world: WorldInput) => Effect.flatMap(FakeAlicloud, (cloud) => cloud.setWorld(world))

const one = (login: Partial<NonNullable<WorldInput["oauthLogins"]>[number]>, more: WorldInput = {}) =>
  layer({ oauthLogins: [{ refreshToken: "rt-1", ...login }], ...more })

describe("OAuth refresh", () => {
  it.effect("answers a refresh token with an access token and another refresh token", () =>
    Effect.gen(function*() {
      const { document, status } = yield* askJson(refresh("rt-1", "CN", { Timestamp: "1970-01-01T00:00:00Z" }))
      assert.strictEqual(status, 200)
      assert.deepEqual<unknown>(document, {
        access_token: "fake-oauth-access-token-0001",
        refresh_token: "fake-oauth-refresh-token-0001",
        token_type: "Bearer",
        expires_in: 3600
      })
      const next = (yield* askJson(refresh("fake-oauth-refresh-token-0001"))).document
      assert.strictEqual(tokensIn(next).refreshToken, "fake-oauth-refresh-token-0002")
      assert.strictEqual(tokensIn(next).accessToken, "fake-oauth-access-token-0002")
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("keeps the two sites apart: hosts, clients and tokens", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* decision(refresh("rt-1", "INTL")), "400 invalid_grant")
      assert.strictEqual(yield* decision(refresh("rt-intl", "CN")), "400 invalid_grant")
      assert.strictEqual(
        yield* decision(refresh("rt-intl", "INTL", { client_id: clientIds.CN })),
        "401 invalid_client"
      )
      assert.strictEqual(yield* decision(exchange("at-intl", "CN")), "401 invalid_token")
      assert.strictEqual(yield* decision(exchange("at-intl", "INTL")), "200")
      assert.strictEqual(yield* decision(refresh("rt-intl", "INTL")), "200")
      assert.strictEqual(yield* decision(refresh("rt-1", "CN")), "200")
    }).pipe(Effect.provide(layer(loginWorld))))

  const form = (change: Readonly<Record<string, string | undefined>>) => refresh("rt-1", "CN", change)
  const refused: ReadonlyArray<readonly [title: string, expected: string, request: Request]> = [
    ["an unknown refresh token", "400 invalid_grant", refresh("rt-x")],
    ["an access token in its place", "400 invalid_grant", refresh("at-1")],
    ["no refresh token", "400 invalid_request", form({ refresh_token: undefined })],
    ["an empty refresh token", "400 invalid_request", form({ refresh_token: "" })],
    ["no client", "400 invalid_request", form({ client_id: undefined })],
    ["another client", "401 invalid_client", form({ client_id: "1" })],
    ["no grant type", "400 invalid_request", form({ grant_type: undefined })],
    ["another grant type", "400 unsupported_grant_type", form({ grant_type: "password" })],
    ["another method", "405 invalid_request", { ...form({}), method: "GET" }],
    ["another path", "404 not_found", { ...form({}), url: "https://oauth.aliyun.com/v1/authorize" }],
    ["a form that does not say that it is one", "400 invalid_request", { ...form({}), headers: {} }],
    [
      "a refresh token in the query",
      "400 invalid_request",
      { ...form({}), url: `https://oauth.aliyun.com/v1/token?${form({}).body}`, body: "" }
    ]
  ]

  for (const [title, expected, request] of refused) {
    it.effect(`rejects ${title}, and the login goes on`, () =>
      Effect.gen(function*() {
        const { document } = yield* askJson(request)
        assert.sameMembers(Object.keys(document), ["error", "error_description", "request_id"])
        assert.strictEqual(yield* decision(request), expected)
        assert.notInclude(JSON.stringify(document), "rt-1")
        assert.strictEqual(yield* decision(refresh("rt-1")), "200")
      }).pipe(Effect.provide(layer(loginWorld))))
  }

  it.effect("ends the login when its refresh token ends, rotated or not", () =>
    Effect.gen(function*() {
      yield* TestClock.adjust("59 minutes")
      const { document } = yield* askJson(refresh("rt-1"))
      assert.strictEqual(at(document, "refresh_expires_in"), "60")
      yield* TestClock.adjust("59 seconds")
      const rotated = tokensIn((yield* askJson(refresh(tokensIn(document).refreshToken))).document)
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* decision(refresh(rotated.refreshToken)), "400 invalid_grant")
      assert.isFalse((yield* loginOf("rt-1"))?.revoked)
      assert.strictEqual(yield* decision(exchange(rotated.accessToken)), "200")
    }).pipe(Effect.provide(one({ refreshTokenExpiresAt: "1970-01-01T01:00:00Z" }))))

  it.effect("lets a client guess the lifetime of its access token when told to", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(refresh("rt-1"))
      assert.notProperty(document, "expires_in")
      yield* TestClock.adjust("90 seconds")
      assert.strictEqual(yield* decision(exchange(tokensIn(document).accessToken)), "401 expired_token")
    }).pipe(Effect.provide(one({ omitExpiresIn: true, accessTokenSeconds: 90 }))))

  it.effect("never returns a token that was declared", () =>
    Effect.gen(function*() {
      const { refreshToken } = tokensIn((yield* askJson(refresh("fake-oauth-refresh-token-0001"))).document)
      assert.strictEqual(refreshToken, "fake-oauth-refresh-token-0002")
    }).pipe(Effect.provide(one({ refreshToken: "fake-oauth-refresh-token-0001" }))))
})

describe("OAuth refresh token that is used again", () => {
  it.effect("revokes every token of its login, and of no other", () =>
    Effect.gen(function*() {
      const first = tokensIn((yield* askJson(refresh("rt-1"))).document)
      const second = tokensIn((yield* askJson(refresh(first.refreshToken))).document)
      for (const token of ["at-1", first.accessToken, second.accessToken]) {
        assert.strictEqual(yield* decision(exchange(token)), "200")
      }
      const key = oauthKeyIn((yield* askJson(exchange("at-1"))).document)
      assert.strictEqual(yield* decision(refresh("rt-1")), "400 invalid_grant")
      for (const token of ["at-1", first.accessToken, second.accessToken]) {
        assert.strictEqual(yield* decision(exchange(token)), "401 invalid_token")
      }
      assert.strictEqual(yield* decision(refresh(second.refreshToken)), "400 invalid_grant")
      assert.isTrue((yield* loginOf("alice"))?.revoked)
      assert.strictEqual(yield* decision(refresh("rt-2")), "200")
      assert.strictEqual(yield* verdict(rpc(key, { action: "GetCallerIdentity" })), "200")
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("revokes when two refreshes are on their way at once", () =>
    Effect.gen(function*() {
      const { addFault } = yield* FakeAlicloud
      yield* addFault({ endpoint: "oauth.token", kind: "latency", millis: 100 })
      const both = yield* Effect.fork(
        Effect.all([decision(refresh("rt-1")), decision(refresh("rt-1"))], { concurrency: 2 })
      )
      yield* TestClock.adjust("100 millis")
      assert.sameMembers(yield* Fiber.join(both), ["200", "400 invalid_grant"])
      assert.isTrue((yield* loginOf("rt-1"))?.revoked)
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("revokes when the client repeats a refresh whose answer was lost", () =>
    Effect.gen(function*() {
      const { addFault } = yield* FakeAlicloud
      yield* addFault({ endpoint: "oauth.token", kind: "truncate", times: 1 })
      assert.strictEqual((yield* ask(refresh("rt-1")))._tag, "Truncated")
      assert.strictEqual(yield* decision(refresh("rt-1")), "400 invalid_grant")
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("revokes nothing when the first use never reached the service", () =>
    Effect.gen(function*() {
      const { addFault } = yield* FakeAlicloud
      yield* addFault({ endpoint: "oauth.token", kind: "disconnect", times: 1 })
      assert.strictEqual((yield* ask(refresh("rt-1")))._tag, "Disconnected")
      assert.strictEqual(yield* decision(refresh("rt-1")), "200")
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("revokes nothing at the other site", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* decision(refresh("rt-1")), "200")
      assert.strictEqual(yield* decision(refresh("rt-1", "INTL")), "400 invalid_grant")
      assert.isFalse((yield* loginOf("rt-1"))?.revoked)
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("is as good as new within the declared grace", () =>
    Effect.gen(function*() {
      const first = tokensIn((yield* askJson(refresh("rt-1"))).document)
      yield* TestClock.adjust("29 seconds")
      const again = tokensIn((yield* askJson(refresh("rt-1"))).document)
      assert.notStrictEqual(again.refreshToken, first.refreshToken)
      for (const { accessToken } of [first, again]) assert.strictEqual(yield* decision(exchange(accessToken)), "200")
      yield* TestClock.adjust("1 second")
      assert.strictEqual(yield* decision(refresh("rt-1")), "400 invalid_grant")
      assert.strictEqual(yield* decision(exchange(again.accessToken)), "401 invalid_token")
    }).pipe(Effect.provide(one({}, { oauthReuseGraceSeconds: 30 }))))
})

describe("OAuth exchange", () => {
  it.effect("answers an access token with a session, again and again", () =>
    Effect.gen(function*() {
      const { document, status } = yield* askJson(exchange("at-1"))
      assert.strictEqual(status, 200)
      assert.deepStrictEqual(document, {
        requestId: "FA4E0000-0000-4000-8000-000000000001",
        accessKeyId: "STS.Fake0001",
        accessKeySecret: "fake-secret-0001",
        securityToken: "fake-token-0001",
        expiration: "1970-01-01T01:00:00Z"
      })
      const again = (yield* askJson({ ...exchange("at-1"), body: "{}" })).document
      assert.strictEqual(at(again, "accessKeyId"), "STS.Fake0002")
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("answers in Pascal case when told to, with tokens as ever", () =>
    Effect.gen(function*() {
      const { accessToken } = tokensIn((yield* askJson(refresh("rt-1"))).document)
      const { document } = yield* askJson(exchange(accessToken))
      assert.deepStrictEqual(document, {
        RequestId: "FA4E0000-0000-4000-8000-000000000002",
        AccessKeyId: "STS.Fake0001",
        AccessKeySecret: "fake-secret-0001",
        SecurityToken: "fake-token-0001",
        Expiration: "1970-01-01T00:15:00Z"
      })
    }).pipe(Effect.provide(one({ sessionSeconds: 900 }, { oauthCasing: "pascal" }))))

  const headers = (authorization?: string): Request => ({
    ...exchange("at-1"),
    headers: authorization === undefined ? {} : { authorization }
  })
  const refused: ReadonlyArray<readonly [title: string, expected: string, request: Request]> = [
    ["no token", "401 invalid_token", headers()],
    ["another scheme", "401 invalid_token", headers("Basic at-1")],
    ["an unknown token", "401 invalid_token", exchange("at-x")],
    ["a refresh token in its place", "401 invalid_token", exchange("rt-1")],
    ["another method", "405 invalid_request", { ...exchange("at-1"), method: "GET" }]
  ]

  for (const [title, expected, request] of refused) {
    it.effect(`rejects ${title}`, () =>
      Effect.gen(function*() {
        assert.strictEqual(yield* decision(request), expected)
        assert.strictEqual((yield* loginOf("rt-1"))?.exchanges, 0)
      }).pipe(Effect.provide(layer(loginWorld))))
  }

  it.effect("ends declared and fetched access tokens, by the cloud's clock", () =>
    Effect.gen(function*() {
      const { accessToken } = tokensIn((yield* askJson(refresh("rt-1"))).document)
      yield* TestClock.adjust("59 seconds")
      for (const token of ["at-1", accessToken]) assert.strictEqual(yield* decision(exchange(token)), "200")
      yield* TestClock.adjust("1 second")
      for (const token of ["at-1", accessToken]) {
        assert.strictEqual(yield* decision(exchange(token)), "401 expired_token")
      }
    }).pipe(Effect.provide(one(
      { accessToken: "at-1", accessTokenExpiresAt: "1970-01-01T01:01:00Z", accessTokenSeconds: 60 },
      { clockSkewSeconds: 3600 }
    ))))

  it.effect("returns sessions of the user, who can then do what the user may", () =>
    Effect.gen(function*() {
      const key = oauthKeyIn((yield* askJson(exchange("at-1"))).document)
      const { document } = yield* askJson(acs3(key, { action: "GetCallerIdentity" }))
      assert.strictEqual(at(document, "IdentityType"), "RAMUser")
      assert.strictEqual(at(document, "Arn"), `acs:ram::${accountId}:user/alice`)
      const assume = (name: string) =>
        verdict(rpc(key, { action: "AssumeRole", parameters: { RoleArn: roleArn(name), RoleSessionName: "me" } }))
      assert.strictEqual(yield* assume("open"), "200")
      assert.strictEqual(yield* assume("alices"), "200")
      assert.strictEqual(yield* assume("bobs"), "403 NoPermission")
      const unsigned = { accessKeyId: key.accessKeyId, accessKeySecret: key.accessKeySecret }
      assert.strictEqual(yield* verdict(rpc(unsigned, { action: "GetCallerIdentity" })), "400 MissingSecurityToken")
      yield* TestClock.adjust("1 hour")
      const late = rpc(key, { action: "GetCallerIdentity", at: 3_600_000 })
      assert.strictEqual(yield* verdict(late), "400 InvalidSecurityToken.Expired")
    }).pipe(Effect.provide(layer({
      ...loginWorld,
      roles: [
        { arn: roleArn("open") },
        { arn: roleArn("alices"), trustedUsers: ["alice"] },
        { arn: roleArn("bobs"), trustedUsers: ["bob"] }
      ]
    }))))

  it.effect("knows the declared user behind a login, with what the user may not", () =>
    Effect.gen(function*() {
      const key = oauthKeyIn((yield* askJson(exchange("at-1"))).document)
      const parameters = { RoleArn: roleArn("open"), RoleSessionName: "me" }
      assert.strictEqual(yield* verdict(rpc(key, { action: "AssumeRole", parameters })), "403 NoPermission")
    }).pipe(Effect.provide(layer({
      ...loginWorld,
      users: [{ ...alice, canAssumeRole: false }],
      roles: [{ arn: roleArn("open") }]
    }))))
})

describe("OAuth login", () => {
  it.effect("shows its state for any of its refresh tokens and for its user", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* loginOf("bob"), {
        currentRefreshToken: "rt-2",
        currentAccessToken: undefined,
        revoked: false,
        refreshes: 0,
        exchanges: 0
      })
      const { accessToken, refreshToken } = tokensIn((yield* askJson(refresh("rt-2"))).document)
      yield* askJson(exchange(accessToken))
      for (const name of ["bob", "rt-2", refreshToken]) {
        assert.deepStrictEqual(yield* loginOf(name), {
          currentRefreshToken: refreshToken,
          currentAccessToken: accessToken,
          revoked: false,
          refreshes: 1,
          exchanges: 1
        })
      }
      assert.isUndefined(yield* loginOf("nobody"))
    }).pipe(Effect.provide(layer(loginWorld))))

  it.effect("lives on as long as it is declared, and starts anew with another refresh token", () =>
    Effect.gen(function*() {
      const rotated = tokensIn((yield* askJson(refresh("rt-1"))).document)
      yield* setWorld({ ...loginWorld, oauthCasing: "pascal" })
      assert.strictEqual(yield* decision(exchange(rotated.accessToken)), "200")
      yield* setWorld({ oauthLogins: [{ refreshToken: "rt-new", userName: "alice" }] })
      assert.strictEqual(yield* decision(refresh(rotated.refreshToken)), "400 invalid_grant")
      assert.strictEqual(yield* decision(exchange(rotated.accessToken)), "401 invalid_token")
      assert.strictEqual((yield* loginOf("alice"))?.currentRefreshToken, "rt-new")
      assert.strictEqual(yield* decision(refresh("rt-new")), "200")
    }).pipe(Effect.provide(layer(loginWorld))))
})
