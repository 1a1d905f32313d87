/**
 * The default chain on Node.js, in one layer.
 *
 * @module
 * @since 0.1.0
 */
import type * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as DefaultChain from "@effect-alicloud/credentials/DefaultChain"
import * as Layer from "effect/Layer"
import * as NodePlatform from "./NodePlatform.ts"

/**
 * The official default chain with everything it needs on Node.js.
 *
 * @example
 * ```ts
 * import { CredentialsProvider } from "@effect-alicloud/credentials"
 * import { NodeCredentials } from "@effect-alicloud/node"
 * import { Effect } from "effect"
 *
 * const program = CredentialsProvider.get
 *
 * const runnable = Effect.provide(program, NodeCredentials.layer)
 * ```
 *
 * @since 0.1.0
 * @category layers
 */
export const layer: Layer.Layer<CredentialsProvider.CredentialsProvider> = Layer.provide(
  DefaultChain.layer,
  NodePlatform.layer
)

/**
 * The default chain that stops at a source that is configured but broken, with everything it needs on Node.js.
 *
 * @since 0.1.0
 * @category layers
 */
export const layerStrict: Layer.Layer<CredentialsProvider.CredentialsProvider> = Layer.provide(
  DefaultChain.layerStrict,
  NodePlatform.layer
)
