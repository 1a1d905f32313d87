/** The token endpoints of the platforms on which a program may run, in the fake cloud. */
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import type { Reply } from "../FakeAlicloud.ts"
import type { Endpoint } from "../Fault.ts"
import type { World } from "../World.ts"
import type { Target } from "./http.ts"
import { bearerOf, json, page, parseJson, queryOf, text } from "./http.ts"
import * as jwt from "./jwt.ts"
import type { Exchange } from "./state.ts"
import type { TokenPlatform } from "./worldSchema.ts"

type Name = TokenPlatform["platform"]

type Answer = (exchange: Exchange, platform: TokenPlatform) => Effect.Effect<Reply>

interface Platform {
  /** A host that it serves, and how the paths there begin, where they tell the platform. */
  readonly at?: readonly [host: string, path: string]
  readonly serves: (target: Target) => boolean
  readonly issuer: string
  readonly subject: string
  readonly tokenSeconds: number
  readonly answer: Answer
}

/** A token of the platform. No two are equal. */
const issue = (exchange: Exchange, declared: TokenPlatform, audience: string): Effect.Effect<string> => {
  const { issuer, subject, tokenSeconds } = platforms[declared.platform]
  const seconds = Math.floor(exchange.now / 1000)
  return jwt.sign({
    iss: declared.issuer ?? issuer,
    sub: declared.subject ?? subject,
    aud: audience,
    iat: seconds,
    exp: seconds + (exchange.lifetimeSeconds ?? declared.tokenSeconds ?? tokenSeconds),
    jti: `fake-${++exchange.state.oidcTokenCount}`
  })
}

const fieldOf = ({ request }: Exchange, name: string): string | undefined => {
  const document = Option.getOrUndefined(parseJson(request.body))
  const value = Predicate.isReadonlyRecord(document) ? document[name] : undefined
  return typeof value === "string" ? value : undefined
}

const refused = (status: number, message: string): Effect.Effect<Reply> => Effect.succeed(json(status, { message }))

const githubActions: Answer = (exchange, platform) => {
  if (exchange.request.method !== "GET") return refused(405, "method not allowed")
  if (bearerOf(exchange.request) !== platform.requestToken) return refused(401, "invalid request token")
  const { audience = "https://github.com/owner" } = queryOf(exchange.target)
  return Effect.map(issue(exchange, platform, audience), (value) => json(200, { count: value.length, value }))
}

const buildkite: Answer = (exchange, platform) => {
  const { request, target } = exchange
  if (!/^\/v3\/jobs\/[^/]+\/oidc\/tokens$/.test(target.path)) return refused(404, "not found")
  if (request.method !== "POST") return refused(405, "method not allowed")
  if (request.headers["authorization"] !== `Token ${platform.requestToken}`) return refused(401, "unauthorized")
  const audience = fieldOf(exchange, "audience") ?? "https://buildkite.com/owner"
  return Effect.map(issue(exchange, platform, audience), (token) => json(200, { token }))
}

const google: Answer = (exchange, platform) => {
  if (exchange.request.headers["metadata-flavor"] !== "Google") return Effect.succeed(page(403, "Forbidden"))
  const { audience } = queryOf(exchange.target)
  return audience === undefined
    ? Effect.succeed(text(400, "non-empty audience parameter required"))
    : Effect.map(issue(exchange, platform, audience), (token) => text(200, token))
}

const azure: Answer = (exchange, platform) => {
  const { "api-version": version, resource } = queryOf(exchange.target)
  return exchange.request.headers["metadata"] !== "true" || version === undefined || resource === undefined
    ? Effect.succeed(
      json(400, { error: "invalid_request", error_description: "Required metadata header not specified" })
    )
    : Effect.map(
      issue(exchange, platform, resource),
      (token) => json(200, { access_token: token, resource, token_type: "Bearer" })
    )
}

const fly: Answer = (exchange, platform) =>
  exchange.request.method === "POST"
    ? Effect.map(
      issue(exchange, platform, fieldOf(exchange, "aud") ?? "https://fly.io/owner"),
      (token) => text(200, token)
    )
    : refused(405, "method not allowed")

/** The platforms, by the names that `ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM` has for them. */
const platforms: Readonly<Record<Name, Platform>> = {
  "github-actions": {
    serves: ({ hostname }) => hostname.endsWith(".actions.githubusercontent.com"),
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:owner/repository:ref:refs/heads/main",
    tokenSeconds: 300,
    answer: githubActions
  },
  buildkite: {
    at: ["agent.buildkite.com", "/v3/jobs/"],
    serves: ({ hostname }) => hostname === "agent.buildkite.com",
    issuer: "https://agent.buildkite.com",
    subject: "organization:owner:pipeline:deploy:ref:refs/heads/main",
    tokenSeconds: 300,
    answer: buildkite
  },
  google: {
    at: ["metadata.google.internal", "/computeMetadata/"],
    serves: ({ hostname }) => hostname === "metadata.google.internal",
    issuer: "https://accounts.google.com",
    subject: "100000000000000000001",
    tokenSeconds: 3600,
    answer: google
  },
  azure: {
    at: ["169.254.169.254", "/metadata/identity/"],
    serves: ({ hostname }) => hostname === "169.254.169.254",
    issuer: "https://sts.windows.net/00000000-0000-4000-8000-000000000000/",
    subject: "00000000-0000-4000-8000-000000000001",
    tokenSeconds: 86_400,
    answer: azure
  },
  fly: {
    at: ["localhost", "/v1/tokens/oidc"],
    serves: ({ hostname, path }) => isLoopback(hostname) && path === "/v1/tokens/oidc",
    issuer: "https://oidc.fly.io/owner",
    subject: "owner:app:machine",
    tokenSeconds: 600,
    answer: fly
  }
}

const declaredAt = (world: World, target: Target): TokenPlatform | undefined =>
  world.tokenPlatforms.find(({ platform }) => platforms[platform].serves(target))

/** The host of the declared platform that has a path. */
export const tokenHost = (world: World, path: string): string | undefined =>
  world.tokenPlatforms.map(({ platform }) => platforms[platform].at)
    .find((at) => at !== undefined && path.startsWith(at[1]))?.[0]

/** Whether a declared platform has its endpoint at this address. */
export const servesTokens = (world: World, target: Target): boolean => declaredAt(world, target) !== undefined

export const tokenEndpoint = (world: World, target: Target): Endpoint => {
  const declared = declaredAt(world, target)
  return declared === undefined ? "oidc" : `oidc.${declared.platform}`
}

/** The endpoint of a platform. */
export const tokenPlatform = (exchange: Exchange): Effect.Effect<Reply> => {
  const declared = declaredAt(exchange.state.world, exchange.target)
  return declared === undefined
    ? Effect.succeed(page(404, "Not Found"))
    : platforms[declared.platform].answer(exchange, declared)
}
