import * as AccessKey from "@effect-alicloud/credentials/AccessKey"
import type { InvalidConfig } from "@effect-alicloud/credentials/CredentialsError"
import type { CredentialsProvider } from "@effect-alicloud/credentials/CredentialsProvider"
import * as CredentialsUri from "@effect-alicloud/credentials/CredentialsUri"
import * as EcsRamRole from "@effect-alicloud/credentials/EcsRamRole"
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import * as RamRoleArn from "@effect-alicloud/credentials/RamRoleArn"
import * as RsaKeyPair from "@effect-alicloud/credentials/RsaKeyPair"
import type { Endpoint } from "@effect-alicloud/testing/FakeAlicloud"
import type { HttpClient } from "@effect/platform"
import { Layer, Redacted } from "effect"
import { ci, credentialsUri, keyPair, oidcToken, providerArn, roleArn } from "../../kit/cloud.ts"
import { files } from "../../kit/world.ts"

/** A source that asks a service, and how that service is spoken to. */
export interface Service {
  readonly name: string
  readonly layer: Layer.Layer<CredentialsProvider, InvalidConfig, HttpClient.HttpClient>
  /** Where the session comes from. */
  readonly endpoint: Endpoint
  /** The names of the answer's fields. */
  readonly id: string
  readonly secret: string
  readonly token: string | undefined
  /** How often a request may be sent for one session. */
  readonly attempts: number
  /** How often an answer that cannot be used is fetched. */
  readonly readings: number
}

const session = { id: "AccessKeyId", secret: "AccessKeySecret", token: "SecurityToken" }

export const ramRoleArn: Service = {
  name: "RamRoleArn",
  layer: Layer.provide(
    RamRoleArn.layer({ roleArn: roleArn("open") }),
    AccessKey.layer({ accessKeyId: ci.accessKeyId, accessKeySecret: Redacted.make(ci.accessKeySecret) })
  ),
  endpoint: "sts.AssumeRole",
  ...session,
  attempts: 3,
  readings: 1
}

/** Nothing is signed for it, so that nothing but timers takes time. */
export const oidcRoleArn: Service = {
  name: "OidcRoleArn",
  layer: Layer.provide(
    OidcRoleArn.layer({ roleArn: roleArn("pod"), oidcProviderArn: providerArn, oidcTokenFilePath: "/token" }),
    files({ "/token": oidcToken })
  ),
  endpoint: "sts.AssumeRoleWithOIDC",
  ...session,
  attempts: 3,
  readings: 1
}

export const rsaKeyPair: Service = {
  name: "RsaKeyPair",
  layer: Layer.provide(
    RsaKeyPair.layer({ publicKeyId: "LTPubKey", privateKey: Redacted.make(keyPair.privateKey) }),
    files({})
  ),
  endpoint: "sts.GenerateSessionAccessKey",
  id: "SessionAccessKeyId",
  secret: "SessionAccessKeySecret",
  token: undefined,
  attempts: 3,
  readings: 1
}

export const uri: Service = {
  name: "CredentialsUri",
  layer: CredentialsUri.layer({ credentialsUri }),
  endpoint: "uri",
  ...session,
  attempts: 3,
  readings: 1
}

/** Version 1 is disabled, so that there is one request for the session. */
const ecsRamRole: Service = {
  name: "EcsRamRole",
  layer: EcsRamRole.layer({ roleName: "EcsRole", disableIMDSv1: true }),
  endpoint: "imds.credentials",
  ...session,
  attempts: 2,
  readings: 2
}

export const services: ReadonlyArray<Service> = [ramRoleArn, oidcRoleArn, rsaKeyPair, uri, ecsRamRole]
