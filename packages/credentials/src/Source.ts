/**
 * Where credentials come from: one value per source or chain, from which `CredentialsProvider.make` makes a provider
 * with a cache. `orElse` joins sources to a chain, `fromEffect` makes a source of an effect of your own.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type { Credentials } from "./Credentials.ts"
import { withProviderName } from "./Credentials.ts"
import type { CredentialsError } from "./CredentialsError.ts"
import { walk } from "./internal/source/chain.ts"
import type * as RefreshPolicy from "./RefreshPolicy.ts"

/**
 * Where credentials come from. One `get` is one resolution: nothing is cached.
 *
 * @since 0.1.0
 * @category models
 */
export interface Source {
  readonly name: string
  readonly get: Effect.Effect<Credentials, CredentialsError>
  /** What to do with credentials that carry no expiration. Default `expire`. */
  readonly undated?: RefreshPolicy.Undated | undefined
  /** The two sides, if this source is a chain made by `orElse`. */
  readonly chain?: { readonly first: Source; readonly second: Source; readonly fallThrough: FallThrough } | undefined
}

/**
 * When a chain goes on to the next source.
 *
 * - `unavailable`: only past a source that is not configured; one that is configured and broken ends the chain
 * - `anyFailure`: past every error, as the official default chain does
 *
 * @since 0.1.0
 * @category models
 */
export type FallThrough = "unavailable" | "anyFailure"

/**
 * A source from an effect of your own, for example a vault. `undated` says what to do with credentials that carry no
 * expiration; by default they are used for 15 minutes.
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromEffect = (
  name: string,
  get: Effect.Effect<Credentials, CredentialsError>,
  options?: { readonly undated?: RefreshPolicy.Undated | undefined }
): Source => ({ name, get, undated: options?.undated })

/**
 * How two sources are joined.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface OrElseOptions {
  /** When the second source is used. Default `unavailable`. */
  readonly fallThrough?: FallThrough | undefined
}

const isSource = (input: unknown): input is Source => Predicate.hasProperty(input, "get")

/**
 * Joins two sources: `that` is asked when `self` has no credentials. The errors of both are kept.
 *
 * @since 0.1.0
 * @category combinators
 */
export const orElse: {
  (that: Source, options?: OrElseOptions): (self: Source) => Source
  (self: Source, that: Source, options?: OrElseOptions): Source
} = dual(
  (args) => isSource(args[1]),
  (self: Source, that: Source, options?: OrElseOptions): Source => {
    const joined: Source = {
      name: `${self.name} | ${that.name}`,
      get: Effect.suspend(() =>
        Effect.mapBoth(walk(joined, undefined), {
          onFailure: (ended) => ended.error,
          onSuccess: (found) => found.credentials
        })
      ),
      chain: { first: self, second: that, fallThrough: options?.fallThrough ?? "unavailable" }
    }
    return joined
  }
)

/**
 * The same source whose credentials report `prefix/` before their provider name, as the official clients name what
 * wraps a source: `default/env`.
 *
 * @since 0.1.0
 * @category combinators
 */
export const withProviderPrefix: {
  (prefix: string): (self: Source) => Source
  (self: Source, prefix: string): Source
} = dual(2, (self: Source, prefix: string): Source =>
  self.chain === undefined
    ? {
      ...self,
      get: Effect.map(self.get, (credentials) => withProviderName(credentials, `${prefix}/${credentials.providerName}`))
    }
    : orElse(withProviderPrefix(self.chain.first, prefix), withProviderPrefix(self.chain.second, prefix), self.chain))
