import type { Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, TestClock } from "effect"
import { createHash } from "node:crypto"
import { ask, askJson, at } from "./utils/cloud.ts"
import { clientIds, decision, exchange, ssoHost } from "./utils/logins.ts"

const verifier = "v".repeat(128)

const challenge = createHash("sha256").update(verifier).digest("base64url")

const redirectUri = "http://127.0.0.1:12345/cli/callback"

type Change = Readonly<Record<string, string>>

const page = (change: Change = {}): Request => ({
  method: "GET",
  url: `https://signin.aliyun.com/oauth2/v1/auth?${new URLSearchParams({
    response_type: "code",
    client_id: clientIds.CN,
    redirect_uri: redirectUri,
    state: "s1",
    code_challenge: challenge,
    code_challenge_method: "S256",
    ...change
  })}`,
  headers: {},
  body: ""
})

const redirect = (request: Request) =>
  Effect.map(
    ask(request),
    (outcome) =>
      outcome._tag === "Reply" ? [outcome.status, outcome.headers["location"] ?? ""] as const : [0, ""] as const
  )

const token = (code: string, change: Change = {}): Request => ({
  method: "POST",
  url: "https://oauth.aliyun.com/v1/token",
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: String(
    new URLSearchParams({
      grant_type: "authorization_code",
      code,
      client_id: clientIds.CN,
      redirect_uri: redirectUri,
      code_verifier: verifier,
      ...change
    })
  )
})

const world: WorldInput = { oauthUsers: [{ userName: "alice" }] }

const signIn = Effect.map(redirect(page()), ([, location]) => new URL(location).searchParams.get("code") ?? "")

describe("the sign-in page", () => {
  it.effect("sends the browser back with state and code, which gives tokens once; a second use ends the login", () =>
    Effect.gen(function*() {
      const [status, location] = yield* redirect(page())
      assert.deepStrictEqual([status, location], [302, `${redirectUri}?state=s1&code=fake-oauth-code-0001`])
      const { document } = yield* askJson(token("fake-oauth-code-0001"))
      assert.strictEqual(yield* decision(exchange(at(document, "access_token"))), "200")
      assert.strictEqual(yield* decision(token("fake-oauth-code-0001")), "400 invalid_grant")
      assert.strictEqual(yield* decision(exchange(at(document, "access_token"))), "401 invalid_token")
    }).pipe(Effect.provide(layer(world))))

  const pages: ReadonlyArray<readonly [title: string, change: Change]> = [
    ["another client", { client_id: clientIds.INTL }],
    ["an address that is not registered", { redirect_uri: "http://127.0.0.1:8080/cli/callback" }],
    ["another host", { redirect_uri: "http://localhost:12345/cli/callback" }],
    ["a plain challenge", { code_challenge_method: "plain" }],
    ["no hash", { code_challenge: "x" }],
    ["no state", { state: "" }],
    ["another type", { response_type: "token" }]
  ]
  it.effect("does not send it anywhere for a request that is wrong", () =>
    Effect.gen(function*() {
      for (const [title, change] of pages) assert.deepStrictEqual(yield* redirect(page(change)), [400, ""], title)
    }).pipe(Effect.provide(layer(world))))

  it.effect("waits for a user where none is signed in, and says when one denies", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Effect.provide(redirect(page()), layer({})), [200, ""])
      const denied = yield* Effect.provide(redirect(page()), layer({ oauthUsers: [{ denies: true }] }))
      assert.deepStrictEqual(denied, [302, `${redirectUri}?state=s1&error=access_denied`])
    }))

  const tokens: ReadonlyArray<readonly [title: string, change: Change, expected: string]> = [
    ["another code", { code: "x" }, "400 invalid_grant"],
    ["another verifier", { code_verifier: "w".repeat(128) }, "400 invalid_grant"],
    ["a short verifier", { code_verifier: "v" }, "400 invalid_grant"],
    ["another address", { redirect_uri: "http://127.0.0.1:12346/cli/callback" }, "400 invalid_grant"],
    ["another client", { client_id: clientIds.INTL }, "401 invalid_client"],
    ["no verifier", { code_verifier: "" }, "400 invalid_request"]
  ]
  it.effect("gives tokens only for what belongs to the code, and within five minutes", () =>
    Effect.gen(function*() {
      for (const [title, change, expected] of tokens) {
        const code = yield* signIn
        assert.strictEqual(yield* decision(token(code, change)), expected, title)
        assert.strictEqual(yield* decision(token(code)), "200", title)
      }
      const late = yield* signIn
      yield* TestClock.adjust("301 seconds")
      assert.strictEqual(yield* decision(token(late)), "400 invalid_grant")
    }).pipe(Effect.provide(layer(world))))
})

const sso: WorldInput = {
  cloudSsoSites: [{ host: ssoHost, user: { grants: [{ accessConfigurationId: "ac-1", accountName: "dev" }] } }]
}

const post = (path: string, body: object): Request => ({
  method: "POST",
  url: `https://${ssoHost}${path}`,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body)
})

const get = (url: string, accessToken = ""): Request => ({
  method: "GET",
  url,
  headers: accessToken === "" ? {} : { authorization: `Bearer ${accessToken}` },
  body: ""
})

const device = (change: Change = {}) =>
  post("/device-authorization", {
    PortalUrl: `https://${ssoHost}/start/login`,
    ClientId: "app-1",
    CodeChallenge: challenge,
    CodeChallengeMethod: "S256",
    ...change
  })

const poll = (DeviceCode: string, change: Change = {}) =>
  post("/token", {
    ClientId: "app-1",
    DeviceCode,
    CodeVerifier: verifier,
    GrantType: "urn:ietf:params:oauth:grant-type:device_code",
    ...change
  })

describe("the device authorization of CloudSSO", () => {
  it.effect("is pending until the page is opened, and gives one token to the one who began it", () =>
    Effect.gen(function*() {
      const { document } = yield* askJson(device())
      const code = at(document, "DeviceCode")
      assert.strictEqual(yield* decision(poll(code)), "400 AuthorizationPending")
      assert.strictEqual((yield* redirect(get(at(document, "VerificationUriComplete"))))[0], 200)
      assert.strictEqual(yield* decision(poll(code, { CodeVerifier: "w".repeat(43) })), "400 InvalidGrant")
      assert.strictEqual(yield* decision(poll(code, { ClientId: "app-2" })), "400 InvalidGrant")
      const answer = yield* askJson(poll(code))
      assert.strictEqual(yield* decision(poll(code)), "400 InvalidDeviceCodeError")
      const list = get(
        `https://${ssoHost}/access-assignments/accounts?MaxResults=100`,
        at(answer.document, "AccessToken")
      )
      assert.deepInclude(yield* askJson(list), { status: 200 })
      assert.strictEqual(yield* decision(get(list.url)), "401 MissingAccessToken")
      assert.strictEqual(
        yield* decision(device({ CodeChallengeMethod: "plain" })),
        "400 InvalidParameter.CodeChallenge"
      )
      assert.strictEqual(yield* decision(device({ PortalUrl: "https://x/" })), "400 InvalidParameter.PortalUrl")
      yield* TestClock.adjust("9 hours")
      assert.strictEqual(yield* decision(list), "401 ExpiredAccessToken")
    }).pipe(Effect.provide(layer(sso))))
})
