/** Options of wrong types that hold a secret, where types do not help: plain JavaScript, JSON, casts. */
import {
  AccessKey,
  BearerToken,
  CliProfile,
  CloudSso,
  CredentialsFile,
  CredentialsUri,
  EcsRamRole,
  External,
  FromConfig,
  OAuth,
  OidcRoleArn,
  RamRoleArn,
  RsaKeyPair,
  SamlRoleArn,
  Source,
  StsToken
} from "@effect-alicloud/credentials"
import type { DefaultChain } from "@effect-alicloud/credentials"
import * as Options from "@effect-alicloud/credentials/unstable/Options"
import * as OpenApi from "@effect-alicloud/openapi/OpenApi"
import * as RedisSessionStore from "@effect-alicloud/redis/RedisSessionStore"
import * as TestCredentials from "@effect-alicloud/testing/TestCredentials"
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import type { Scope } from "effect"
import { untyped } from "../../kit/world.ts"
import type { Secret } from "../generator.ts"
import { share } from "../generator.ts"
import { breaking, ending, wrong } from "../machine.ts"
import type { Group, Subject } from "../subject.ts"

type Made = Effect.Effect<unknown, unknown, DefaultChain.Requirements | Scope.Scope>

type Given = Readonly<Record<string, unknown>>

/** What takes options, and options that are right. */
type Taker = readonly [take: (options: never) => Made, right: Given]

const built = <A, E, R>(layer: Layer.Layer<A, E, R>) => Layer.build(layer)

const takers = (): Readonly<Record<string, Taker>> => {
  const secret = Redacted.make("fine")
  const key = { accessKeyId: "a", accessKeySecret: secret }
  const sts = { stsEndpoint: "sts.aliyuncs.com", stsRegionId: "cn-hangzhou", enableVpc: false, timeout: 5000 }
  const session = { policy: "{}", roleSessionExpiration: 900, roleSessionName: "me" }
  const role = { roleArn: "a", externalId: "x", ...session, ...sts }
  const oidc = { roleArn: "a", oidcProviderArn: "b", oidcTokenFilePath: "/token", ...session, ...sts }
  const sso = { signInUrl: "https://example.com", accountId: "1", accessConfig: "ac", accessToken: secret }
  const caller = Source.fromEffect("Caller", Effect.succeed(TestCredentials.accessKey))
  return {
    AccessKey: [AccessKey.make, key],
    "AccessKey.layerConfig": [(options) => built(AccessKey.layerConfig(options)), key],
    StsToken: [StsToken.make, { ...key, securityToken: secret }],
    BearerToken: [BearerToken.make, { bearerToken: secret, headerName: "x-token" }],
    RamRoleArn: [(options) => RamRoleArn.make(caller, options), role],
    "RamRoleArn.layerMany": [
      (options) => Layer.build(Layer.provide(RamRoleArn.layerMany(options), TestCredentials.layer())),
      { capacity: 1, ...sts }
    ],
    "RamRoleArns.provider": [
      (options) =>
        Layer.build(Layer.provide(RamRoleArn.layerMany(), TestCredentials.layer())).pipe(
          Effect.flatMap((context) => Context.get(context, RamRoleArn.RamRoleArns).provider(options).get)
        ),
      { roleArn: "a", externalId: "x", ...session }
    ],
    OidcRoleArn: [OidcRoleArn.make, oidc],
    SamlRoleArn: [
      SamlRoleArn.make,
      { roleArn: "a", samlProviderArn: "b", samlAssertion: Effect.succeed(secret), ...sts }
    ],
    EcsRamRole: [EcsRamRole.make, { roleName: "a", disableIMDSv1: true, timeout: 1, connectTimeout: 1 }],
    CredentialsUri: [CredentialsUri.make, { credentialsUri: "http://127.0.0.1/", timeout: 1, connectTimeout: 1 }],
    "CredentialsUri.layer": [(options) => built(CredentialsUri.layer(options)), { credentialsUri: "http://a/" }],
    External: [External.make, { processCommand: "/opt/get", timeout: 1 }],
    OAuth: [OAuth.make, { siteType: "CN", accessToken: secret, accessTokenExpire: 1, refreshToken: secret }],
    CloudSso: [CloudSso.make, sso],
    RsaKeyPair: [RsaKeyPair.make, { publicKeyId: "a", privateKey: secret, roleSessionExpiration: 900, ...sts }],
    "RsaKeyPair.layerConfig": [(options) => built(RsaKeyPair.layerConfig(options)), { publicKeyId: "a" }],
    "Options.decode": [
      Options.decode("Own", Schema.Struct({ secret: Schema.Redacted(Options.NonEmptyText), timeout: Schema.Number })),
      { secret: "a", timeout: 1 }
    ],
    CliProfile: [CliProfile.make, { configFile: "/a", profileName: "a" }],
    CredentialsFile: [CredentialsFile.make, { credentialsFile: "/a", profileName: "a" }],
    RedisSessionStore: [
      RedisSessionStore.make,
      { url: "redis://127.0.0.1:1", secret: Redacted.make("0123456789abcdef"), prefix: "a" }
    ],
    OpenApi: [
      (options) => Layer.build(Layer.provide(OpenApi.layer(options), TestCredentials.layer())),
      { product: "ecs", regionId: "cn-hangzhou", version: "1", signature: "HMAC-SHA1", timeout: 1, retries: 1 }
    ]
  }
}

