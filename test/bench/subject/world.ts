import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"

export const key = { accessKeyId: "LTAI5tBench", accessKeySecret: "bench-secret" }

export const roleArn = (name: string): string => `acs:ram::1234567890123456:role/${name}`

export const world: WorldInput = {
  users: [{ name: "bench", ...key }],
  roles: [{ arn: roleArn("bench") }]
}
