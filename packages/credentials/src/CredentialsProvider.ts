/**
 * The service that hands out credentials. `make` turns a source or chain into a provider: it remembers the winner,
 * keeps its session fresh, and reports which sources were skipped and why.
 *
 * @module
 * @since 0.1.0
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Layer from "effect/Layer"
import type * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import type { Credentials } from "./Credentials.ts"
import type { CredentialsError } from "./CredentialsError.ts"
import * as Winner from "./internal/source/winner.ts"
import type * as RefreshPolicy from "./RefreshPolicy.ts"
import * as SessionCache from "./SessionCache.ts"
import { fromEffect, orElse, type OrElseOptions, type Source } from "./Source.ts"

/**
 * The options of every layer of credentials.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Options {
  /** When the session is refreshed, and what happens when that fails. Default `RefreshPolicy.defaultPolicy`. */
  readonly refresh?: RefreshPolicy.Options | undefined
}

/**
 * The options of a layer that joins sources.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface ChainOptions extends OrElseOptions, Options {}

/**
 * What became of one source of a chain when it was last asked.
 *
 * @since 0.1.0
 * @category models
 */
export type Outcome =
  | { readonly _tag: "Won"; readonly source: string; readonly providerName: string }
  | { readonly _tag: "Skipped"; readonly source: string; readonly error: CredentialsError }
  | { readonly _tag: "NotAsked"; readonly source: string }

/**
 * Who won, who was skipped, and why. Before the first `get` no source has been tried.
 *
 * @since 0.1.0
 * @category models
 */
export interface ChainReport {
  readonly winner: Option.Option<string>
  readonly outcomes: ReadonlyArray<Outcome>
}

/**
 * Under this symbol a provider keeps the source that it is made of.
 *
 * @since 0.1.0
 * @category symbols
 */
export const TypeId: unique symbol = Symbol.for("@effect-alicloud/credentials/CredentialsProvider")

/**
 * What a provider can do.
 *
 * @since 0.1.0
 * @category models
 */
export interface Service {
  /** The source of a provider that `make` made, and the `get` that caches it. Copies of the provider keep both. */
  readonly [TypeId]?: { readonly source: Source; readonly get: Service["get"] } | undefined
  /** The current credentials, cached and refreshed early. */
  readonly get: Effect.Effect<Credentials, CredentialsError>
  /**
   * Says that the service refused these credentials. If they are the current ones, the next read fetches new ones; if
   * they have been replaced already, nothing happens.
   */
  readonly invalidate: (rejected: Credentials) => Effect.Effect<void>
  /** How the last walk of the chain went, also after a success. */
  readonly report: Effect.Effect<ChainReport>
  /** A fresh cached value without entering the Effect runtime, `undefined` when there is none. For bridges. */
  readonly unsafeCurrent: () => Credentials | undefined
}

/**
 * Hands out Alibaba Cloud credentials. Provide its layer once: a layer per call is a cache per call.
 *
 * @example
 * ```ts
 * import { AccessKey, CredentialsProvider } from "@effect-alicloud/credentials"
 * import { Effect, Redacted } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const provider = yield* CredentialsProvider.CredentialsProvider
 *   return yield* provider.get
 * })
 *
 * const layer = AccessKey.layer({ accessKeyId: "LTAI5tExample", accessKeySecret: Redacted.make("secret") })
 *
 * Effect.runPromise(Effect.provide(program, layer)).then((credentials) => console.log(credentials.type)) // access_key
 * ```
 *
 * @since 0.1.0
 * @category services
 */
export class CredentialsProvider
  extends Context.Tag("@effect-alicloud/credentials/CredentialsProvider")<CredentialsProvider, Service>()
{}

/**
 * The current credentials of the provider in the context, cached and refreshed early.
 *
 * @example
 * ```ts
 * import { AccessKey, CredentialsProvider } from "@effect-alicloud/credentials"
 * import { Effect, Redacted } from "effect"
 *
 * const layer = AccessKey.layer({ accessKeyId: "LTAI5tExample", accessKeySecret: Redacted.make("secret") })
 *
 * Effect.runPromise(Effect.provide(CredentialsProvider.get, layer)).then(({ type }) => console.log(type)) // access_key
 * ```
 *
 * @since 0.1.0
 * @category accessors
 */
export const get: Effect.Effect<Credentials, CredentialsError, CredentialsProvider> = Effect.flatMap(
  CredentialsProvider,
  (provider) => provider.get
)

/**
 * Says to the provider in the context that a service rejected these credentials, so that the next `get` fetches others.
 * If they have been replaced already, nothing happens.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { Effect } from "effect"
 *
 * declare const call: Effect.Effect<string, "rejected">
 *
 * const retriedOnce = Effect.flatMap(CredentialsProvider.get, (credentials) =>
 *   Effect.orElse(call, () => Effect.zipRight(CredentialsProvider.invalidate(credentials), call)))
 * ```
 *
 * @since 0.1.0
 * @category accessors
 */
