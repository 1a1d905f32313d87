/** The token endpoints of platforms, and how their tokens are verified. */
import type { Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { FakeAlicloud, layer } from "@effect-alicloud/testing/FakeAlicloud"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Encoding, TestClock } from "effect"
import { generateKeyPairSync, sign } from "node:crypto"
import { unsigned } from "../../../test/kit/sign.ts"
import { ask, providerArn, roleArn, verdict } from "./utils/cloud.ts"

const now = Date.UTC(2026, 0, 2) / 1000

const issuer = "https://ci.example.com"

const platforms = ["github-actions", "buildkite", "google", "azure", "fly"] as const

const world: WorldInput = {
  roles: [{ arn: roleArn("job"), trustedOidcProviders: [providerArn] }, { arn: roleArn("open") }],
  oidcProviders: [{ arn: providerArn, issuer, clientIds: ["first", "second"], issuanceLimitHours: 1 }],
  tokenPlatforms: platforms.map((platform) => ({ platform, issuer, requestToken: "request-token" }))
}

const fake = layer(world)

const assume = (token: string, role = "job", at = now * 1000): Request =>
  unsigned({
    action: "AssumeRoleWithOIDC",
    at,
    parameters: {
      RoleArn: roleArn(role),
      OIDCProviderArn: providerArn,
      OIDCToken: token,
      RoleSessionName: "job"
    }
  })

const get = (url: string, headers: Request["headers"] = {}): Request => ({ method: "GET", url, headers, body: "" })

const post = (url: string, body: object, headers: Request["headers"] = {}): Request => ({
  method: "POST",
  url,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify(body)
})

const github = "https://run.actions.githubusercontent.com/1/idtoken?api-version=2.0"
const buildkite = "https://agent.buildkite.com/v3/jobs/1/oidc/tokens"
const google = "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity"
const azure = "http://169.254.169.254/metadata/identity/oauth2/token"
const bearer = { authorization: "Bearer request-token" }

const good: Readonly<Record<typeof platforms[number], Request>> = {
  "github-actions": get(`${github}&audience=first`, bearer),
  buildkite: post(buildkite, { audience: "first" }, { authorization: "Token request-token" }),
  google: get(`${google}?audience=first&format=full`, { "metadata-flavor": "Google" }),
  azure: get(`${azure}?api-version=2018-02-01&resource=first`, { metadata: "true" }),
  fly: post("http://localhost/v1/tokens/oidc", { aud: "first" })
}

const tokenIn = (body: string): string => /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(body)?.[0] ?? ""

const obtain = (request: Request) =>
  Effect.map(ask(request), (outcome) => outcome._tag === "Reply" ? tokenIn(outcome.body) : "")

const signed = (claims: Readonly<Record<string, unknown>>) =>
  Effect.flatMap(
    FakeAlicloud,
    ({ signOidcToken }) => signOidcToken({ iss: issuer, sub: "job", aud: "first", iat: now, exp: now + 300, ...claims })
  )

