/**
 * The default credential chain on Node.js.
 *
 * @module @effect-alicloud/node
 * @since 0.1.0
 */
export * as NodeBackgroundClock from "./NodeBackgroundClock.ts"
export * as NodeCredentials from "./NodeCredentials.ts"
export * as NodeHttp from "./NodeHttp.ts"
export * as NodeLogin from "./NodeLogin.ts"
export * as NodePlatform from "./NodePlatform.ts"
