/**
 * A signed client of Alibaba Cloud APIs.
 *
 * @module @effect-alicloud/openapi
 * @since 0.1.0
 */
export * as CallCredentials from "./CallCredentials.ts"
export * as Ecs from "./Ecs.ts"
export * as OpenApi from "./OpenApi.ts"
export * as OpenApiError from "./OpenApiError.ts"
export * as Pages from "./Pages.ts"
export * as SigningClient from "./SigningClient.ts"
export * as Sts from "./Sts.ts"
