import { Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Redacted } from "effect"
import { errorOf, marker } from "../../../test/kit/leaks.ts"
import { locationOf, problemsOf } from "../../../test/kit/problems.ts"
import {
  buildError,
  files,
  getOf,
  noNetwork,
  noPrograms,
  secretsOf,
  untyped,
  withEnv
} from "../../../test/kit/world.ts"
import { isAbsent } from "../src/CredentialsError.ts"
import * as DefaultChain from "../src/DefaultChain.ts"
import * as FromConfig from "../src/FromConfig.ts"

const world = Layer.mergeAll(noNetwork, files({}), noPrograms, Path.layer)

const layer = (config?: FromConfig.Config | null) => Layer.provide(FromConfig.layer(config), world)

const known = "access_key, sts, bearer, ecs_ram_role, ram_role_arn, oidc_role_arn, credentials_uri, rsa_key_pair"

const pair = { accessKeyId: "LTAI5tExample", accessKeySecret: `${marker}-secret` }

const inEnv = {
  ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tOther",
  ALIBABA_CLOUD_ACCESS_KEY_SECRET: `${marker}-other`,
  ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true"
}

describe("the type", () => {
  const found: ReadonlyArray<
    readonly [config: FromConfig.Config, providerName: string, secrets: ReadonlyArray<string>]
  > = [
    [{ type: "access_key", ...pair }, "static_ak", ["LTAI5tExample", `${marker}-secret`]],
    [{ type: "access_key", ...pair, accessKeySecret: Redacted.make(`${marker}-r`) }, "static_ak", [
      "LTAI5tExample",
      `${marker}-r`
    ]],
    [{ type: "sts", ...pair, securityToken: `${marker}-token` }, "static_sts", [
      "LTAI5tExample",
      `${marker}-secret`,
      `${marker}-token`
    ]],
    [{ type: "bearer", bearerToken: `${marker}-bearer` }, "bearer", [`${marker}-bearer`]]
  ]
  for (const [config, providerName, secrets] of found) {
    it.effect(`${config.type} is ${providerName}`, () =>
      Effect.gen(function*() {
        const credentials = yield* getOf(layer(config))
        assert.strictEqual(credentials.type, config.type)
        assert.strictEqual(credentials.providerName, providerName)
        assert.deepStrictEqual(secretsOf(credentials), secrets)
      }).pipe(withEnv(inEnv)))
  }

  for (const [config, , secrets] of found) {
    it.effect(`${config.type} drops white space around its parts, Redacted or not`, () =>
      Effect.gen(function*() {
        const spaced = Object.fromEntries(
          Object.entries(config).map((
            [name, value]
          ) => [name, Redacted.isRedacted(value) ? Redacted.make(` ${Redacted.value(value)}\r\n`) : `\t${value}\n`])
        )
        assert.deepStrictEqual(secretsOf(yield* getOf(layer(spaced))), secrets)
      }))
  }

  it.effect("that is missing is an error that lists the known ones, and never the default chain", () =>
    Effect.gen(function*() {
      for (const config of [{}, pair, { type: undefined }, { type: "" }]) {
        const error = yield* buildError(layer(config))
        assert.strictEqual(error.message, `FromConfig is misconfigured in option type: set it to one of ${known}.`)
      }
    }).pipe(withEnv(inEnv)))

  it.effect("that is unknown is shown when it is a word, and the known ones are listed", () =>
    Effect.gen(function*() {
      for (const type of ["default", "id_token", "toString", "__proto__", "ACCESS_KEY"]) {
        const error = yield* buildError(layer({ type }))
        assert.deepStrictEqual(problemsOf(error), [`"${type}" is not one of ${known}`])
      }
      const unprintable = yield* buildError(layer({ type: `access key ${marker}` }))
      assert.deepStrictEqual(problemsOf(unprintable), [`an unprintable value is not one of ${known}`])
    }))

  it.effect("that is no string is not shown", () =>
    Effect.gen(function*() {
      for (const type of [7, [marker], { marker }, Object.create(null), Symbol(marker), true]) {
        const error = yield* errorOf(
          Effect.suspend(() => FromConfig.fromConfig(untyped({ type }))).pipe(
            Effect.provide(world)
          )
        )
        assert.deepStrictEqual(problemsOf(error), [`what is given is not one of ${known}`])
      }
    }))

  it.effect("is missing from a value that is no config", () =>
    Effect.gen(function*() {
      for (const config of [7, marker, [], [marker], true]) {
        const error = yield* buildError(layer(untyped(config)))
        assert.strictEqual(locationOf(error), "option type")
      }
    }))
})

