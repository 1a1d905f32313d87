import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bundleModule } from "../kit/bundles.ts"
import { runOnFake } from "../kit/runOnFake.ts"

const ci = { accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }

const cloud = FakeAlicloudServer.layer({
  users: [{ name: "ci", ...ci }],
  roles: [{ arn: "acs:ram::1234567890123456:role/deploy" }],
  credentialsUris: [{ path: "/credentials" }]
})

const example = (name: string) => bundleModule(new URL(`../../packages/sdk/examples/${name}.ts`, import.meta.url))

describe("the examples, on a fake cloud over HTTPS", () => {
  for (
    const [name, output] of [
      ["V2Client", /^cn-hangzhou\n/],
      ["OssUpload", /^uploaded 10, read the first at https:\/\/company-reports\.oss-cn-hangzhou\.aliyuncs\.com\n$/],
      ["PopCore", /^FA4E[\w-]+\nFA4E[\w-]+\n$/]
    ] as const
  ) {
    it.scopedLive(`${name} runs and ends by itself`, () =>
      Effect.gen(function*() {
        const ended = yield* runOnFake([yield* example(name)], {
          ALIBABA_CLOUD_ACCESS_KEY_ID: ci.accessKeyId,
          ALIBABA_CLOUD_ACCESS_KEY_SECRET: ci.accessKeySecret,
          CI_KEY_ID: ci.accessKeyId,
          CI_KEY_SECRET: ci.accessKeySecret
        })
        assert.deepInclude(ended, { code: 0, stderr: "" })
        assert.match(ended.stdout, output)
      }).pipe(Effect.provide(cloud)), 60_000)
  }

  it.scopedLive(
    "a source that was passed over is reported on standard error, which leaves the output alone",
    () =>
      Effect.gen(function*() {
        const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
        const ended = yield* runOnFake([yield* example("V2Client")], {
          ALIBABA_CLOUD_ROLE_ARN: "acs:ram::1234567890123456:role/deploy",
          ALIBABA_CLOUD_OIDC_PROVIDER_ARN: "acs:ram::1234567890123456:oidc-provider/k8s",
          ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/nonexistent/token",
          ALIBABA_CLOUD_CREDENTIALS_URI: `${httpUrl}/credentials`
        })
        assert.strictEqual(ended.code, 0)
        assert.match(ended.stdout, /^cn-hangzhou\n/)
        assert.match(ended.stderr, /level=WARN .*broken and was passed over.* source=OidcRoleArn/)
      }).pipe(Effect.provide(cloud)),
    60_000
  )
})
