/**
 * Scripted credentials and a fake Alibaba Cloud for tests.
 *
 * @module @effect-alicloud/testing
 * @since 0.1.0
 */
export * as Action from "./Action.ts"
export * as FakeAlicloud from "./FakeAlicloud.ts"
export * as FakeAlicloudServer from "./FakeAlicloudServer.ts"
export * as Fault from "./Fault.ts"
export * as TestCredentials from "./TestCredentials.ts"
export * as World from "./World.ts"
export * as WorldLogins from "./WorldLogins.ts"
export * as WorldTokens from "./WorldTokens.ts"
