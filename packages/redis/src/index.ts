/**
 * Sessions of roles, shared between processes on Redis.
 *
 * @module @effect-alicloud/redis
 * @since 0.1.0
 */
export * as RedisSessionStore from "./RedisSessionStore.ts"
