/**
 * The documented default chain: the same program finds its credentials on a laptop, in a pod, on an instance.
 *
 * @module
 * @since 0.1.0
 */
import type * as CommandExecutor from "@effect/platform/CommandExecutor"
import type * as FileSystem from "@effect/platform/FileSystem"
import type * as HttpClient from "@effect/platform/HttpClient"
import type * as Path from "@effect/platform/Path"
import * as Effect from "effect/Effect"
import type * as Layer from "effect/Layer"
import { NoCredentials } from "./CredentialsError.ts"
import * as CredentialsProvider from "./CredentialsProvider.ts"
import * as CliProfile from "./profiles/CliProfile.ts"
import * as CredentialsFile from "./profiles/CredentialsFile.ts"
import * as Source from "./Source.ts"
import * as CredentialsUri from "./sources/CredentialsUri.ts"
import * as EcsRamRole from "./sources/EcsRamRole.ts"
import * as Environment from "./sources/Environment.ts"
import * as OidcRoleArn from "./sources/OidcRoleArn.ts"

/**
 * What the chain's sources need. `@effect-alicloud/node` provides it on Node.js.
 *
 * @since 0.1.0
 * @category models
 */
export type Requirements =
  | CommandExecutor.CommandExecutor
  | FileSystem.FileSystem
  | HttpClient.HttpClient
  | Path.Path

/**
 * The sources of the chain, in order.
 *
 * @since 0.1.0
 * @category constants
 */
export const sources: ReadonlyArray<Source.Definition<Requirements>> = [
  Environment.definition,
  OidcRoleArn.definition,
  CliProfile.definition,
  CredentialsFile.definition,
  EcsRamRole.definition,
  CredentialsUri.definition
]

/**
 * How a chain is made.
 *
 * @since 0.1.0
 * @category configuration
 */
export interface Options<R = Requirements> {
  /** The sources, in order. Default `sources`. */
  readonly sources?: ReadonlyArray<Source.Definition<R>> | undefined
  /**
   * With `anyFailure`, the default, a source that is configured but broken is passed over, as in the official clients;
   * with `unavailable` it ends the chain.
   */
  readonly fallThrough?: Source.FallThrough | undefined
}

/**
 * The chain as a source. Its credentials report `default/` before their provider name.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = <R = Requirements>(options: Options<R> = {}): Effect.Effect<Source.Source, never, R> =>
  Effect.gen(function*() {
    const { fallThrough = "anyFailure" } = options
    const definitions = options.sources ?? sources as ReadonlyArray<Source.Definition<R>>
    const [first, ...others] = yield* Effect.forEach(definitions, ({ fromEnv }) => fromEnv)
    const chain = others.reduce(
      (above, next) => Source.orElse(above, next, { fallThrough }),
      first ?? Source.fromEffect("DefaultChain", new NoCredentials({ attempts: [] }))
    )
    return Source.withProviderPrefix(chain, "default")
  })

/**
 * The default chain as documented: any failure leads to the next source. A source that is configured but broken is
 * named in a warning.
 *
 * @example
 * ```ts
 * import { CredentialsProvider, DefaultChain } from "@effect-alicloud/credentials"
 * import { NodePlatform } from "@effect-alicloud/node"
 * import { Effect, Layer } from "effect"
 *
 * const program = Effect.gen(function*() {
 *   const provider = yield* CredentialsProvider.CredentialsProvider
 *   const credentials = yield* provider.get
 *   yield* Effect.log(credentials.providerName)
 * })
 *
 * const runnable = Effect.provide(program, Layer.provide(DefaultChain.layer, NodePlatform.layer))
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<CredentialsProvider.CredentialsProvider, never, Requirements> = CredentialsProvider
  .layer(make())

/**
 * The default chain that ends at a source that is configured but broken, so that, for example, a pod whose OIDC role is
 * broken does not become the node's role unnoticed.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerStrict: Layer.Layer<CredentialsProvider.CredentialsProvider, never, Requirements> =
  CredentialsProvider.layer(make({ fallThrough: "unavailable" }))

/**
 * The default chain with options of your own: other sources, another `fallThrough`, another refresh.
 *
 * @example
 * ```ts
 * import { CredentialsUri, DefaultChain, Environment } from "@effect-alicloud/credentials"
 *
 * const layer = DefaultChain.layerWith({
 *   sources: [Environment.definition, CredentialsUri.definition],
 *   refresh: { earlyWindow: "10 minutes" }
 * })
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = <R = Requirements>(
  options: Options<R> & CredentialsProvider.Options
): Layer.Layer<CredentialsProvider.CredentialsProvider, never, R> =>
  CredentialsProvider.layer(make(options), { refresh: options.refresh })
