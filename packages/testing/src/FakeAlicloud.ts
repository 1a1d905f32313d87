/**
 * An Alibaba Cloud to test against: one model of the Security Token Service, the instance metadata service, OAuth,
 * CloudSSO, credentials URIs, the token endpoints of CI and other clouds, and a corner each of ECS (RPC style), Container Service (ROA style) and OSS. Accounts,
 * users, roles, logins and trust are declared as data; signatures, time stamps, nonces, tokens, expirations and trust are
 * verified; faults can be put on every endpoint; a journal records the requests.
 *
 * This module keeps the network in memory and runs everywhere; `FakeAlicloudServer` puts the same model behind real
 * sockets on Node.js. Time is the `Clock` of the caller, so `TestClock` drives it.
 *
 * @module
 * @since 0.1.0
 */
import { SocketClient } from "@effect-alicloud/credentials/Platform"
import * as HttpClient from "@effect/platform/HttpClient"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type { Endpoint, Fault } from "./Fault.ts"
import { answer, serviceOf } from "./internal/answer.ts"
import { decodeWorld } from "./internal/decodeWorld.ts"
import * as faults from "./internal/faults.ts"
import { targetOf } from "./internal/http.ts"
import * as jwt from "./internal/jwt.ts"
import { makeMemoryClient } from "./internal/memoryClient.ts"
import { oauthLogin } from "./internal/oauth.ts"
import { makeState } from "./internal/state.ts"
import type { InvalidWorld, World, WorldInput } from "./World.ts"

export { Endpoint, Fault } from "./Fault.ts"
export { InvalidWorld, World, type WorldInput } from "./World.ts"

/**
 * A request as it arrives, independent of what carried it.
 *
 * @since 0.1.0
 * @category models
 */
export interface Request {
  readonly method: string
  /** Absolute, as sent; its host decides which service answers. */
  readonly url: string
  /** Lower-case names. `host` is what signatures cover, default the host of `url`. */
  readonly headers: Readonly<Record<string, string>>
  /** Text, empty when there is none. */
  readonly body: string
}

/**
 * An answer.
 *
 * @since 0.1.0
 * @category models
 */
export interface Reply {
  readonly _tag: "Reply"
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * An answer whose end never arrives: `content-length` is that of `body`, but only `sent` comes.
 *
 * @since 0.1.0
 * @category models
 */
export interface Truncated {
  readonly _tag: "Truncated"
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly sent: string
  /** The end after `sent`: the connection closes, or stays open without data. */
  readonly ending: "close" | "silence"
}

/**
 * What becomes of a request without an answer.
 *
 * - `Hang`: the connection stays open, nothing comes
 * - `Refused`: there is no listener
 * - `Disconnected`: the connection closes before an answer
 * - `UnknownHost`: the name has no address
 *
 * @since 0.1.0
 * @category models
 */
export interface NoAnswer {
  readonly _tag: "Hang" | "Refused" | "Disconnected" | "UnknownHost"
}

/**
 * What becomes of a request.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome = Reply | Truncated | NoAnswer

/**
 * One request that arrived. Nothing secret is in it.
 *
 * @since 0.1.0
 * @category models
 */
export interface JournalEntry {
  /** Epoch milliseconds of the machine's clock. */
  readonly at: number
  readonly endpoint: Endpoint
  readonly method: string
  readonly host: string
  /** Without query. */
  readonly path: string
  /** Absent as long as, or when, there was no answer. */
  readonly status?: number | undefined
  /** The error code of the answer. */
  readonly code?: string | undefined
  /** Why one of the world's own `actions` threw or died. */
  readonly problem?: string | undefined
  readonly accessKeyId?: string | undefined
  /** The header `x-acs-credentials-provider`. */
  readonly provider?: string | undefined
  /** The faults that affected this request. */
  readonly faults: ReadonlyArray<string>
}

/**
 * What has become of a declared OAuth login.
 *
 * @since 0.1.0
 * @category models
 */
export interface OAuthLoginState {
  /** The newest one: as declared, then from the last refresh. */
  readonly currentRefreshToken: string
  /** The newest one, absent when none was declared and none was fetched. */
  readonly currentAccessToken: string | undefined
  /** Whether a refresh token was used twice, which ended every token of the login. */
  readonly revoked: boolean
  /** How often tokens were handed out. */
  readonly refreshes: number
  /** How often a session was handed out. */
  readonly exchanges: number
}

/**
 * A fake cloud and its controls for tests.
 *
 * @since 0.1.0
 * @category services
 */
export class FakeAlicloud extends Context.Tag("@effect-alicloud/testing/FakeAlicloud")<FakeAlicloud, {
  /** Answers a request; latency is waited for, a request without an answer is described, not acted out. */
  readonly handle: (request: Request) => Effect.Effect<Outcome>
  /** Whether there is a listener at an address. */
  readonly listens: (url: string) => boolean
  /** Every request so far, in the order of arrival, those without an answer included. */
  readonly journal: Effect.Effect<ReadonlyArray<JournalEntry>>
  /** How many requests an endpoint has received, `sts`, `imds`, `oauth`, `cloudsso` and `oidc` with all of theirs. */
  readonly count: (endpoint: Endpoint) => Effect.Effect<number>
  /** How many sessions were handed out. */
  readonly issued: Effect.Effect<number>
  /** The login with this refresh token, whether current or used up, or else the first login of this user. */
  readonly oauthLogin: (refreshTokenOrUser: string) => Effect.Effect<OAuthLoginState | undefined>
  /** An OIDC token with these claims, such as `iss`, `sub`, `aud`, `iat` and `exp`, signed with the key of the platforms. */
  readonly signOidcToken: (claims: Readonly<Record<string, unknown>>) => Effect.Effect<string>
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
  Effect.map(decodeWorld(input), (decoded) => {
    const current = makeState(decoded)
    return FakeAlicloud.of({
      handle: (request) => answer(current, request),
      listens: (url) => !["nobody", "unknown"].includes(serviceOf(current.world, targetOf(url))),
      journal: Effect.sync(() => current.journal.map((entry) => ({ ...entry }))),
      count: (endpoint) =>
        Effect.sync(() => current.journal.filter((entry) => faults.isWithin(entry.endpoint, endpoint)).length),
      issued: Effect.sync(() => current.issued),
      oauthLogin: (refreshTokenOrUser) => Effect.sync(() => oauthLogin(current, refreshTokenOrUser)),
      signOidcToken: jwt.sign,
      world: Effect.sync(() => current.world),
      setWorld: (next) =>
        Effect.map(decodeWorld(next), (decoded) => {
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
 * listens (`ECONNREFUSED`). Every Unix socket leads to it, too.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerClient: Layer.Layer<HttpClient.HttpClient | SocketClient, never, FakeAlicloud> = Layer.effectContext(
  Effect.map(FakeAlicloud, ({ handle }) => {
    const client = makeMemoryClient(handle)
    return Context.make(HttpClient.HttpClient, client).pipe(Context.add(SocketClient, Option.some(() => client)))
  })
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
export const layer = (
  world?: WorldInput
): Layer.Layer<FakeAlicloud | HttpClient.HttpClient | SocketClient, InvalidWorld> =>
  Layer.provideMerge(layerClient, layerModel(world))
