import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import * as BearerToken from "@effect-alicloud/credentials/BearerToken"
import * as Credentials from "@effect-alicloud/credentials/Credentials"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import * as CredentialsProvider from "@effect-alicloud/credentials/CredentialsProvider"
import * as CredentialsUri from "@effect-alicloud/credentials/CredentialsUri"
import * as EcsRamRole from "@effect-alicloud/credentials/EcsRamRole"
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as Source from "@effect-alicloud/credentials/Source"
import * as StsToken from "@effect-alicloud/credentials/StsToken"
import * as Sts from "@effect-alicloud/openapi/Sts"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import type { HttpClient } from "@effect/platform"
import { Effect, Layer, Redacted } from "effect"
import { ci, credentialsUri, oidcToken, providerArn, roleArn, world as sources } from "../../kit/cloud.ts"
import { files } from "../../kit/world.ts"

export const bearerToken = "s3cr3t-bearer"

/** Everything that any kind of credentials needs. */
export const world: WorldInput = {
  ...sources,
  bearerTokens: [{ token: bearerToken, name: "agent" }]
}

type Provider<E = InvalidConfig> = Layer.Layer<CredentialsProvider.CredentialsProvider, E, HttpClient.HttpClient>

export const accessKey = AccessKey.layer({
  accessKeyId: ci.accessKeyId,
  accessKeySecret: Redacted.make(ci.accessKeySecret)
})

const session = Effect.gen(function*() {
  const { credentials } = yield* Sts.assumeRole({ roleArn: roleArn("open"), roleSessionName: "given" })
  return StsToken.layer({
    accessKeyId: credentials.accessKeyId,
    accessKeySecret: credentials.accessKeySecret,
    securityToken: credentials.securityToken
  })
}).pipe(Effect.provide(Layer.provide(Sts.layer(), accessKey)), Effect.orDie)

/** A way to be somebody. */
export interface Identity {
  readonly type: Credentials.CredentialsType
  readonly layer: Provider
  /** How the service calls the caller. */
  readonly arn: RegExp
  /** The header `x-acs-credentials-provider`. */
  readonly provider: string
}

export const bearer: Identity = {
  type: "bearer",
  layer: BearerToken.layer({ bearerToken: Redacted.make(bearerToken) }),
  arn: /^acs:ram::1234567890123456:user\/agent$/,
  provider: "bearer"
}

export const anonymous: Layer.Layer<CredentialsProvider.CredentialsProvider> = CredentialsProvider.layer(
  Source.fromEffect("Nobody", Effect.succeed(Credentials.anonymous({ providerName: "nobody" })))
)

export const identities: ReadonlyArray<Identity> = [
  {
    type: "access_key",
    layer: accessKey,
    arn: /^acs:ram::1234567890123456:user\/ci$/,
    provider: "static_ak"
  },
  {
    type: "sts",
    layer: Layer.unwrapEffect(session),
    arn: /assumed-role\/open\/given$/,
    provider: "static_sts"
  },
  {
    type: "ram_role_arn",
    layer: Layer.provide(RamRoleArn.layer({ roleArn: roleArn("open"), roleSessionName: "deploy" }), accessKey),
    arn: /assumed-role\/open\/deploy$/,
    provider: "ram_role_arn/static_ak"
  },
  {
    type: "ecs_ram_role",
    layer: EcsRamRole.layer({ roleName: "EcsRole" }),
    arn: /assumed-role\/EcsRole\//,
    provider: "ecs_ram_role"
  },
  {
    type: "oidc_role_arn",
    layer: Layer.provide(
      OidcRoleArn.layer({
        roleArn: roleArn("pod"),
        oidcProviderArn: providerArn,
        oidcTokenFilePath: "/token",
        roleSessionName: "pod"
      }),
      files({ "/token": oidcToken })
    ),
    arn: /assumed-role\/pod\/pod$/,
    provider: "oidc_role_arn"
  },
  {
    type: "credentials_uri",
    layer: CredentialsUri.layer({ credentialsUri }),
    arn: /assumed-role\/credentials-uri\//,
    provider: "credential_uri"
  },
  bearer
]
