import * as Official from "@alicloud/credentials"
import { CredentialsError } from "@effect-alicloud/credentials"
import { createCredential, CredentialsClosed } from "@effect-alicloud/sdk"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import { bundleModule } from "../kit/bundles.ts"
import { makeFolder } from "../kit/children.ts"
import { assertNoLeak } from "../kit/leaks.ts"
import { runOnFake } from "../kit/runOnFake.ts"
import { rejectionOf } from "./utils/scenario.ts"

const ci = { accessKeyId: "LTAI5tCi", accessKeySecret: "s3cr3t-ci" }

const roleArn = "acs:ram::1234567890123456:role/deploy"

const session = { accessKeyId: "STS.Own", accessKeySecret: "s3cr3t-own", securityToken: "s3cr3t-own-token" }

describe("createCredential", () => {
  it.live("takes the official options, and closes twice like once", () =>
    Effect.gen(function*() {
      const credential = yield* Effect.promise(() => createCredential({ type: "sts", ...session }))
      assert.strictEqual(credential.getType(), "sts")
      const { accessKeyId, providerName, securityToken } = yield* Effect.promise(() => credential.getCredential())
      assert.deepStrictEqual([accessKeyId, securityToken, providerName], ["STS.Own", "s3cr3t-own-token", "static_sts"])
      yield* Effect.promise(() => Promise.all([credential.close(), credential.close()]))
      yield* Effect.promise(() => credential[Symbol.asyncDispose]())
      for (
        const read of [
          () => credential.getCredential(),
          () => credential.getAccessKeySecret(),
          () => credential.popCore.getCredentials(),
          () => credential.oss(),
          () => credential.retryOnRejected(() => credential.getCredential())
        ]
      ) {
        const error = yield* rejectionOf(read())
        assert.instanceOf(error, CredentialsClosed.CredentialsClosed)
        assert.include(error.message, "has been closed")
      }
    }))

  it.live("takes an official Config as it is", () =>
    Effect.gen(function*() {
      const config = new Official.Config({ type: "access_key", ...ci })
      const credential = yield* Effect.promise(() => createCredential(config))
      const { accessKeyId, type } = yield* Effect.promise(() => credential.getCredential())
      assert.deepStrictEqual([accessKeyId, type], ["LTAI5tCi", "access_key"])
      yield* Effect.promise(() => credential.close())
    }))

  it.live("has a bearer token before the first request", () =>
    Effect.gen(function*() {
      const credential = yield* Effect.promise(() => createCredential({ type: "bearer", bearerToken: "s3cr3t-bearer" }))
      assert.deepStrictEqual([credential.getType(), credential.getBearerToken()], ["bearer", "s3cr3t-bearer"])
      assert.instanceOf(yield* rejectionOf(credential.oss()), CredentialsError.InvalidConfig)
      yield* Effect.promise(() => credential.close())
    }))

  it.live("serves the clients of all generations from one session", () =>
    Effect.gen(function*() {
      const credential = yield* Effect.promise(() => createCredential({ type: "sts", ...session }))
      const { options } = yield* Effect.promise(() => credential.oss())
      assert.deepStrictEqual(
        { ...options, refreshSTSToken: undefined },
        {
          accessKeyId: "STS.Own",
          accessKeySecret: "s3cr3t-own",
          stsToken: "s3cr3t-own-token",
          refreshSTSToken: undefined,
          refreshSTSTokenInterval: 0
        }
      )
      assert.deepStrictEqual(yield* Effect.promise(() => credential.popCore.getCredentials()), session)
      assertNoLeak(credential)
      yield* Effect.promise(() => credential.close())
    }))

  it.live("rejects wrong options with the typed error, in which no secret shows", () =>
    Effect.gen(function*() {
      const wrong = [
        {},
        { type: "nonsense" },
        { type: "access_key", accessKeySecret: "s3cr3t-ci" },
        { type: "ram_role_arn", ...ci, roleArn, roleSessionExpiration: 60 }
      ]
      for (const config of wrong) {
        const error = yield* rejectionOf(createCredential(config))
        assert.instanceOf(error, CredentialsError.InvalidConfig)
        assert.strictEqual(error._tag, "InvalidConfig")
        assertNoLeak(error)
      }
    }))
})

interface Answer {
  readonly providerName: string
  readonly type: string
  readonly accessKeyId: string
  readonly regions: number
}

const cloud = FakeAlicloudServer.layer({
  users: [{ name: "ci", ...ci }],
  roles: [
    { arn: roleArn },
    { arn: "acs:ram::1234567890123456:role/pod", trustedOidcProviders: ["acs:ram::1234567890123456:oidc-provider/k8s"] }
  ],
  oidcTokens: [{
    token: "s3cr3t-oidc",
    providerArn: "acs:ram::1234567890123456:oidc-provider/k8s",
    subject: "system:serviceaccount:default:app"
  }],
  instance: { roleName: "EcsRole" },
  credentialsUris: [{ path: "/credentials?token=s3cr3t" }]
})

