/** What is wrong with options is said when a layer is built, of whatever source, and nothing is sent for it. */
import type { FileSystem, HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Config, Effect, Layer, Redacted } from "effect"
import { errorOf, marker } from "../../../../test/kit/leaks.ts"
import { locationOf, problemsOf } from "../../../../test/kit/problems.ts"
import { build, buildError, files, noNetwork, untyped, withEnv } from "../../../../test/kit/world.ts"
import type { InvalidConfig } from "../../src/CredentialsError.ts"
import type { CredentialsProvider } from "../../src/CredentialsProvider.ts"
import * as AccessKey from "../../src/sources/AccessKey.ts"
import * as CredentialsUri from "../../src/sources/CredentialsUri.ts"
import * as EcsRamRole from "../../src/sources/EcsRamRole.ts"
import * as OidcRoleArn from "../../src/sources/OidcRoleArn.ts"
import * as RamRoleArn from "../../src/sources/RamRoleArn.ts"
import * as RsaKeyPair from "../../src/sources/RsaKeyPair.ts"

const world = Layer.mergeAll(
  noNetwork,
  files({}),
  AccessKey.layer({ accessKeyId: "LTAI5tCaller", accessKeySecret: Redacted.make(`${marker}-caller`) })
)

const sources = {
  RamRoleArn: { make: RamRoleArn.layer, valid: { roleArn: "acs:ram::1:role/r" } },
  OidcRoleArn: {
    make: OidcRoleArn.layer,
    valid: { roleArn: "acs:ram::1:role/r", oidcProviderArn: "acs:ram::1:oidc-provider/p", oidcTokenFilePath: "/token" }
  },
  EcsRamRole: { make: EcsRamRole.layer, valid: {} },
  CredentialsUri: { make: CredentialsUri.layer, valid: { credentialsUri: "http://127.0.0.1:6666/" } },
  RsaKeyPair: { make: RsaKeyPair.layer, valid: { publicKeyId: "LTPub", privateKeyFile: "/key.pem" } }
}

type Name = keyof typeof sources

type Any = Layer.Layer<
  CredentialsProvider,
  InvalidConfig,
  CredentialsProvider | FileSystem.FileSystem | HttpClient.HttpClient
>

const inWorld = (layer: Any): Layer.Layer<CredentialsProvider, InvalidConfig> => Layer.provide(layer, world)

const layerOf = (name: Name, options: unknown): Layer.Layer<CredentialsProvider, InvalidConfig> =>
  inWorld(sources[name].make(untyped(options)))

const everybody = Object.keys(sources) as ReadonlyArray<Name>
const sts: ReadonlyArray<Name> = ["RamRoleArn", "OidcRoleArn", "RsaKeyPair"]
const roles: ReadonlyArray<Name> = ["RamRoleArn", "OidcRoleArn"]

const expiration = "roleSessionExpiration must be at least 900 and a whole number of seconds"

