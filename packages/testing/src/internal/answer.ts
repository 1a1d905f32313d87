/** Routes a request to a service of the fake cloud and answers it. Used by both faces: memory and sockets. */
import { isLoopback } from "@effect-alicloud/credentials/unstable/Loopback"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { ApiError } from "../Action.ts"
import type { Outcome, Reply, Request } from "../FakeAlicloud.ts"
import type { Endpoint } from "../Fault.ts"
import { Endpoint as EndpointSchema } from "../Fault.ts"
import type { World } from "../World.ts"
import { accessKeyIdOf } from "./authenticate.ts"
import { cloudSso, cloudSsoEndpoint, cloudSsoFailure, servesCloudSso } from "./cloudSso.ts"
import { credentialsUri, servesUri } from "./credentialsUri.ts"
import { cs } from "./cs.ts"
import { ecs } from "./ecs.ts"
import { editAll } from "./edits.ts"
import type { Plan, Replacing } from "./faults.ts"
import { planFor } from "./faults.ts"
import type { Target } from "./http.ts"
import { httpDate, isHost, json, notFound, page, parametersOf, reply, targetOf } from "./http.ts"
import { imds, imdsEndpoint, imdsHost } from "./imds.ts"
import { oauth, oauthEndpoint, oauthFailure, servesOAuth } from "./oauth.ts"
import { oss, ossAccessKeyId, ossFailure, servesOss } from "./oss.ts"
import { isRoa, ownAction, ownApi, ownProduct } from "./ownActions.ts"
import { actionOf, apiError, failure, roaFailure } from "./rpc.ts"
import type { Exchange, OpenEntry, State } from "./state.ts"
import { nextRequestId } from "./state.ts"
import { sts } from "./sts.ts"
import { servesTokens, tokenEndpoint, tokenPlatform } from "./tokenPlatforms.ts"

type Service =
  | "sts"
  | "ecs"
  | "cs"
  | "oss"
  | "imds"
  | "oauth"
  | "cloudsso"
  | "oidc"
  | "uri"
  | "own"
  | "nobody"
  | "unknown"

const stsHost = /^(sts|sts\.[a-z0-9-]+|sts-vpc\.[a-z0-9-]+)\.aliyuncs\.com$/

const ecsHost = /^(ecs|ecs\.[a-z0-9-]+|ecs-[a-z0-9-]+)\.aliyuncs\.com$/

const csHost = /^cs(\.[a-z0-9-]+)?\.aliyuncs\.com$/

/** Who answers for an address. */
export const serviceOf = (world: World, target: Target): Service => {
  const { hostname, pathAndQuery } = target
  const isUri = servesUri(world, target)
  if (isUri && world.credentialsUris.some(({ path }) => path === pathAndQuery)) return "uri"
  if (stsHost.test(hostname) || world.stsHosts.some((known) => isHost(known, target))) return "sts"
  if (ecsHost.test(hostname)) return "ecs"
  if (csHost.test(hostname)) return "cs"
  if (servesOss(target)) return "oss"
  if (servesOAuth(target)) return "oauth"
  if (servesCloudSso(world, target)) return "cloudsso"
  if (servesTokens(world, target)) return "oidc"
  if (hostname === imdsHost) return world.instance === undefined ? "nobody" : "imds"
  if (isUri) return "uri"
  if (ownProduct(world, target) !== undefined) return "own"
  return isLoopback(hostname) ? "nobody" : "unknown"
}

const isBuiltIn = Schema.is(EndpointSchema.members[0])

/** The services whose APIs are actions of a product, which a world may add to. */
const products: Partial<Record<Service, string>> = { sts: "Sts", ecs: "Ecs", cs: "CS" }

const productOf = (world: World, service: Service, target: Target): string | undefined =>
  service === "own" ? ownProduct(world, target) : products[service]

