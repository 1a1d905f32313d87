/** The token endpoints of the platforms on which a program may run, in the fake cloud. */
import * as Effect from "effect/Effect"
import type { Reply } from "../FakeAlicloud.ts"
import type { Endpoint } from "../Fault.ts"
import type { TokenPlatform, World } from "../World.ts"
import type { Target } from "./http.ts"
import { bearerOf, json, page, queryOf } from "./http.ts"
import * as jwt from "./jwt.ts"
import type { Exchange } from "./state.ts"

type Name = TokenPlatform["platform"]

type Answer = (exchange: Exchange, platform: TokenPlatform) => Effect.Effect<Reply>

interface Platform {
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

const refused = (status: number, message: string): Effect.Effect<Reply> => Effect.succeed(json(status, { message }))

const githubActions: Answer = (exchange, platform) => {
  if (exchange.request.method !== "GET") return refused(405, "method not allowed")
  if (bearerOf(exchange.request) !== platform.requestToken) return refused(401, "invalid request token")
  const { audience = "https://github.com/owner" } = queryOf(exchange.target)
  return Effect.map(issue(exchange, platform, audience), (value) => json(200, { count: value.length, value }))
}

/** The platforms, by the names that `ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM` has for them. */
const platforms: Readonly<Record<Name, Platform>> = {
  "github-actions": {
    serves: ({ hostname }) => hostname.endsWith(".actions.githubusercontent.com"),
    issuer: "https://token.actions.githubusercontent.com",
    subject: "repo:owner/repository:ref:refs/heads/main",
    tokenSeconds: 300,
    answer: githubActions
  }
}

const declaredAt = (world: World, target: Target): TokenPlatform | undefined =>
  world.tokenPlatforms.find(({ platform }) => platforms[platform].serves(target))

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