const bad: ReadonlyArray<readonly [names: ReadonlyArray<Name>, field: string, value: unknown, issue: string]> = [
  [everybody, "timeout", "5 parsecs", "timeout must be a duration longer than zero, not string"],
  [everybody, "timeout", 0, "timeout must be a duration longer than zero, not number"],
  [everybody, "timeout", -1, "timeout must be a duration longer than zero, not number"],
  [everybody, "timeout", Number.NaN, "timeout must be a duration longer than zero, not number"],
  [everybody, "timeout", Infinity, "timeout must be a duration longer than zero, not number"],
  [everybody, "timeout", null, "timeout must be a duration longer than zero, not null"],
  [everybody, "timeout", {}, "timeout must be a duration longer than zero, not object"],
  [everybody, "connectTimeout", [marker], "connectTimeout must be a duration longer than zero, not array"],
  [everybody, "connectTimeOut", 5, "connectTimeOut is not known here: did you mean connectTimeout?"],
  [everybody, "accessKeySecret", marker, "accessKeySecret is not known here"],
  [sts, "stsEndpoint", "", "stsEndpoint must be a non-empty string"],
  [sts, "stsEndpoint", [marker], "stsEndpoint must be a string, not array"],
  [sts, "stsRegionId", 7, "stsRegionId must be a string, not number"],
  [sts, "enableVpc", "true", "enableVpc must be a boolean, not string"],
  [sts, "roleSessionExpiration", 899, expiration],
  [sts, "roleSessionExpiration", 0, expiration],
  [sts, "roleSessionExpiration", 900.5, expiration],
  [sts, "roleSessionExpiration", Number.NaN, expiration],
  [sts, "roleSessionExpiration", Infinity, expiration],
  [sts, "roleSessionExpiration", "3600", "roleSessionExpiration must be a number, not string"],
  [sts, "roleSessionExpiration", null, "roleSessionExpiration must be a number, not null"],
  [roles, "policy", "", "policy must be a non-empty string"],
  [roles, "policy", { Version: "1" }, "policy must be a string, not object"],
  [roles, "roleSessionName", " ", "roleSessionName must be a non-empty string"],
  [roles, "roleSessionName", 7, "roleSessionName must be a string, not number"],
  [roles, "roleArn", null, "roleArn must be a string, not null"],
  [["RamRoleArn"], "externalId", "", "externalId must be a non-empty string"],
  [["RamRoleArn"], "externalId", [marker], "externalId must be a string, not array"],
  [["OidcRoleArn"], "externalId", "ticket", "externalId is not known here"],
  [
    ["OidcRoleArn"],
    "oidcToken",
    Redacted.make(marker),
    "oidcToken must be an effect that answers a Redacted token, not object"
  ],
  [["OidcRoleArn"], "oidcProviderArn", 1, "oidcProviderArn must be a string, not number"],
  [["OidcRoleArn"], "oidcTokenFilePath", "", "oidcTokenFilePath must be a non-empty string"],
  [["EcsRamRole"], "roleName", "", "roleName must be a non-empty string"],
  [["EcsRamRole"], "disableIMDSv1", "true", "disableIMDSv1 must be a boolean, not string"],
  [["EcsRamRole"], "enableIMDSv2", true, "enableIMDSv2 is not known here"],
  [["CredentialsUri"], "credentialsUri", 7, "credentialsUri must be a string, not number"],
  [["CredentialsUri"], "credentialsURI", "http://x", "credentialsURI is not known here: did you mean credentialsUri?"],
  [["RsaKeyPair"], "publicKeyId", "", "publicKeyId must be a non-empty string"],
  [["RsaKeyPair"], "privateKey", `${marker}-key`, "privateKey must be a non-empty Redacted string, not string"],
  [["RsaKeyPair"], "privateKey", Redacted.make(""), "privateKey must be a non-empty string"],
  [["RsaKeyPair"], "policy", "{}", "policy is not known here"]
]

describe("options that are wrong", () => {
  for (const [names, field, value, issue] of bad) {
    for (const name of names) {
      it.effect(`${name}: ${issue}`, () =>
        Effect.gen(function*() {
          const error = yield* buildError(layerOf(name, { ...sources[name].valid, [field]: value }))
          assert.strictEqual(error._tag, "InvalidConfig")
          assert.strictEqual(error.source, name)
          assert.strictEqual(locationOf(error), "its options")
          assert.deepStrictEqual(problemsOf(error), [issue])
        }))
    }
  }

  for (const name of everybody) {
    it.effect(`${name} rejects what is no object at all`, () =>
      Effect.gen(function*() {
        for (const garbage of [null, 7, marker, [marker], true, { [marker.length]: 1 }]) {
          const error = yield* buildError(layerOf(name, garbage))
          assert.strictEqual(error._tag, "InvalidConfig")
          assert.strictEqual(error.source, name)
        }
      }))

    it.scoped(`${name} can be built with good options, whatever else the environment holds, without any request`, () =>
      build(layerOf(name, {
        ...sources[name].valid,
        timeout: "3 seconds",
        connectTimeout: 500
      })).pipe(withEnv({ ALIBABA_CLOUD_ACCESS_KEY_ID: "half", ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED: "maybe" })))
  }
})

