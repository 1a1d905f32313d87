import type Ecs from "@alicloud/ecs20140526"
import type Core from "@alicloud/openapi-core"
import type PopCore from "@alicloud/pop-core"
import type { AlicloudCredential, OssCredentials, PopCoreCredentials, StandaloneCredential } from "@effect-alicloud/sdk"
import { describe, expectTypeOf, it } from "@effect/vitest"
import type { OSS } from "./utils/aliOss.ts"

type Config = InstanceType<(typeof Core)["$OpenApiUtil"]["Config"]>

/** What the compiler says about a call site without a cast. */
describe("types", () => {
  it("the credential is what the config of V2 clients declares", () => {
    expectTypeOf<AlicloudCredential.Service>().not.toBeAny()
    expectTypeOf<AlicloudCredential.Service>().toExtend<NonNullable<Config["credential"]>>()
    expectTypeOf<AlicloudCredential.Service>().toExtend<InstanceType<(typeof Core)["default"]>["_credential"]>()
    expectTypeOf<AlicloudCredential.Service>().toExtend<InstanceType<(typeof Ecs)["default"]>["_credential"]>()
    expectTypeOf<StandaloneCredential>().toExtend<NonNullable<Config["credential"]>>()
    // a plain object with the same methods is not
    expectTypeOf<Pick<AlicloudCredential.Service, keyof AlicloudCredential.Service>>()
      .not.toExtend<NonNullable<Config["credential"]>>()
  })

  it("the configuration of the V1 client and the options of ali-oss are accepted", () => {
    expectTypeOf<PopCoreCredentials.RpcConfig>().toExtend<ConstructorParameters<typeof PopCore>[0]>()
    expectTypeOf<OssCredentials.Options>().toExtend<OSS.Options>()
  })
})
