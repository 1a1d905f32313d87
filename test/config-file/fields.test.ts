import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { accountId, ci, keyPair, oidcToken, roleArn } from "../kit/cloud.ts"
import type { Sent } from "../kit/profileWorld.ts"
import { fileOf, minimal, optional, plain, resolve } from "../kit/profileWorld.ts"

const stsModes = ["RamRoleArn", "ChainableRamRoleArn", "RamRoleArnWithRoleName", "OIDC", "RsaKeyPair"]
const roleModes = stsModes.filter((mode) => mode !== "RsaKeyPair")
const httpModes = [...stsModes, "CloudSSO", "OAuth", "CredentialsURI"]

const hosts = (...names: ReadonlyArray<string>) => (sent: Sent): boolean => names.includes(sent.host)

/** The last request of a profile with these fields besides those that its mode needs. */
const last = (mode: string, fields: Readonly<Record<string, unknown>>): Effect.Effect<Sent> =>
  Effect.map(resolve(fileOf({ mode, ...minimal[mode], ...fields })), ({ sent }) => {
    const request = sent.at(-1)
    if (request === undefined) throw new Error(`${mode} has sent nothing`)
    return request
  })

describe("a field of a profile reaches what it configures", () => {
  for (const mode of stsModes) {
    it.effect(`the endpoint of ${mode}`, () =>
      Effect.gen(function*() {
        const hostOf = (fields: object) => Effect.map(last(mode, { ...fields }), ({ host }) => host)
        assert.strictEqual(yield* hostOf({}), "sts.aliyuncs.com")
        assert.strictEqual(yield* hostOf({ sts_region: "cn-hangzhou" }), "sts.cn-hangzhou.aliyuncs.com")
        assert.strictEqual(
          yield* hostOf({ sts_region: "cn-hangzhou", enable_vpc: true }),
          "sts-vpc.cn-hangzhou.aliyuncs.com"
        )
        assert.strictEqual(
          yield* hostOf({ sts_endpoint: "sts.example.com", sts_region: "cn-hangzhou", enable_vpc: true }),
          "sts.example.com"
        )
      }))

    it.effect(`the lifetime of the session of ${mode}`, () =>
      Effect.gen(function*() {
        assert.strictEqual((yield* last(mode, {})).parameters["DurationSeconds"], "3600")
        assert.strictEqual((yield* last(mode, { expired_seconds: 900 })).parameters["DurationSeconds"], "900")
      }))
  }

  for (const mode of roleModes) {
    it.effect(`the role, the name and the policy of the session of ${mode}`, () =>
      Effect.gen(function*() {
        const { parameters } = yield* last(mode, {
          ram_role_arn: roleArn("long"),
          ram_session_name: "me",
          policy: "{\"Version\":\"1\"}"
        })
        assert.strictEqual(parameters["RoleArn"], roleArn("long"))
        assert.strictEqual(parameters["RoleSessionName"], "me")
        assert.strictEqual(parameters["Policy"], "{\"Version\":\"1\"}")
        assert.notProperty((yield* last(mode, {})).parameters, "Policy")
      }))

    it.effect(`the external id of ${mode}, if it has one`, () =>
      Effect.gen(function*() {
        const { parameters } = yield* last(mode, { external_id: "ticket-1" })
        assert.strictEqual(parameters["ExternalId"], optional[mode]?.includes("external_id") ? "ticket-1" : undefined)
      }))
  }

  for (const mode of httpModes) {
    it.effect(`the time-outs of ${mode}, in seconds`, () =>
      Effect.gen(function*() {
        const timeouts = (fields: object) =>
          Effect.map(last(mode, { ...fields }), ({ connectTimeout, timeout }) => [timeout, connectTimeout])
        assert.deepStrictEqual(yield* timeouts({}), [5000, 10_000])
        assert.deepStrictEqual(yield* timeouts({ read_timeout: 7, connect_timeout: 3 }), [7000, 3000])
        assert.deepStrictEqual(yield* timeouts({ retry_timeout: 8 }), [8000, 10_000])
        assert.deepStrictEqual(yield* timeouts({ retry_timeout: 8, read_timeout: 7 }), [7000, 10_000])
        assert.deepStrictEqual(yield* timeouts({ retry_timeout: 8, read_timeout: 0 }), [8000, 10_000])
      }))
  }

  it.effect("the time-outs of both requests of a login that is refreshed", () =>
    Effect.gen(function*() {
      const { sent } = yield* resolve(fileOf({
        mode: "OAuth",
        oauth_site_type: "CN",
        oauth_refresh_token: "s3cr3t-refresh",
        read_timeout: 7,
        connect_timeout: 3
      }))
      assert.deepStrictEqual(
        sent.map(({ connectTimeout, path, timeout }) => [path, timeout, connectTimeout]),
        [["/v1/token", 7000, 3000], ["/v1/exchange", 7000, 3000]]
      )
      assert.strictEqual(sent[0]?.parameters["refresh_token"], "s3cr3t-refresh")
    }))

  it.effect("the metadata service keeps its own, short time-outs", () =>
    Effect.gen(function*() {
      const { sent } = yield* resolve(fileOf({ mode: "EcsRamRole", read_timeout: 7, connect_timeout: 3 }))
      assert.deepStrictEqual(sent.map(({ connectTimeout, timeout }) => [timeout, connectTimeout]), [
        [1000, 1000],
        [1000, 1000],
        [1000, 1000]
      ])
    }))

  it.effect("the caller of RamRoleArn, with the token of a temporary AccessKey", () =>
    Effect.gen(function*() {
      const { parameters } = yield* last("RamRoleArn", { sts_token: "s3cr3t-token" })
      assert.strictEqual(parameters["AccessKeyId"], ci.accessKeyId)
      assert.strictEqual(parameters["SecurityToken"], "s3cr3t-token")
      assert.notProperty((yield* last("RamRoleArn", {})).parameters, "SecurityToken")
    }))

  for (const mode of ["EcsRamRole", "RamRoleArnWithRoleName"]) {
    it.effect(`the instance's role of ${mode}, which is read when no option names it`, () =>
      Effect.gen(function*() {
        const paths = (fields: object) =>
          Effect.map(
            resolve(fileOf({ mode, ...minimal[mode], ...fields })),
            ({ sent }) => sent.filter(hosts("100.100.100.200")).slice(1).map(({ path }) => path.split("/").pop())
          )
        assert.deepStrictEqual(yield* paths({ ram_role_name: "EcsRole" }), ["EcsRole"])
        assert.deepStrictEqual(yield* paths({}), ["", "EcsRole"])
      }))
  }

  it.effect("the token and the provider of OIDC", () =>
    Effect.gen(function*() {
      const { parameters } = yield* last("OIDC", { oidc_provider_arn: "acs:ram::1:oidc-provider/other" })
      assert.strictEqual(parameters["OIDCToken"], oidcToken)
      assert.strictEqual(parameters["OIDCProviderArn"], "acs:ram::1:oidc-provider/other")
    }))

  it.effect("the key pair of RsaKeyPair, whose key may be text", () =>
    Effect.gen(function*() {
      const { exit, sent } = yield* resolve(fileOf({
        mode: "RsaKeyPair",
        private_key: keyPair.privateKey.replaceAll("\n", "\r\n"),
        key_pair_name: "LTPubKey"
      }))
      assert.isTrue(Exit.isSuccess(exit))
      assert.strictEqual(sent[0]?.parameters["AccessKeyId"], "LTPubKey")
    }))

  it.effect("the address of CredentialsURI, with its query", () =>
    Effect.gen(function*() {
      const sent = yield* last("CredentialsURI", { credentials_uri: "http://127.0.0.1:6666/x?a=b%20c" })
      assert.deepStrictEqual([sent.host, sent.path, sent.parameters], ["127.0.0.1:6666", "/x", { a: "b c" }])
    }))

  it.effect("the command line of External", () =>
    Effect.gen(function*() {
      const { commands } = yield* resolve(fileOf({ mode: "External", process_command: "/opt/get 'a b' --json" }))
      assert.deepStrictEqual(commands, [["/opt/get", "a b", "--json"]])
    }))

  it.effect("the program of External in the home directory", () =>
    Effect.gen(function*() {
      const text = fileOf({ mode: "External", process_command: "~/bin/get ~/json" })
      const { commands } = yield* resolve(text, { env: { HOME: "/home/me/" } })
      assert.deepStrictEqual(commands, [["/home/me/bin/get", "~/json"]])
      const homeless = yield* resolve(text)
      assert.deepStrictEqual(homeless.commands, [["~/bin/get", "~/json"]])
    }))

  it.effect("the site, account, configuration and token of CloudSSO", () =>
    Effect.gen(function*() {
      const sent = yield* last("CloudSSO", {})
      assert.deepStrictEqual(
        [sent.host, sent.path, sent.authorization],
        ["signin-cn-shanghai.alibabacloudsso.com", "/cloud-credentials", "Bearer s3cr3t-login"]
      )
      assert.deepStrictEqual(JSON.parse(sent.body), { AccountId: accountId, AccessConfigurationId: "ac-1" })
    }))

  it.effect("the site and token of OAuth", () =>
    Effect.gen(function*() {
      const hostOf = (site: string) => Effect.map(last("OAuth", { oauth_site_type: site }), ({ host }) => host)
      assert.strictEqual(yield* hostOf("CN"), "oauth.aliyun.com")
      assert.strictEqual(yield* hostOf("INTL"), "oauth.alibabacloud.com")
      assert.strictEqual(yield* hostOf("intl"), "oauth.alibabacloud.com")
      assert.strictEqual((yield* last("OAuth", {})).authorization, "Bearer s3cr3t-access")
    }))

  for (const mode of ["CloudSSO", "OAuth"]) {
    it.effect(`the stored session of ${mode}, while it lasts`, () =>
      Effect.gen(function*() {
        const stored = { access_key_id: "STS.N", access_key_secret: "s3cr3t-key", sts_token: "s3cr3t-token" }
        const used = yield* resolve(fileOf({ mode, ...minimal[mode], ...stored, sts_expiration: 3600 }))
        assert.isEmpty(used.sent)
        assert.strictEqual(
          Exit.isSuccess(used.exit) && "accessKeyId" in used.exit.value && used.exit.value.accessKeyId,
          "STS.N"
        )
        const ended = yield* resolve(fileOf({ mode, ...minimal[mode], ...stored, sts_expiration: 60 }))
        assert.isNotEmpty(ended.sent)
      }))
  }

  it.effect("the token and the header of BearerToken", () =>
    Effect.gen(function*() {
      const { exit } = yield* resolve(fileOf({
        mode: "BearerToken",
        bearer_token: "s3cr3t\r\n\0-bearer",
        bearer_token_header_key: "x-custom-token"
      }))
      const found: Record<string, unknown> = Exit.isSuccess(exit) ? { ...plain(exit.value) } : {}
      assert.strictEqual(found["bearerToken"], "s3cr3t-bearer")
      assert.include(JSON.stringify(found["headerName"]), "x-custom-token")
    }))

  it.effect("nothing of the environment's identity takes the place of a field", () =>
    Effect.gen(function*() {
      const env = {
        ALIBABA_CLOUD_ROLE_ARN: roleArn("long"),
        ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env",
        ALIBABA_CLOUD_ECS_METADATA: "Other",
        ALIBABA_CLOUD_CREDENTIALS_URI: "http://127.0.0.1:6666/other"
      }
      for (const mode of ["RamRoleArn", "RamRoleArnWithRoleName", "OIDC", "CredentialsURI", "EcsRamRole"]) {
        const { exit, sent } = yield* resolve(fileOf({ mode, ...minimal[mode] }), { env })
        assert.isTrue(Exit.isSuccess(exit), mode)
        assert.notInclude(JSON.stringify(sent), "from-env")
      }
    }))
})
