/**
 * An Alibaba Cloud to test against: one model of the Security Token Service, the instance metadata service, OAuth,
 * CloudSSO, credentials URIs, and a corner each of ECS (RPC style), Container Service (ROA style) and OSS. Accounts,
 * users, roles, logins and trust are declared as data; signatures, time stamps, nonces, tokens, expirations and trust are
 * verified; faults can be put on every endpoint; a journal says what was asked.
 *
 * This module keeps the network in memory and runs everywhere; `FakeAlicloudServer` puts the same model behind real
 * sockets on Node.js. Time is the `Clock` of whoever asks, so `TestClock` drives it.
 *
 * @module
 * @since 0.1.0
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { answer, serviceOf } from "./internal/answer.ts"
import * as faults from "./internal/faults.ts"
import type * as http from "./internal/http.ts"
import { targetOf } from "./internal/http.ts"
import { makeMemoryClient } from "./internal/memoryClient.ts"
import { oauthLogin } from "./internal/oauth.ts"
import type * as state from "./internal/state.ts"
import { makeState } from "./internal/state.ts"
import * as world from "./internal/world.ts"

/**
 * What exists in the fake cloud. Everything is optional, unknown keys are errors, and it can be written as JSON. The
 * secrets in it are plain text: they open nothing.
 *
 * - `users`: `name`, `accountId` (default `1234567890123456`), `accessKeyId`, `accessKeySecret`, `root` (default
 *   false), `active` (default true), `canAssumeRole` (default true)
 * - `publicKeys`: for RSA sessions: `publicKeyId`, `publicKey` (SPKI PEM), `accountId`
 * - `roles`: `arn`, `trustedUsers` (`"*"`, or names and AccessKey IDs; default the users of the role's account, unless
 *   the role trusts roles, OIDC providers or ECS), `trustedRoles` (ARNs), `trustedOidcProviders` (ARNs), `ecs`,
 *   `externalId`, `maxSessionDuration` (seconds, default 3600)
 * - `oidcTokens`: `token`, `providerArn`, `subject`, `expiresAt` (ISO 8601), `audience` (default `sts.aliyuncs.com`)
 * - `bearerTokens`: `token`, `name`, `accountId`
 * - `instance`: the machine: `roleName`, `imdsV1` and `imdsV2` (default true), `sessionSeconds` (default 21600),
 *   `trailingNewline` after the role's name (default false). Without it the metadata service is unreachable
 * - `credentialsUris`: `path` (with query), `roleArn`, `sessionSeconds` (default 3600), `host` (default loopback)
 * - `oauthLogins`: logins with a browser: `site` (`CN`, the default, or `INTL`), `refreshToken`, `userName` (default
 *   `developer`; one of `users` or not), `accountId`, `refreshTokenExpiresAt` (ISO 8601, default never; the end of the
 *   whole login), `accessToken`, `accessTokenExpiresAt` (default never), `accessTokenSeconds` and `sessionSeconds`
 *   (default 3600), `omitExpiresIn` (default false). Every refresh replaces the refresh token; one that is used twice
 *   revokes all tokens of its login, but not the sessions. A login lives on as long as it is declared with the same
 *   `refreshToken`
 * - `oauthCasing`: `camel` (default) or `pascal`, the fields of an OAuth session
 * - `oauthReuseGraceSeconds`: how long a used refresh token is as good as new (default 0)
 * - `cloudSsoSites`: `host` (with or without port) and `logins`: `accessToken`, `expiresAt` (ISO 8601, default never),
 *   `userName` (default `developer`), `grants`: `accountId`, `accessConfigurationId`, `sessionSeconds` (default 3600).
 *   Its sessions are those of the role `AliyunReservedSSO-<accessConfigurationId>` of the account
 * - `stsHosts`: further hosts that answer like `sts.aliyuncs.com`
 * - `sessionSecondsScale`: every session lives this many times as long as asked for (default 1)
 * - `clockSkewSeconds`: how far the cloud's clock is ahead (default 0)
 * - `faults`: those that are on from the start
 *
 * @since 0.1.0
 * @category models
 */
export const World = world.World

/**
 * What exists in the fake cloud, decoded and with its defaults.
 *
 * @since 0.1.0
 * @category models
 */
export type World = world.World

/**
 * A world as it is written down.
 *
 * @since 0.1.0
 * @category models
 */
export type WorldInput = world.WorldInput

/**
 * The declared world cannot be: a wrong or unknown field, something declared twice, trust in a user who is not there.
 *
 * @since 0.1.0
 * @category errors
 */
export const InvalidWorld = world.InvalidWorld

/**
 * The declared world cannot be.
 *
 * @since 0.1.0
 * @category errors
 */
export type InvalidWorld = world.InvalidWorld

/**
 * What a request is for. `sts`, `imds`, `oauth` and `cloudsso` include all endpoints that start with them; `unknown` is
 * every address that the fake does not know.
 *
 * @since 0.1.0
 * @category models
 */
export const Endpoint = faults.Endpoint

/**
 * What a request is for.
 *
 * @since 0.1.0
 * @category models
 */
export type Endpoint = faults.Endpoint