/** Secrets in text form are wrong for these, too. */
const textIsWrong = new Set([
  "accessKeySecret",
  "securityToken",
  "bearerToken",
  "accessToken",
  "refreshToken",
  "privateKey",
  "siteType",
  "signInUrl",
  "credentialsUri",
  "capacity",
  "enableVpc",
  "roleSessionExpiration",
  "accessTokenExpire",
  "disableIMDSv1",
  "timeout",
  "connectTimeout",
  "retries",
  "signature",
  "url",
  "secret"
])

const options: Group = {
  name: "options of wrong types",
  least: 8100,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      for (const [name, [take, right]] of share(secret, 4, Object.entries(takers()))) {
        const whole = wrong(secret)
        const turn = secret.turn % whole.length
        found.push(...(yield* ending(`${name}: all`, {}, Effect.suspend(() => take(untyped(secret.text))))))
        for (const [index, option] of share({ ...secret, turn: secret.turn >> 1 }, 3, Object.keys(right).entries())) {
          const value = textIsWrong.has(option) && (index + secret.turn) % 2 === 0 ? secret.text : whole[turn]
          const given = untyped({ ...right, [option]: value })
          found.push(...(yield* breaking(`${name}.${option}`, {}, Effect.suspend(() => take(given)))))
        }
      }
      return found
    })
}

const official = [
  "accessKeyId",
  "accessKeySecret",
  "securityToken",
  "bearerToken",
  "roleArn",
  "roleSessionName",
  "roleSessionExpiration",
  "policy",
  "externalId",
  "roleName",
  "disableIMDSv1",
  "oidcProviderArn",
  "oidcTokenFilePath",
  "credentialsURI",
  "publicKeyId",
  "stsEndpoint",
  "stsRegionId",
  "enableVpc",
  "timeout"
]

/** These may be text that a secret is in: it is not shown. */
const hidden = ["accessKeySecret", "securityToken", "bearerToken", "roleArn", "policy", "externalId", "credentialsURI"]

const types = ["access_key", "sts", "bearer", "ram_role_arn", "credentials_uri", "oidc_role_arn", "rsa_key_pair"]

const fromConfig = (secret: Secret) => (config: unknown, name: string) =>
  ending(
    `FromConfig ${name}`,
    { files: { "/key.pem": secret.text } },
    Effect.suspend(() => Effect.flatMap(FromConfig.fromConfig(untyped(config)), (source) => source.get))
  )

const configs: Group = {
  name: "official options of wrong types",
  least: 5100,
  subjects: (secret) =>
    Effect.gen(function*() {
      const found: Array<Subject> = []
      const take = fromConfig(secret)
      const right = Object.fromEntries(official.map((option) => [option, undefined]))
      const base = { ...right, accessKeyId: "a", accessKeySecret: secret.text, privateKeyFile: "/key.pem" }
      found.push(...(yield* take(secret.text, "of text")), ...(yield* take({ type: secret.text }, "type")))
      found.push(...(yield* take({ type: [secret.text] }, "type in a list")))
      for (const [index, option] of share(secret, 5, official.entries())) {
        const type = types[(index + secret.turn) % types.length]
        const value = hidden.includes(option) || textIsWrong.has(option) ? secret.text : wrong(secret)[index % 3]
        found.push(...(yield* take({ ...base, type, [option]: value }, `${type} ${option}`)))
      }
      return found
    })
}

export const groups: ReadonlyArray<Group> = [options, configs]