/** The action of the world's own that a request is for. */
const ownActionOf = (
  world: World,
  service: Service,
  exchange: Pick<Exchange, "parameters" | "request" | "target">
): string | undefined => {
  const product = productOf(world, service, exchange.target)
  return product === undefined ? undefined : ownAction(world, product, actionOf(exchange))
}

const endpointOf = (
  world: World,
  service: Service,
  exchange: Pick<Exchange, "parameters" | "request" | "target">
): Endpoint => {
  const { hostname, path } = exchange.target
  const own = ownActionOf(world, service, exchange) ??
    (service === "own" ? ownProduct(world, exchange.target) : undefined)
  if (own !== undefined) return own as Endpoint
  switch (service) {
    case "sts": {
      const endpoint = `sts.${actionOf(exchange) ?? ""}`
      return isBuiltIn(endpoint) ? endpoint : "sts"
    }
    case "imds":
      return imdsEndpoint(path)
    case "oauth":
      return oauthEndpoint(path)
    case "cloudsso":
      return cloudSsoEndpoint(path)
    case "oidc":
      return tokenEndpoint(world, exchange.target)
    case "nobody":
    case "own":
      return hostname === imdsHost ? imdsEndpoint(path) : "unknown"
    default:
      return service
  }
}

interface Answer {
  readonly outcome: Outcome
  readonly code?: string | undefined
}

const failureOf = (service: Service, exchange: Exchange, error: ApiError): Reply => {
  const product = productOf(exchange.state.world, service, exchange.target)
  if (product !== undefined) {
    return service === "cs" || isRoa(exchange)
      ? roaFailure(exchange, error, product)
      : failure(exchange, error, product)
  }
  switch (service) {
    case "oss":
      return ossFailure(exchange, error)
    case "oauth":
      return oauthFailure(exchange, error)
    case "cloudsso":
      return cloudSsoFailure(exchange, error)
    default:
      return json(error.status, { RequestId: exchange.requestId, Code: error.code, Message: error.message })
  }
}

const refuse = (service: Service, exchange: Exchange, error: ApiError): Answer => ({
  outcome: failureOf(service, exchange, error),
  code: error.code
})

const askService = (service: Service, exchange: Exchange): Effect.Effect<Answer> => {
  const { instance } = exchange.state.world
  const ask = (run: Effect.Effect<Reply, ApiError>): Effect.Effect<Answer> =>
    Effect.match(run, { onSuccess: (outcome) => ({ outcome }), onFailure: (error) => refuse(service, exchange, error) })
  const own = ownActionOf(exchange.state.world, service, exchange)
  if (own !== undefined || service === "own") return ask(ownApi(exchange, own))
  switch (service) {
    case "sts":
      return ask(sts(exchange))
    case "ecs":
      return ask(ecs(exchange))
    case "cs":
      return ask(cs(exchange))
    case "oss":
      return ask(oss(exchange))
    case "oauth":
      return ask(oauth(exchange))
    case "cloudsso":
      return ask(cloudSso(exchange))
    case "oidc":
      return ask(tokenPlatform(exchange))
    case "imds":
      return instance === undefined
        ? Effect.succeed({ outcome: { _tag: "Refused" } })
        : Effect.sync(() => ({ outcome: imds(exchange, instance) }))
    case "uri":
      return Effect.sync(() => ({ outcome: credentialsUri(exchange) }))
    case "nobody":
      return Effect.succeed({ outcome: { _tag: "Refused" } })
    case "unknown":
      return Effect.succeed({ outcome: { _tag: "UnknownHost" } })
  }
}

/** The status of a service's throttling response; services without one return a page. */
const throttledStatus: Partial<Record<Service, number>> = {
  sts: 400,
  ecs: 400,
  cs: 400,
  own: 400,
  oss: 503,
  oauth: 429,
  cloudsso: 429
}