describe("required options", () => {
  const required: ReadonlyArray<readonly [name: Name, option: string, variable: string]> = [
    ["RamRoleArn", "roleArn", "ALIBABA_CLOUD_ROLE_ARN"],
    ["OidcRoleArn", "roleArn", "ALIBABA_CLOUD_ROLE_ARN"],
    ["OidcRoleArn", "oidcProviderArn", "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"],
    ["OidcRoleArn", "oidcTokenFilePath", "ALIBABA_CLOUD_OIDC_TOKEN_FILE"],
    ["CredentialsUri", "credentialsUri", "ALIBABA_CLOUD_CREDENTIALS_URI"]
  ]
  for (const [name, option, variable] of required) {
    const { [option]: _, ...rest } = sources[name].valid as Record<string, string>

    it.effect(`${name}: without ${option} the option and ${variable} are named`, () =>
      Effect.gen(function*() {
        for (const env of [{}, { [variable]: "" }, { [variable]: "  \n" }]) {
          const error = yield* buildError(layerOf(name, rest)).pipe(withEnv(env))
          assert.strictEqual(
            error.message,
            `${name} is misconfigured in option ${option}: set it, or set ${variable}.`
          )
        }
      }))

    it.scoped(`${name}: ${variable} stands in for ${option}`, () =>
      build(layerOf(name, rest)).pipe(withEnv({ [variable]: " http://127.0.0.1:1/ " })))
  }

  it.effect("RsaKeyPair takes neither id nor key from the environment", () =>
    Effect.gen(function*() {
      const error = yield* buildError(layerOf("RsaKeyPair", { privateKeyFile: "/key.pem" }))
      assert.deepStrictEqual(problemsOf(error), ["publicKeyId is missing"])
    }).pipe(withEnv({ ALIBABA_CLOUD_ACCESS_KEY_ID: "LTPub" })))

  it.effect("RsaKeyPair wants one key, not none and not two", () =>
    Effect.gen(function*() {
      for (const more of [{}, { privateKeyFile: "/key.pem", privateKey: Redacted.make(`${marker}-key`) }]) {
        const error = yield* buildError(layerOf("RsaKeyPair", { publicKeyId: "LTPub", ...more }))
        assert.strictEqual(
          error.message,
          "RsaKeyPair is misconfigured in options privateKeyFile and privateKey: one of them must be set, and not both."
        )
      }
    }))

  it.effect("RamRoleArn rejects a caller that is none", () =>
    Effect.gen(function*() {
      for (const caller of [undefined, null, marker, {}, { get: () => marker }, { get: Effect.never, invalidate: 7 }]) {
        const error = yield* errorOf(RamRoleArn.make(untyped(caller), { roleArn: "r" }).pipe(Effect.provide(world)))
        assert.match(error.message, /caller must be a credentials provider or source/)
      }
    }))
})

describe("a credentials URI", () => {
  const bad = [
    "127.0.0.1:6666",
    "ftp://127.0.0.1/",
    "http://",
    "http:///path",
    "http://a b/",
    "http://:80/",
    "http://[::1/",
    "http://a:99999/",
    "http://%zz/",
    `javascript:${marker}`,
    `//host/${marker}`
  ]
  for (const uri of bad) {
    it.effect(`that cannot be one is refused when built: ${uri.replace(marker, "…")}`, () =>
      Effect.gen(function*() {
        const given = yield* buildError(layerOf("CredentialsUri", { credentialsUri: uri }))
        assert.strictEqual(
          given.message,
          "CredentialsUri is misconfigured in option credentialsUri: it must be an http or https URL."
        )
        const fromEnv = yield* buildError(layerOf("CredentialsUri", {})).pipe(
          withEnv({ ALIBABA_CLOUD_CREDENTIALS_URI: uri })
        )
        assert.strictEqual(locationOf(fromEnv), "ALIBABA_CLOUD_CREDENTIALS_URI")
      }))
  }
})

describe("layerConfig", () => {
  it.effect("names the variable that is missing or cannot be used, for every source", () =>
    Effect.gen(function*() {
      const layers: ReadonlyArray<Any> = [
        RamRoleArn.layerConfig({ roleArn: Config.string("A_ROLE"), roleSessionExpiration: Config.integer("A_TIME") }),
        OidcRoleArn.layerConfig({ roleArn: Config.string("A_ROLE"), roleSessionExpiration: Config.integer("A_TIME") }),
        EcsRamRole.layerConfig({ roleName: Config.string("A_ROLE"), disableIMDSv1: Config.boolean("A_TIME") }),
        CredentialsUri.layerConfig({ credentialsUri: Config.string("A_ROLE"), timeout: Config.duration("A_TIME") }),
        RsaKeyPair.layerConfig({
          publicKeyId: Config.string("A_ROLE"),
          roleSessionExpiration: Config.integer("A_TIME")
        })
      ]
      for (const layer of layers) {
        const missing = yield* buildError(inWorld(layer)).pipe(withEnv({ A_TIME: "3600" }))
        assert.match(missing.message, /misconfigured in A_(?:ROLE|TIME)/)
        const unusable = yield* buildError(inWorld(layer)).pipe(
          withEnv({ A_ROLE: "role", A_TIME: `${marker}` })
        )
        assert.match(unusable.message, /misconfigured in A_TIME: A_TIME cannot be used\./)
      }
    }))

  it.effect("checks what it read like any other option", () =>
    Effect.gen(function*() {
      const layer = RamRoleArn.layerConfig({
        roleArn: Config.string("A_ROLE"),
        roleSessionExpiration: Config.integer("A_TIME")
      })
      const error = yield* buildError(inWorld(layer)).pipe(withEnv({ A_ROLE: "role", A_TIME: "60" }))
      assert.deepStrictEqual(problemsOf(error), [expiration])
    }))
})
