/** Calls of official clients as effects. */
import type { CredentialsError } from "@effect-alicloud/credentials"
import { AlicloudCredential, ClientError, OssCredentials, PopCoreCredentials } from "@effect-alicloud/sdk"
import { assert, describe } from "@effect/vitest"
import { Effect, Exit, Redacted, Scope } from "effect"
import { assertNoLeak } from "../kit/leaks.ts"
import { collector } from "../kit/spans.ts"
import { ecs, oss, rpc } from "./utils/clients.ts"
import { role, roleArn, scenario, type World } from "./utils/scenario.ts"

const regions = (world: World) =>
  AlicloudCredential.use((credential) => ecs(world, credential)(), { action: "DescribeRegions" })

const asCredential = (world: World) =>
  Effect.provideServiceEffect(AlicloudCredential.AlicloudCredential, AlicloudCredential.make(world.provider))

const fault = (code: string, times?: number) => ({ endpoint: "ecs", kind: "error", status: 400, code, times }) as const

describe("use", () => {
  scenario("returns what the client does, in one span", role, (world) =>
    Effect.gen(function*() {
      const { spans, tracer } = collector()
      assert.include(yield* regions(world).pipe(asCredential(world), Effect.withTracer(tracer)), "cn-hangzhou")
      const [span, ...others] = spans.filter(({ name }) => name.startsWith("alicloud.sdk"))
      assert.deepInclude(span, { name: "alicloud.sdk.DescribeRegions", kind: "client" })
      assert.deepStrictEqual(span?.attributes, { action: "DescribeRegions", attempt: 1 })
      assert.lengthOf(others, 0)
    }))

  scenario("invalidates rejected credentials, and retries once", role, (world) =>
    Effect.gen(function*() {
      yield* world.cloud.setFaults([fault("InvalidSecurityToken.Expired", 1)])
      assert.include(yield* asCredential(world)(regions(world)), "cn-hangzhou")
      assert.deepStrictEqual(
        (yield* world.calls).map(({ accessKeyId, code }) => code ?? accessKeyId),
        ["InvalidSecurityToken.Expired", "STS.Fake0002"]
      )
    }))

  scenario(
    "fails with code, status and request id after the second rejection",
    role,
    (world) =>
      Effect.gen(function*() {
        yield* world.cloud.setFaults([fault("InvalidSecurityToken.Expired")])
        const error = yield* Effect.flip(asCredential(world)(regions(world)))
        assert.instanceOf(error, ClientError.ClientError)
        assert.deepInclude(error, {
          action: "DescribeRegions",
          code: "InvalidSecurityToken.Expired",
          status: 400,
          isRejected: true
        })
        assert.match(
          error.message,
          /^DescribeRegions failed \(HTTP 400, code InvalidSecurityToken.Expired, request id [\w-]+\)\.$/
        )
        assert.instanceOf(Redacted.value(error.original), Error)
        assertNoLeak(error)
        assert.lengthOf(yield* world.calls, 2)
      })
  )

  scenario(
    "fails with the typed error of the credentials",
    { ...role, roleArn: `${roleArn}-other` },
    (world) =>
      Effect.gen(function*() {
        const code = yield* asCredential(world)(regions(world)).pipe(
          Effect.as(""),
          Effect.catchTag("SourceFailed", (error: CredentialsError.SourceFailed) => Effect.succeed(error.code))
        )
        assert.strictEqual(code, "EntityNotExist.Role")
      })
  )

  scenario("fails with CredentialsClosed after the scope has closed", role, (world) =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const credential = yield* Scope.extend(AlicloudCredential.make(world.provider), scope)
      yield* Scope.close(scope, Exit.void)
      const error = yield* Effect.flip(
        Effect.provideService(regions(world), AlicloudCredential.AlicloudCredential, credential)
      )
      assert.strictEqual(error._tag, "CredentialsClosed")
    }))

  scenario("does the same for the V1 client and for ali-oss", role, (world) =>
    Effect.gen(function*() {
      const credentials = yield* PopCoreCredentials.make(world.provider)
      const v1 = PopCoreCredentials.use((credentials) => rpc(world, credentials).request("DescribeRegions", {}))
      yield* world.cloud.setFaults([fault("Forbidden.RAM", 1)])
      const denied = yield* Effect.flip(Effect.provideService(v1, PopCoreCredentials.PopCoreCredentials, credentials))
      assert.deepInclude(denied, { _tag: "ClientError", code: "Forbidden.RAM", isRejected: false })
      assert.include(denied.message, "The call failed (")
      assertNoLeak(denied)
      const missing = yield* OssCredentials.use((credentials) => oss(world, credentials).get("nothing.txt")).pipe(
        Effect.flip,
        Effect.provideServiceEffect(OssCredentials.OssCredentials, OssCredentials.make(world.provider))
      )
      assert.deepInclude(missing, { _tag: "ClientError", code: "NoSuchKey", status: 404 })
      assertNoLeak(missing)
    }))
})