export const invalidate = (rejected: Credentials): Effect.Effect<void, never, CredentialsProvider> =>
  Effect.flatMap(CredentialsProvider, (provider) => provider.invalidate(rejected))

/**
 * The report of the provider in the context: which source won, which were skipped and why.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { Effect } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   yield* Effect.ignore(CredentialsProvider.get)
 *   const { outcomes } = yield* CredentialsProvider.report
 *   for (const outcome of outcomes) {
 *     yield* Effect.log(`${outcome.source}: ${outcome._tag === "Skipped" ? outcome.error.message : outcome._tag}`)
 *   }
 * })
 * ```
 *
 * @since 0.1.0
 * @category accessors
 */
export const report: Effect.Effect<ChainReport, never, CredentialsProvider> = Effect.flatMap(
  CredentialsProvider,
  (provider) => provider.report
)

/**
 * Makes the provider of a source or chain: one session cache, one remembered winner, one report.
 *
 * The winner is remembered once it has succeeded, and a later failure of the winner is the answer: another identity is
 * never put in its place. If a source above the winner was configured but broken, it is tried again at the winner's
 * next refresh. The background work ends with the scope.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  source: Source,
  options?: Options
): Effect.Effect<Service, never, Scope.Scope> =>
  Effect.gen(function*() {
    const { invalidate, lookup, report } = Winner.make(source)
    const session = yield* SessionCache.make({
      name: source.chain === undefined ? source.name : "chain",
      refresh: options?.refresh,
      lookup: Effect.map(lookup, (found) => ({
        credentials: found.credentials,
        source: found.winner.name,
        undated: found.winner.undated ?? "expire"
      }))
    })
    return {
      [TypeId]: { source, get: session.get },
      get: session.get,
      invalidate: (rejected) => Effect.zipRight(session.invalidate(rejected), invalidate(rejected)),
      unsafeCurrent: session.unsafeCurrent,
      report
    }
  })

/**
 * The provider of a source as a layer.
 *
 * @since 0.1.0
 * @category layers
 */
export const layer = <E = never, R = never>(
  source: Source | Effect.Effect<Source, E, R>,
  options?: Options
): Layer.Layer<CredentialsProvider, E, Exclude<R, Scope.Scope>> =>
  Layer.scoped(
    CredentialsProvider,
    Effect.flatMap(Effect.isEffect(source) ? source : Effect.succeed(source), (made) => make(made, options))
  )

/**
 * The uncached source of a provider that `make` made, or of a copy of it, so that it can be joined with others under one
 * cache. Any other provider, and a copy with a `get` of its own, becomes a source whose `get` is that of the provider.
 *
 * @since 0.1.0
 * @category combinators
 */
export const sourceOf = (provider: Service): Source =>
  provider[TypeId]?.get === provider.get ? provider[TypeId].source : fromEffect("CredentialsProvider", provider.get)

/**
 * Joins what two layers build, under one cache: `that` is tried when `self` has no credentials.
 *
 * @example
 * ```ts
 * import { CredentialsProvider, Environment, EcsRamRole } from "@effect-alicloud/credentials"
 *
 * const chain = Environment.layer().pipe(
 *   CredentialsProvider.layerOrElse(EcsRamRole.layer({ roleName: "build-agent" }))
 * )
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerOrElse: {
  <E2, R2>(
    that: Layer.Layer<CredentialsProvider, E2, R2>,
    options?: ChainOptions
  ): <E, R>(self: Layer.Layer<CredentialsProvider, E, R>) => Layer.Layer<CredentialsProvider, E | E2, R | R2>
  <E, R, E2, R2>(
    self: Layer.Layer<CredentialsProvider, E, R>,
    that: Layer.Layer<CredentialsProvider, E2, R2>,
    options?: ChainOptions
  ): Layer.Layer<CredentialsProvider, E | E2, R | R2>
} = dual(
  (args) => Layer.isLayer(args[1]),
  <E, R, E2, R2>(
    self: Layer.Layer<CredentialsProvider, E, R>,
    that: Layer.Layer<CredentialsProvider, E2, R2>,
    options?: ChainOptions
  ): Layer.Layer<CredentialsProvider, E | E2, R | R2> =>
    Layer.scoped(
      CredentialsProvider,
      Effect.gen(function*() {
        const first = sourceOf(Context.get(yield* Layer.build(self), CredentialsProvider))
        const second = sourceOf(Context.get(yield* Layer.build(that), CredentialsProvider))
        return yield* make(orElse(first, second, options), options)
      })
    )
)