/**
 * Something that goes wrong at an endpoint: for `times` matching requests (default all), after the first `after`
 * (default none). Several faults may affect one request.
 *
 * Instead of the service:
 * - `status` (`status`, `body`, `contentType`), `error` (`status`, `code`, `message`), `throttle` (`status`, `code`,
 *   `retryAfterMillis`; default 400 `Throttling.User`, 429 at OAuth and CloudSSO, a page with 429 where no API
 *   answers), `html404`, `redirect` (`location`)
 * - `malformed` (`body`): status 200 and something that is not JSON
 * - `hang`: no answer, `refuse`: no connection, `disconnect`: closed without an answer
 *
 * Around the service:
 * - `latency` (`millis`): answers later
 * - `skew` (`seconds`): the cloud's clock is ahead by so much more
 * - `expired`, `expiresInSeconds` (`seconds`): the lifetime of the session or access token in the answer
 * - `dropField` (`field`), `setField` (`field`, `value`): at any depth of the answer
 * - `huge` (`bytes`): the answer is that much longer, and still right
 * - `truncate`: the connection closes in the middle of the body, `stall`: silence from the middle of the body on
 *
 * @since 0.1.0
 * @category models
 */
export const Fault = faults.Fault

/**
 * Something that goes wrong at an endpoint.
 *
 * @since 0.1.0
 * @category models
 */
export type Fault = faults.Fault

/**
 * A request as it arrives, independent of what carried it.
 *
 * @since 0.1.0
 * @category models
 */
export type Request = http.Request

/**
 * What becomes of a request: an answer, one that breaks off, or none.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome = http.Outcome

/**
 * One request that arrived. Nothing secret is in it.
 *
 * @since 0.1.0
 * @category models
 */
export type JournalEntry = state.JournalEntry

/**
 * What has become of a declared OAuth login.
 *
 * @since 0.1.0
 * @category models
 */
export type OAuthLoginState = state.OAuthLoginState

/**
 * A fake cloud and the controls of whoever tests with it.
 *
 * @since 0.1.0
 * @category services
 */
export class FakeAlicloud extends Context.Tag("@effect-alicloud/testing/FakeAlicloud")<FakeAlicloud, {
  /** Answers a request; latency is waited for, a request without an answer is described, not acted out. */
  readonly handle: (request: Request) => Effect.Effect<Outcome>
  /** Whether somebody listens at an address. */
  readonly listens: (url: string) => boolean
  /** Every request so far, in the order of arrival, those without an answer included. */
  readonly journal: Effect.Effect<ReadonlyArray<JournalEntry>>
  /** How many requests an endpoint has received, `sts`, `imds`, `oauth` and `cloudsso` with all of theirs. */
  readonly count: (endpoint: Endpoint) => Effect.Effect<number>
  /** How many sessions were handed out. */
  readonly issued: Effect.Effect<number>
  /** The login with this refresh token, whether current or used up, or else the first login of this user. */
  readonly oauthLogin: (refreshTokenOrUser: string) => Effect.Effect<OAuthLoginState | undefined>
  readonly world: Effect.Effect<World>
  /** Changes what exists. Sessions, rotated tokens, nonces, faults and journal stay; `faults` of the new world are ignored. */
  readonly setWorld: (world: WorldInput) => Effect.Effect<void, InvalidWorld>
  /** Replaces all faults, and counts matching requests from now on. */
  readonly setFaults: (faults: ReadonlyArray<Fault>) => Effect.Effect<void>
  readonly addFault: (fault: Fault) => Effect.Effect<void>
  readonly clearFaults: Effect.Effect<void>
}>() {}

/**
 * Makes a fake cloud.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (input: WorldInput = {}): Effect.Effect<Context.Tag.Service<FakeAlicloud>, InvalidWorld> =>
  Effect.map(world.decodeWorld(input), (decoded) => {
    const current = makeState(decoded)
    return FakeAlicloud.of({
      handle: (request) => answer(current, request),
      listens: (url) => !["nobody", "unknown"].includes(serviceOf(current.world, targetOf(url))),
      journal: Effect.sync(() => current.journal.map((entry) => ({ ...entry }))),
      count: (endpoint) =>
        Effect.sync(() => current.journal.filter((entry) => faults.isWithin(entry.endpoint, endpoint)).length),
      issued: Effect.sync(() => current.issued),
      oauthLogin: (refreshTokenOrUser) => Effect.sync(() => oauthLogin(current, refreshTokenOrUser)),
      world: Effect.sync(() => current.world),
      setWorld: (next) =>
        Effect.map(world.decodeWorld(next), (decoded) => {
          current.world = decoded
        }),
      setFaults: (all) =>
        Effect.sync(() => {
          current.faults = all.map(faults.arm)
        }),
      addFault: (fault) =>
        Effect.sync(() => {
          current.faults.push(faults.arm(fault))
        }),
      clearFaults: Effect.sync(() => {
        current.faults = []
      })
    })
  })

/**
 * A client whose whole network is the fake cloud: other names have no address (`ENOTFOUND`), on loopback nobody else
 * listens (`ECONNREFUSED`).
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient: Layer.Layer<HttpClient.HttpClient, never, FakeAlicloud> = Layer.effect(
  HttpClient.HttpClient,
  Effect.map(FakeAlicloud, ({ handle }) => makeMemoryClient(handle))
)

/**
 * A fake cloud without a way to it, for `FakeAlicloudServer`.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerModel = (world?: WorldInput): Layer.Layer<FakeAlicloud, InvalidWorld> =>
  Layer.effect(FakeAlicloud, make(world))

/**
 * A fake cloud, and a client whose whole network it is.
 *
 * @example
 * ```ts
 * import { FakeAlicloud } from "@effect-alicloud/testing"
 *
 * const cloud = FakeAlicloud.layer({
 *   users: [{ name: "ci", accessKeyId: "LTAI5tFake", accessKeySecret: "fake-secret" }],
 *   roles: [{ arn: "acs:ram::1234567890123456:role/deploy" }],
 *   faults: [{ endpoint: "sts.AssumeRole", kind: "latency", millis: 500 }]
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = (world?: WorldInput): Layer.Layer<FakeAlicloud | HttpClient.HttpClient, InvalidWorld> =>
  Layer.provideMerge(layerClient, layerModel(world))
