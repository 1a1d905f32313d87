/** What the compiler infers for users of the public API; `tsc` is what runs these tests. */
import {
  AccessKey,
  type Credentials,
  type CredentialsError,
  CredentialsProvider,
  CredentialsUri,
  DefaultChain,
  EcsRamRole,
  Environment,
  RamRoleArn,
  StsToken
} from "@effect-alicloud/credentials"
import { NodeCredentials, NodeHttp, NodePlatform } from "@effect-alicloud/node"
import { Ecs, OpenApi, type OpenApiError, Sts } from "@effect-alicloud/openapi"
import { AlicloudCredential, createCredential, type StandaloneCredential } from "@effect-alicloud/sdk"
import { TestCredentials } from "@effect-alicloud/testing"
import type { CommandExecutor, FileSystem, HttpClient, Path } from "@effect/platform"
import { describe, expectTypeOf, it } from "@effect/vitest"
import { Config, Effect, Layer, Redacted, Schema } from "effect"

type Provider = CredentialsProvider.CredentialsProvider

const get = Effect.flatMap(CredentialsProvider.CredentialsProvider, (provider) => provider.get)

describe("types: a provider", () => {
  it("gives credentials, fails with the four tags, and needs nothing but itself", () => {
    expectTypeOf(get).toEqualTypeOf<
      Effect.Effect<Credentials.Credentials, CredentialsError.CredentialsError, Provider>
    >()
    expectTypeOf<CredentialsError.CredentialsError["_tag"]>().toEqualTypeOf<
      "SourceUnavailable" | "InvalidConfig" | "SourceFailed" | "NoCredentials"
    >()
  })

  it("loses an error that is caught by its tag", () => {
    const recovered = Effect.catchTag(get, "NoCredentials", (error) => {
      expectTypeOf(error.attempts).toEqualTypeOf<ReadonlyArray<CredentialsError.SourceError>>()
      return Effect.succeed("none" as const)
    })
    expectTypeOf<Effect.Effect.Error<typeof recovered>["_tag"]>().toEqualTypeOf<
      "SourceUnavailable" | "InvalidConfig" | "SourceFailed"
    >()
  })

  it("returns a union that narrows by its tag", () => {
    const read = (credentials: Credentials.Credentials) => {
      if (credentials._tag === "Sts") expectTypeOf(credentials.securityToken).toEqualTypeOf<Redacted.Redacted>()
      if (credentials._tag === "Anonymous") expectTypeOf(credentials).not.toHaveProperty("accessKeyId")
    }
    expectTypeOf(read).parameter(0).toEqualTypeOf<Credentials.Credentials>()
  })
})

describe("types: layers", () => {
  it("of sources fail with InvalidConfig alone and say what they need", () => {
    expectTypeOf(AccessKey.layer({ accessKeyId: "a", accessKeySecret: Redacted.make("b") }))
      .toEqualTypeOf<Layer.Layer<Provider, CredentialsError.InvalidConfig>>()
    expectTypeOf(CredentialsUri.layer()).toEqualTypeOf<
      Layer.Layer<Provider, CredentialsError.InvalidConfig, HttpClient.HttpClient>
    >()
    expectTypeOf(RamRoleArn.layer()).toEqualTypeOf<
      Layer.Layer<Provider, CredentialsError.InvalidConfig, Provider | HttpClient.HttpClient>
    >()
    expectTypeOf(Environment.layer()).toEqualTypeOf<Layer.Layer<Provider>>()
  })

  it("take a Config for every option", () => {
    expectTypeOf(StsToken.layerConfig).toBeCallableWith({
      accessKeyId: Config.string("ID"),
      accessKeySecret: Config.redacted("SECRET"),
      securityToken: Config.redacted("TOKEN")
    })
  })

  it("joined by layerOrElse need what both need", () => {
    const joined = Environment.layer().pipe(CredentialsProvider.layerOrElse(EcsRamRole.layer()))
    expectTypeOf(joined).toEqualTypeOf<
      Layer.Layer<Provider, CredentialsError.InvalidConfig, HttpClient.HttpClient>
    >()
  })

  it("of the default chain cannot fail, and need nothing on Node.js", () => {
    expectTypeOf(DefaultChain.layer).toEqualTypeOf<
      Layer.Layer<
        Provider,
        never,
        CommandExecutor.CommandExecutor | FileSystem.FileSystem | HttpClient.HttpClient | Path.Path
      >
    >()
    expectTypeOf(NodeCredentials.layer).toEqualTypeOf<Layer.Layer<Provider>>()
    expectTypeOf(Layer.provide(DefaultChain.layer, NodePlatform.layer)).toEqualTypeOf<Layer.Layer<Provider>>()
  })

  it("for tests stand in for any of them", () => {
    expectTypeOf(TestCredentials.layer()).toExtend<Layer.Layer<Provider>>()
  })
})

describe("types: what uses the credentials", () => {
  it("a call answers what its schema decodes to", () => {
    const call = OpenApi.call("DescribeThings", { schema: Schema.Struct({ Total: Schema.NumberFromString }) })
    expectTypeOf(call).toEqualTypeOf<
      Effect.Effect<{ readonly Total: number }, OpenApiError.OpenApiError, OpenApi.OpenApi>
    >()
    expectTypeOf(Sts.getCallerIdentity).toEqualTypeOf<
      Effect.Effect<Sts.CallerIdentity, OpenApiError.OpenApiError, Sts.Sts>
    >()
  })

  it("a client's layer needs credentials and HTTP", () => {
    const layer = Ecs.layer({ regionId: "cn-hangzhou" })
    expectTypeOf<Layer.Layer.Context<typeof layer>>().toEqualTypeOf<Provider | HttpClient.HttpClient>()
    const provided = Layer.provide(layer, [NodeCredentials.layer, NodeHttp.layer])
    expectTypeOf<Layer.Layer.Context<typeof provided>>().toEqualTypeOf<never>()
  })

  it("a bridge is what official clients take", () => {
    expectTypeOf(createCredential).returns.resolves.toEqualTypeOf<StandaloneCredential>()
    expectTypeOf(AlicloudCredential.layer).toEqualTypeOf<
      Layer.Layer<AlicloudCredential.AlicloudCredential, never, Provider>
    >()
  })
})