describe("createCredential in a process of its own, over HTTPS", () => {
  it.scopedLive(
    "the official ECS client calls with each form of credentials, and every signature is right",
    () =>
      Effect.gen(function*() {
        const fake = yield* FakeAlicloud.FakeAlicloud
        const folder = yield* makeFolder("forms-")
        const token = join(folder, "token")
        Fs.writeFileSync(token, "s3cr3t-oidc\n")
        const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
        const sessionUri = `${httpUrl}/credentials?token=s3cr3t`
        const outcome = yield* fake.handle({ method: "GET", url: sessionUri, headers: {}, body: "" })
        const issued = JSON.parse(outcome._tag === "Reply" ? outcome.body : "{}") as Record<string, string>
        const configFile = join(folder, "config.json")
        const key = { access_key_id: ci.accessKeyId, access_key_secret: ci.accessKeySecret }
        const profiles = [
          { name: "plain", mode: "AK", ...key },
          { name: "staging", mode: "RamRoleArn", ...key, ram_role_arn: roleArn, ram_session_name: "staging" }
        ]
        Fs.writeFileSync(configFile, JSON.stringify({ current: "plain", profiles }))
        const stored = {
          profile: "plain",
          role: { roleArn, roleSessionName: "shared" },
          sessionStore: { directory: join(folder, "sessions") }
        }
        const forms = [
          { type: "access_key", ...ci },
          {
            type: "sts",
            accessKeyId: issued["AccessKeyId"],
            accessKeySecret: issued["AccessKeySecret"],
            securityToken: issued["SecurityToken"]
          },
          { type: "ram_role_arn", ...ci, roleArn },
          { type: "ecs_ram_role", roleName: "EcsRole" },
          {
            type: "oidc_role_arn",
            roleArn: "acs:ram::1234567890123456:role/pod",
            oidcProviderArn: "acs:ram::1234567890123456:oidc-provider/k8s",
            oidcTokenFilePath: token
          },
          { type: "credentials_uri", credentialsURI: sessionUri },
          null,
          { strict: true },
          { profile: "staging" },
          { profile: "plain", role: { roleArn } },
          { sources: ["OidcRoleArn", { type: "access_key", ...ci }] },
          { sources: [{ profile: "nosuch" }, "EcsRamRole"] },
          stored,
          stored
        ]
        const ended = yield* runOnFake(
          [yield* bundleModule(new URL("./fixtures/forms.ts", import.meta.url)), JSON.stringify(forms)],
          { ALIBABA_CLOUD_ECS_METADATA: "EcsRole", ALIBABA_CLOUD_CONFIG_FILE: configFile }
        )
        assert.strictEqual(ended.code, 0, ended.stderr)
        assert.include(ended.stderr, "there is no profile")
        assert.lengthOf(ended.stderr.trim().split("\n"), 1)
        const answers = ended.stdout.trim().split("\n").map((line) => JSON.parse(line) as Answer)
        assert.deepStrictEqual(answers.map(({ regions }) => regions), answers.map(() => 4))
        assert.deepStrictEqual(answers.map(({ providerName, type }) => `${type} ${providerName}`), [
          "access_key static_ak",
          "sts static_sts",
          "ram_role_arn ram_role_arn/static_ak",
          "ecs_ram_role ecs_ram_role",
          "oidc_role_arn oidc_role_arn",
          "credentials_uri credential_uri",
          "access_key default/cli_profile/static_ak",
          "access_key default/cli_profile/static_ak",
          "ram_role_arn cli_profile/ram_role_arn/static_ak",
          "ram_role_arn ram_role_arn/cli_profile/static_ak",
          "access_key static_ak",
          "ecs_ram_role ecs_ram_role",
          "ram_role_arn ram_role_arn/cli_profile/static_ak",
          "ram_role_arn ram_role_arn/cli_profile/static_ak"
        ])
        assert.strictEqual(answers.at(-1)?.accessKeyId, answers.at(-2)?.accessKeyId)
        const calls = (yield* fake.journal).filter(({ endpoint }) => endpoint === "ecs")
        assert.deepStrictEqual(
          calls.map(({ accessKeyId, provider, status }) => ({ accessKeyId, providerName: provider, status })),
          answers.map(({ accessKeyId, providerName }) => ({ accessKeyId, providerName, status: 200 }))
        )
      }).pipe(Effect.provide(cloud)),
    60_000
  )
})