describe("no config", () => {
  it.effect("is the default chain", () =>
    Effect.gen(function*() {
      for (const config of [undefined, null]) {
        const credentials = yield* getOf(layer(config))
        assert.strictEqual(credentials.providerName, "default/env")
        assert.deepStrictEqual(secretsOf(credentials), ["LTAI5tOther", `${marker}-other`])
      }
    }).pipe(withEnv(inEnv)))

  it.effect("names every source when the chain finds nothing", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(layer()))
      assert.strictEqual(error._tag, "NoCredentials")
      assert.isTrue(isAbsent(error))
      assert.deepStrictEqual(
        error._tag === "NoCredentials" && error.attempts.map(({ source }) => source),
        DefaultChain.sources.map(({ name }) => name)
      )
    }).pipe(withEnv({ ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true", HOME: "/home/me" })))
})

describe("fields", () => {
  const missing: ReadonlyArray<readonly [config: FromConfig.Config, source: string, issues: ReadonlyArray<string>]> = [
    [{ type: "access_key", accessKeyId: "id" }, "AccessKey", ["accessKeySecret must be a non-empty string"]],
    [{ type: "access_key", accessKeySecret: marker }, "AccessKey", ["accessKeyId must be a non-empty string"]],
    [{ type: "sts", ...pair }, "StsToken", ["securityToken must be a non-empty string"]],
    [{ type: "bearer" }, "BearerToken", ["bearerToken must be a non-empty string"]],
    [{ type: "ram_role_arn", roleArn: "role", accessKeyId: "id" }, "RamRoleArn", [
      "accessKeySecret must be a non-empty string"
    ]],
    [{ type: "ram_role_arn", roleArn: "role" }, "RamRoleArn", [
      "accessKeyId must be a non-empty string",
      "accessKeySecret must be a non-empty string"
    ]],
    [{ type: "ram_role_arn", ...pair }, "RamRoleArn", ["set it, or set ALIBABA_CLOUD_ROLE_ARN"]],
    [{ type: "oidc_role_arn" }, "OidcRoleArn", ["set it, or set ALIBABA_CLOUD_ROLE_ARN"]],
    [{ type: "credentials_uri" }, "CredentialsUri", ["set it, or set ALIBABA_CLOUD_CREDENTIALS_URI"]],
    [{ type: "rsa_key_pair", privateKeyFile: "/key" }, "RsaKeyPair", ["publicKeyId must be a non-empty string"]],
    [{ type: "rsa_key_pair", publicKeyId: "LTPub" }, "RsaKeyPair", ["one of them must be set, and not both"]],
    [{ type: "ram_role_arn", ...pair, roleArn: "role", roleSessionExpiration: 899 }, "RamRoleArn", [
      "roleSessionExpiration must be at least 900 and a whole number of seconds"
    ]],
    [
      { type: "oidc_role_arn", roleArn: "r", oidcProviderArn: "p", oidcTokenFilePath: "/t", durationSeconds: 1 },
      "OidcRoleArn",
      [
        "roleSessionExpiration must be at least 900 and a whole number of seconds"
      ]
    ],
    [{ type: "ecs_ram_role", timeout: -1 }, "EcsRamRole", ["timeout must be a duration longer than zero, not number"]],
    [{ type: "ecs_ram_role", timeout: untyped("5000") }, "EcsRamRole", [
      "timeout must be a duration longer than zero, not string"
    ]],
    [{ type: "credentials_uri", credentialsURI: `ftp://${marker}` }, "CredentialsUri", [
      "it must be an http or https URL"
    ]],
    [{ type: "access_key", accessKeyId: untyped(7), accessKeySecret: untyped([marker]) }, "AccessKey", [
      "accessKeyId must be a string, not number",
      "accessKeySecret must be a string, not array"
    ]]
  ]
  for (const [config, source, issues] of missing) {
    it.effect(`${config.type}: ${issues.join("; ")}`, () =>
      Effect.gen(function*() {
        const error = yield* buildError(layer(config))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.strictEqual(error.source, source)
        assert.deepStrictEqual(problemsOf(error), issues)
      }).pipe(withEnv(inEnv)))
  }

  it.effect("of other types are ignored, whatever is in them", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(layer(untyped({
        type: "access_key",
        ...pair,
        roleArn: 7,
        policy: {},
        credentialsURI: "nonsense",
        roleSessionExpiration: 1,
        enableIMDSv2: true,
        metadataTokenDuration: 5,
        asyncCredentialUpdateEnabled: true
      })))
      assert.strictEqual(credentials.providerName, "static_ak")
    }))

  it.effect("that are misspelt are errors that name the field that was probably meant", () =>
    Effect.gen(function*() {
      const misspelt: ReadonlyArray<readonly [field: string, meant: string]> = [
        ["rolearn", "roleArn"],
        ["role_arn", "roleArn"],
        ["rolSessionName", "roleSessionName"],
        ["accessKeySercet", "accessKeySecret"],
        ["credentialsUri", "credentialsURI"]
      ]
      for (const [field, meant] of misspelt) {
        const error = yield* buildError(layer(untyped({ type: "access_key", ...pair, [field]: marker })))
        assert.strictEqual(
          error.message,
          `FromConfig is misconfigured in its options: ${field} is not known here: did you mean ${meant}?`
        )
      }
      const typ = yield* buildError(layer(untyped({ typ: "access_key", ...pair })))
      assert.deepStrictEqual(problemsOf(typ), ["typ is not known here: did you mean type?"])
      const other = yield* buildError(layer(untyped({ type: "access_key", ...pair, comment: marker })))
      assert.deepStrictEqual(problemsOf(other), ["comment is not known here"])
    }))

  it.effect("that are null or empty count as not given, as for the official client", () =>
    Effect.gen(function*() {
      const config: FromConfig.Config = untyped({
        type: "ram_role_arn",
        ...pair,
        securityToken: "",
        roleArn: "role",
        policy: null,
        externalId: "",
        roleSessionName: null,
        timeout: null
      })
      const source = yield* FromConfig.fromConfig(config).pipe(Effect.provide(world))
      assert.strictEqual(source.name, "RamRoleArn")
    }))
})
