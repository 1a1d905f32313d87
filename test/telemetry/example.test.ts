import { FakeAlicloud } from "@effect-alicloud/testing"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import * as example from "../../packages/credentials/examples/telemetry.ts"
import { assertNoLeak } from "../kit/leaks.ts"
import type { Attribute, Metric } from "./utils/collector.ts"
import { collector } from "./utils/collector.ts"

const secret = "s3cr3t-of-the-pair"

const world: FakeAlicloud.WorldInput = {
  users: [{ name: "ci", accessKeyId: "LTAI5tCi", accessKeySecret: secret }],
  roles: [{ arn: "acs:ram::1234567890123456:role/deploy" }]
}

const variables = (url: string) =>
  Layer.setConfigProvider(ConfigProvider.fromMap(
    new Map([
      ["ALIBABA_CLOUD_ACCESS_KEY_ID", "LTAI5tCi"],
      ["ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret],
      ["OTEL_EXPORTER_OTLP_ENDPOINT", url]
    ])
  ))

const record = (attributes: ReadonlyArray<Attribute>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.stringValue ?? value.doubleValue ?? (value.intValue === undefined ? undefined : Number(value.intValue))
    ])
  )

/** Data points are of all that this process has done, so only the wanted ones are looked for. */
const tags = (metric: Metric | undefined): ReadonlyArray<object> =>
  (metric?.sum ?? metric?.gauge ?? metric?.histogram)?.dataPoints.map(({ attributes }) => record(attributes)) ?? []

describe("the telemetry example", () => {
  it.scopedLive("exports spans and metrics over OTLP, and no secret", () =>
    Effect.gen(function*() {
      const { metrics, requests, resources, spans, url } = yield* collector
      const answer = yield* example.program.pipe(
        Effect.provide(example.layer.pipe(Layer.provide([FakeAlicloud.layer(world), variables(url)])))
      )
      assert.deepStrictEqual(answer, { providerName: "ram_role_arn/env", type: "ram_role_arn" })

      const own = spans().map(({ attributes, kind, name, status }) => ({
        name,
        kind,
        status: status.code,
        attributes: record(attributes)
      }))
      assert.deepStrictEqual(own, [
        {
          name: "alicloud.credentials.refresh",
          kind: 1,
          status: 1,
          attributes: { source: "Environment", outcome: "success", attempt: 1 }
        },
        {
          name: "alicloud.sts.AssumeRole",
          kind: 3,
          status: 1,
          attributes: { source: "RamRoleArn", "server.address": "sts.aliyuncs.com" }
        },
        {
          name: "alicloud.credentials.refresh",
          kind: 1,
          status: 1,
          attributes: { source: "RamRoleArn", outcome: "success", attempt: 1 }
        },
        { name: "deploy", kind: 1, status: 1, attributes: {} }
      ])
      const [, call, refresh] = spans()
      assert.deepStrictEqual([call?.traceId, call?.parentSpanId], [refresh?.traceId, refresh?.spanId])

      const named = (name: string) => metrics().find((metric) => metric.name === name)
      const total = named("alicloud_credentials_refresh_total")
      assert.isTrue(total?.sum?.isMonotonic)
      assert.deepInclude(tags(total), { source: "RamRoleArn", outcome: "success" })
      assert.deepInclude(tags(named("alicloud_credentials_seconds_to_expiry")), { source: "RamRoleArn" })
      assert.deepInclude(tags(named("alicloud_credentials_refresh_duration_seconds")), {})

      for (const { attributes } of resources()) assert.strictEqual(record(attributes)["service.name"], "deploy")
      const addresses = new Set(requests.map(({ line }) => line).filter((line) => !line.includes("/v1/logs")))
      assert.sameMembers([...addresses], ["POST /v1/traces application/json", "POST /v1/metrics application/json"])
      assertNoLeak(requests)
    }))
})