describe("the tokens of platforms", () => {
  for (const platform of platforms) {
    it.effect(`of ${platform} are accepted while they last, and each is another`, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(now * 1000)
        const tokens = [yield* obtain(good[platform]), yield* obtain(good[platform])]
        assert.notStrictEqual(tokens[0], tokens[1])
        for (const token of tokens) assert.strictEqual(yield* verdict(assume(token)), "200")
        yield* TestClock.adjust("25 hours")
        assert.strictEqual(
          yield* verdict(assume(tokens[0]!, "job", (now + 25 * 3600) * 1000)),
          "401 AuthenticationFail.OIDCToken.Expired"
        )
      }).pipe(Effect.provide(fake)))
  }

  const refused: ReadonlyArray<readonly [title: string, status: number, request: Request]> = [
    ["GitHub without its request token", 401, get(`${github}&audience=first`)],
    ["GitHub with another request token", 401, get(`${github}&audience=first`, { authorization: "Bearer other" })],
    ["GitHub by POST", 405, post(github, {}, bearer)],
    ["Buildkite with a bearer", 401, post(buildkite, {}, bearer)],
    ["Buildkite elsewhere", 404, post("https://agent.buildkite.com/v3/ping", {})],
    ["Google without its header", 403, get(`${google}?audience=first`)],
    ["Google without an audience", 400, get(google, { "metadata-flavor": "Google" })],
    ["Azure without its header", 400, get(`${azure}?api-version=2018-02-01&resource=first`)],
    ["Azure without a resource", 400, get(`${azure}?api-version=2018-02-01`, { metadata: "true" })],
    ["Fly.io by GET", 405, get("http://localhost/v1/tokens/oidc")]
  ]
  it.effect.each(refused)("are not given by %s", ([, status, request]) =>
    Effect.gen(function*() {
      const outcome = yield* ask(request)
      assert.strictEqual(outcome._tag === "Reply" && outcome.status, status)
    }).pipe(Effect.provide(fake)))

  it.effect("come from nowhere in a world that declares no platform", () =>
    Effect.gen(function*() {
      for (const request of Object.values(good)) {
        assert.include(["Refused", "UnknownHost"], (yield* ask(request))._tag)
      }
    }).pipe(Effect.provide(layer())))
})

describe("a signed token", () => {
  const cases: ReadonlyArray<readonly [title: string, claims: Readonly<Record<string, unknown>>, verdict: string]> = [
    ["with one of the provider's audiences", { aud: ["other", "second"] }, "200"],
    ["with another audience", { aud: "other" }, "401 AuthenticationFail.OIDCToken.AudienceNotMatch"],
    ["without an audience", { aud: undefined }, "401 AuthenticationFail.OIDCToken.AudienceNotMatch"],
    ["of another issuer", { iss: `${issuer}/` }, "401 AuthenticationFail.OIDCToken.Invalid"],
    ["that ends now", { exp: now }, "401 AuthenticationFail.OIDCToken.Expired"],
    ["without an end", { exp: "never" }, "401 AuthenticationFail.OIDCToken.Expired"],
    ["as old as the provider allows", { iat: now - 3600 }, "200"],
    ["older than the provider allows", { iat: now - 3601 }, "401 AuthenticationFail.OIDCToken.Expired"],
    ["issued a minute ahead", { iat: now + 60 }, "200"],
    ["issued further ahead", { iat: now + 61 }, "401 AuthenticationFail.OIDCToken.Invalid"]
  ]
  it.effect.each(cases)("%s", ([, claims, expected]) =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      assert.strictEqual(yield* verdict(assume(yield* signed(claims))), expected)
    }).pipe(Effect.provide(fake)))

  it.effect("is of no use for a role that does not trust its provider", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      assert.strictEqual(
        yield* verdict(assume(yield* signed({}), "open")),
        "401 AuthenticationFail.NoPermission"
      )
    }).pipe(Effect.provide(fake)))

  it.effect("must be signed by the platforms, with RS256", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(now * 1000)
      const [head = "", payload = "", signature = ""] = (yield* signed({})).split(".")
      const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
      const foreign = sign("sha256", Buffer.from(`${head}.${payload}`), privateKey).toString("base64url")
      const none = Encoding.encodeBase64Url(JSON.stringify({ alg: "none" }))
      const changed = Encoding.encodeBase64Url(JSON.stringify({ iss: issuer, aud: "first", iat: now, exp: now + 9999 }))
      const invalidSignature = "401 AuthenticationFail.OIDCToken.InvalidSignature"
      const tokens: Readonly<Record<string, string>> = {
        [`${head}.${payload}.${foreign}`]: invalidSignature,
        [`${head}.${changed}.${signature}`]: invalidSignature,
        [`${none}.${payload}.`]: "401 AuthenticationFail.OIDCToken.Invalid",
        [`${head}.${payload}`]: "401 AuthenticationFail.OIDCToken.Invalid",
        text: "401 AuthenticationFail.OIDCToken.Invalid"
      }
      for (const [token, expected] of Object.entries(tokens)) {
        assert.strictEqual(yield* verdict(assume(token)), expected)
      }
    }).pipe(Effect.provide(fake)))
})
