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
import { pipe } from "effect/Function"
import type * as Layer from "effect/Layer"
import * as CredentialsProvider from "./CredentialsProvider.ts"
import * as CliProfile from "./profiles/CliProfile.ts"
import * as CredentialsFile from "./profiles/CredentialsFile.ts"
import type * as RefreshPolicy from "./RefreshPolicy.ts"
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
 * The chain as a source: environment, OIDC, aliyun CLI profile, credentials file, ECS instance, credentials URI. With
 * `anyFailure` a source that is configured but broken is passed over, as in the official clients; with `unavailable` it
 * ends the chain.
 *
 * @since 0.1.0
 * @category constructors
 */
export const make = (
  fallThrough: Source.FallThrough
): Effect.Effect<Source.Source, never, Requirements> =>
  Effect.gen(function*() {
    const chain = pipe(
      yield* Environment.fromEnv,
      Source.orElse(yield* OidcRoleArn.fromEnv, { fallThrough }),
      Source.orElse(yield* CliProfile.fromEnv, { fallThrough }),
      Source.orElse(yield* CredentialsFile.fromEnv, { fallThrough }),
      Source.orElse(yield* EcsRamRole.fromEnv, { fallThrough }),
      Source.orElse(yield* CredentialsUri.fromEnv, { fallThrough })
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
  .layer(make("anyFailure"))

/**
 * The default chain that ends at a source that is configured but broken, so that, for example, a pod whose OIDC role is
 * broken does not become the node's role unnoticed.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerStrict: Layer.Layer<CredentialsProvider.CredentialsProvider, never, Requirements> =
  CredentialsProvider.layer(make("unavailable"))

/**
 * The default chain with options of your own.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerWith = (options: {
  readonly fallThrough?: Source.FallThrough | undefined
  readonly refresh?: RefreshPolicy.Options | undefined
}): Layer.Layer<CredentialsProvider.CredentialsProvider, never, Requirements> =>
  CredentialsProvider.layer(make(options.fallThrough ?? "anyFailure"), { refresh: options.refresh })
