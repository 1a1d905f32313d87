/**
 * @since 0.1.0
 */
export * as FakeAlicloud from "./FakeAlicloud.ts"
export * as FakeAlicloudServer from "./FakeAlicloudServer.ts"
export * as TestCredentials from "./TestCredentials.ts"