const withHeader = ({ code, outcome }: Answer, name: string, value: string): Answer => ({
  code,
  outcome: outcome._tag === "Reply" ? { ...outcome, headers: { ...outcome.headers, [name]: value } } : outcome
})

const replace = (fault: Replacing, service: Service, exchange: Exchange): Answer => {
  const fail = (status: number, code: string, message: string): Answer =>
    refuse(service, exchange, apiError(status, code, message))
  switch (fault.kind) {
    case "status":
      return { outcome: reply(fault.status, fault.body ?? "", fault.contentType ?? "text/plain") }
    case "error":
      return fail(fault.status, fault.code, fault.message ?? "The fake was told to fail.")
    case "throttle": {
      const status = throttledStatus[service]
      const throttled = status === undefined
        ? { outcome: page(fault.status ?? 429, "Too Many Requests") }
        : fail(
          fault.status ?? status,
          fault.code ?? "Throttling.User",
          "Request was denied due to user flow control."
        )
      return fault.retryAfterMillis === undefined
        ? throttled
        : withHeader(throttled, "x-acs-retry-after", String(fault.retryAfterMillis))
    }
    case "malformed":
      return { outcome: reply(200, fault.body ?? "{\"AccessKeySecret\": fake-secret-malformed", "application/json") }
    case "html404":
      return { outcome: notFound }
    case "redirect":
      return {
        outcome: {
          _tag: "Reply",
          status: 302,
          headers: { location: fault.location, "content-type": "text/plain" },
          body: ""
        }
      }
    case "hang":
      return { outcome: { _tag: "Hang" } }
    case "refuse":
      return { outcome: { _tag: "Refused" } }
    case "disconnect":
      return { outcome: { _tag: "Disconnected" } }
  }
}

const finish = (outcome: Outcome, now: number): Outcome =>
  outcome._tag === "Reply" || outcome._tag === "Truncated"
    ? {
      ...outcome,
      headers: {
        ...outcome.headers,
        date: httpDate(now),
        "content-length": String(new TextEncoder().encode(outcome.body).length)
      }
    }
    : outcome

const carryOut = (service: Service, plan: Plan, exchange: Exchange): Effect.Effect<Answer> =>
  (plan.replacing === undefined
    ? askService(service, exchange)
    : Effect.succeed(replace(plan.replacing, service, exchange))).pipe(
      Effect.map(({ code, outcome }) => ({
        outcome: finish(editAll(outcome, plan.edits), exchange.now),
        code
      }))
    )

/** Answers one request and writes it down. */
export const answer: (state: State, request: Request) => Effect.Effect<Outcome> = Effect.fnUntraced(
  function*(state, request) {
    const target = targetOf(request.url)
    const parameters = parametersOf(request, target)
    const service = serviceOf(state.world, target)
    const endpoint = endpointOf(state.world, service, { parameters, request, target })
    const plan = planFor(state.faults, endpoint)
    const entry: OpenEntry = {
      at: yield* Clock.currentTimeMillis,
      endpoint,
      method: request.method,
      host: target.host,
      path: target.path,
      accessKeyId: service === "oss" ? ossAccessKeyId({ request, target }) : accessKeyIdOf({ parameters, request }),
      provider: request.headers["x-acs-credentials-provider"],
      faults: plan.kinds
    }
    state.journal.push(entry)
    if (plan.latencyMillis > 0) yield* Effect.sleep(plan.latencyMillis)
    const exchange: Exchange = {
      entry,
      state,
      request,
      target,
      parameters,
      now: (yield* Clock.currentTimeMillis) + (state.world.clockSkewSeconds + plan.skewSeconds) * 1000,
      requestId: nextRequestId(state),
      lifetimeSeconds: plan.lifetimeSeconds
    }
    const { code, outcome } = yield* carryOut(service, plan, exchange)
    entry.code = code
    if (outcome._tag === "Reply" || outcome._tag === "Truncated") entry.status = outcome.status
    return outcome
  }
)
