/**
 * Where credentials come from: one value per source or chain, from which `CredentialsProvider.make` makes a provider
 * with a cache. `orElse` joins sources to a chain, `fromEffect` and `fromPromise` make a source of an effect or a function of
 * your own.
 *
 * @module
 * @since 0.1.0
 */
import * as Effect from "effect/Effect"
import { dual } from "effect/Function"
import * as Predicate from "effect/Predicate"
import type { Credentials } from "./Credentials.ts"
import { withProviderName } from "./Credentials.ts"
import type { CredentialsError, InvalidConfig } from "./CredentialsError.ts"
import { walk } from "./internal/source/chain.ts"
import { resolution } from "./internal/source/fromPromise.ts"
import type * as RefreshPolicy from "./RefreshPolicy.ts"
import { Sharing } from "./unstable/Sharing.ts"

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
  /** What it shares with other processes through a `SessionStore`. */
  readonly [Sharing]?: Sharing | undefined
}

/**
 * An environment variable that configures a source.
 *
 * - `identity`: it chooses whose credentials are used: an AccessKey ID, a role, a file, a profile
 * - `secret`: it does, too, and its value is or may contain a secret
 * - `setting`: it says how they are obtained, for example from which STS endpoint
 *
 * @since 0.1.0
 * @category models
 */
export interface Variable {
  readonly name: string
  readonly kind: "identity" | "secret" | "setting"
}

/**
 * Something on this machine that a source looks at. The values of variables and the contents of files are not part of
 * it. An address is an origin, because the rest of a URL may contain secrets; a path is as it was configured.
 *
 * @since 0.1.0
 * @category models
 */
export type Place =
  | { readonly _tag: "Variable"; readonly name: string; readonly set: boolean }
  | {
    readonly _tag: "File"
    readonly path: string
    readonly exists: boolean
    /** Where in the file, for example `$.profiles[2]` or `[default]`. */
    readonly at?: string | undefined
    /** The name of the profile there. */
    readonly profile?: string | undefined
  }
  | { readonly _tag: "Address"; readonly address: string }

/**
 * What there is to know of a source of a chain: how to make it, and what configures it. `DefaultChain.sources` is a list
 * of these, and so is the chain that you give to `DefaultChain.layerWith`; the command line tool reads everything that
 * it knows of a source from here.
 *
 * @example
 * ```ts
 * import { Credentials, DefaultChain, Source } from "@effect-alicloud/credentials"
 * import { Effect } from "effect"
 *
 * const vault: Source.Definition = {
 *   name: "Vault",
 *   variables: [{ name: "VAULT_ADDR", kind: "identity" }, { name: "VAULT_TOKEN", kind: "secret" }],
 *   switches: ["VAULT_DISABLED"],
 *   fromEnv: Effect.succeed(Source.fromEffect(
 *     "Vault",
 *     Effect.succeed(Credentials.accessKey({
 *       type: "vault",
 *       providerName: "vault",
 *       accessKeyId: "LTAI5tExample",
 *       accessKeySecret: "secret"
 *     }))
 *   )),
 *   places: () => Effect.succeed([{ _tag: "Address", address: "https://vault.example.com" }])
 * }
 *
 * const layer = DefaultChain.layerWith({ sources: [...DefaultChain.sources, vault] })
 * ```
 *
 * @since 0.1.0
 * @category models
 */
export interface Definition<out R = never> {
  /** As in reports and errors. */
  readonly name: string
  /** Every variable that configures it, aliases included. */
  readonly variables: ReadonlyArray<Variable>
  /** The variables that turn it off when they are `true`. */
  readonly switches: ReadonlyArray<string>
  /** Makes the source. It reads its options at each `get`. */
  readonly fromEnv: Effect.Effect<Source, never, R>
  /** Makes the source for a profile or section of that name, where the source knows several. */
  readonly fromProfile?: ((profileName: string) => Effect.Effect<Source, InvalidConfig, R>) | undefined
  /** The names of those profiles, as far as they can be read; for completions. */
  readonly profileNames?: Effect.Effect<ReadonlyArray<string>, never, R> | undefined
  /** The profile that is used, with that name or without one, and its region; for prompts and for `exec`. */
  readonly profileInUse?:
    | ((profileName: string | undefined) => Effect.Effect<ProfileInUse | undefined, never, R>)
    | undefined
  /** What it looks at here, with that profile or without, in the order in which it does. No request is sent. */
  readonly places: (profileName?: string) => Effect.Effect<ReadonlyArray<Place>, never, R>
}

/**
 * The name of a profile, and the region that its file says it is for.
 *
 * @since 0.1.0
 * @category models
 */
export interface ProfileInUse {
  readonly name: string
  readonly region?: string | undefined
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
 * The result of an async function of your own. An empty or missing `securityToken` means a pair. Credentials without
 * `expiration` are requested again after 15 minutes.
 *
 * @since 0.1.0
 * @category models
 */
export type Keys =
  | {
    readonly accessKeyId: string
    readonly accessKeySecret: string
    readonly securityToken?: string | null | undefined
    /** When they expire; text is an RFC 3339 time: `2026-01-02T03:04:05Z`. */
    readonly expiration?: Date | string | null | undefined
  }
  | { readonly bearerToken: string }

/**
 * The `AbortSignal` of the runtime, where its types are known.
 *
 * @since 0.1.0
 * @category models
 */
export type Signal = typeof globalThis extends { readonly AbortSignal: { readonly prototype: infer Known } } ? Known
  : unknown

/**
 * An async function of your own that gets credentials. The signal is aborted after 30 seconds, and when the provider that
 * uses the function is closed.
 *
 * @since 0.1.0
 * @category models
 */
export type GetKeys = (signal: Signal) => PromiseLike<Keys>

/**
 * A source from an async function of your own. If the function is rejected with a `CredentialsError`, that is the error of
 * readers. Anything else becomes a `SourceFailed` that shows only the name and code of the error, because its text may
 * contain secrets.
 *
 * @example
 * ```ts
 * import { CredentialsProvider, Source } from "@effect-alicloud/credentials"
 * import { Effect } from "effect"
 *
 * const layer = CredentialsProvider.layer(Source.fromPromise("Vault", async (signal) => {
 *   signal.throwIfAborted() // or pass it on: fetch(url, { signal })
 *   return { accessKeyId: "LTAI5tExample", accessKeySecret: "secret" }
 * }))
 *
 * Effect.runPromise(Effect.provide(CredentialsProvider.get, layer)).then(({ type }) => console.log(type)) // Vault
 * ```
 *
 * @since 0.1.0
 * @category constructors
 */
export const fromPromise = (
  name: string,
  get: GetKeys,
  options?: { readonly undated?: RefreshPolicy.Undated | undefined }
): Source => fromEffect(name, resolution(name, get), options)

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
 * Joins two sources: `that` is tried when `self` has no credentials. The errors of both are kept.
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
      get: Effect.map(
        self.get,
        (credentials) => withProviderName(credentials, `${prefix}/${credentials.providerName}`)
      ),
      [Sharing]: self[Sharing] && {
        ...self[Sharing],
        identity: Effect.map(
          self[Sharing].identity,
          (identity) => identity && { ...identity, providerName: `${prefix}/${identity.providerName}` }
        )
      }
    }
    : orElse(withProviderPrefix(self.chain.first, prefix), withProviderPrefix(self.chain.second, prefix), self.chain))
