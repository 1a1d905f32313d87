import * as Credentials from "@effect-alicloud/credentials/Credentials"
import * as FromConfig from "@effect-alicloud/credentials/FromConfig"
import { Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Fiber, Layer, Option, Redacted, TestClock } from "effect"
import {
  ci,
  cloud,
  count,
  credentialsUri,
  keyPair,
  oidcToken,
  providerArn,
  roleArn,
  setFaults,
  story
} from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { files, getOf, noProcesses, withEnv } from "../kit/world.ts"

const local = Layer.mergeAll(files({ "/token": oidcToken, "/key.pem": keyPair.privateKey }), noProcesses, Path.layer)

const layer = (config?: FromConfig.Config) => Layer.provide(FromConfig.layer(config), local)

const pair = { accessKeyId: ci.accessKeyId, accessKeySecret: ci.accessKeySecret }

describe("the official types that call a service", () => {
  const types: ReadonlyArray<
    readonly [config: FromConfig.Config, providerName: string, seconds: number, story: ReadonlyArray<string>]
  > = [
    [{ type: "ram_role_arn", ...pair, roleArn: roleArn("open") }, "ram_role_arn/static_ak", 3600, [
      "sts.AssumeRole 200"
    ]],
    [
      {
        type: "ram_role_arn",
        ...pair,
        accessKeySecret: Redacted.make(ci.accessKeySecret),
        roleArn: roleArn("partner"),
        externalId: "ticket-1",
        roleSessionName: "me",
        roleSessionExpiration: 900,
        durationSeconds: 1800,
        policy: "{}",
        enableVpc: "true",
        stsRegionId: "cn-hangzhou"
      },
      "ram_role_arn/static_ak",
      900,
      ["sts.AssumeRole 200"]
    ],
    [
      { type: "ram_role_arn", ...pair, roleArn: roleArn("open"), durationSeconds: 1800 },
      "ram_role_arn/static_ak",
      1800,
      [
        "sts.AssumeRole 200"
      ]
    ],
    [
      {
        type: "oidc_role_arn",
        roleArn: roleArn("pod"),
        oidcProviderArn: providerArn,
        oidcTokenFilePath: "/token"
      },
      "oidc_role_arn",
      3600,
      ["sts.AssumeRoleWithOIDC 200"]
    ],
    [{ type: "ecs_ram_role" }, "ecs_ram_role", 21_600, ["imds.token 200", "imds.list 200", "imds.credentials 200"]],
    [{ type: "ecs_ram_role", roleName: "EcsRole", disableIMDSv1: true, enableIMDSv2: false }, "ecs_ram_role", 21_600, [
      "imds.token 200",
      "imds.credentials 200"
    ]],
    [{ type: "credentials_uri", credentialsURI: credentialsUri }, "credential_uri", 3600, ["uri 200"]],
    [
      { type: "rsa_key_pair", publicKeyId: "LTPubKey", privateKeyFile: "/key.pem", roleSessionExpiration: 1200 },
      "rsa_key_pair",
      1200,
      [
        "sts.GenerateSessionAccessKey 200"
      ]
    ]
  ]
  for (const [config, providerName, seconds, expected] of types) {
    it.effect(`${config.type} with ${Object.keys(config).length - 1} options`, () =>
      Effect.gen(function*() {
        const credentials = yield* getOf(layer(config))
        assert.strictEqual(credentials.type, config.type)
        assert.strictEqual(credentials.providerName, providerName)
        assert.deepStrictEqual(
          Credentials.expirationOf(credentials),
          Option.some(DateTime.unsafeMake(seconds * 1000))
        )
        assert.deepStrictEqual(yield* story, expected)
      }).pipe(Effect.provide(cloud().layer), withEnv({})))
  }

  it.effect("ram_role_arn signs with the session when a token is given", () => {
    const { layer: world, parameter } = cloud()
    return Effect.gen(function*() {
      const error = yield* errorOf(getOf(layer({
        type: "ram_role_arn",
        ...pair,
        securityToken: "s3cr3t-token",
        roleArn: roleArn("open")
      })))
      assert.include(error.message, "InvalidSecurityToken.Malformed")
      assert.strictEqual(parameter(0, "SecurityToken"), "s3cr3t-token")
    }).pipe(Effect.provide(world))
  })

  it.effect("a token that is empty is none", () =>
    Effect.gen(function*() {
      yield* getOf(layer({ type: "ram_role_arn", ...pair, securityToken: "", roleArn: roleArn("open") }))
      assert.deepStrictEqual(yield* story, ["sts.AssumeRole 200"])
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("time-outs are milliseconds", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "uri", kind: "hang" })
      const fiber = yield* Effect.fork(
        Effect.flip(
          getOf(layer({ type: "credentials_uri", credentialsURI: credentialsUri, timeout: 500, connectTimeout: 250 }))
        )
      )
      yield* TestClock.adjust("749 millis")
      assert.isTrue(Option.isNone(yield* Fiber.poll(fiber)))
      yield* TestClock.adjust("1 millis")
      assert.include((yield* Fiber.join(fiber)).message, "Timeout")
    }).pipe(Effect.provide(cloud().layer)))

  it.effect("no config walks the default chain", () =>
    Effect.gen(function*() {
      const credentials = yield* getOf(layer())
      assert.strictEqual(credentials.providerName, "default/ecs_ram_role")
      assert.strictEqual(yield* count, 3)
    }).pipe(Effect.provide(cloud().layer), withEnv({ HOME: "/home/me" })))
})
