import * as Credentials from "@effect-alicloud/credentials/Credentials"
import { renderLocation } from "@effect-alicloud/credentials/CredentialsError"
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Option, TestClock } from "effect"
import { cloud, count, journal, oidcToken, providerArn, roleArn } from "../kit/cloud.ts"
import { assertNoLeak, errorOf } from "../kit/leaks.ts"
import { build, files, getOf, secretsOf, withEnv } from "../kit/world.ts"

const path = "/var/run/secrets/token"

const config: OidcRoleArn.Config = {
  roleArn: roleArn("pod"),
  oidcProviderArn: providerArn,
  oidcTokenFilePath: path
}

const env = {
  ALIBABA_CLOUD_ROLE_ARN: roleArn("pod"),
  ALIBABA_CLOUD_OIDC_PROVIDER_ARN: providerArn,
  ALIBABA_CLOUD_OIDC_TOKEN_FILE: path
}

const pod = (contents: Readonly<Record<string, string>>, more: OidcRoleArn.Config = {}) =>
  Layer.provide(OidcRoleArn.layer({ ...config, ...more }), files(contents))

describe("OidcRoleArn", () => {
  it.effect("returns the session of the role, and no rendering shows a secret", () => {
    const { layer, requests } = cloud()
    return Effect.gen(function*() {
      const credentials = yield* getOf(pod({ [path]: oidcToken }))
      assert.strictEqual(credentials.type, "oidc_role_arn")
      assert.strictEqual(credentials.providerName, "oidc_role_arn")
      assert.deepStrictEqual(secretsOf(credentials), ["STS.Fake0001", "fake-secret-0001", "fake-token-0001"])
      assertNoLeak(credentials)
      const [request] = requests
      assert.strictEqual(request?.method, "POST")
      assert.notInclude(JSON.stringify(request?.urlParams), oidcToken)
      assert.isUndefined((yield* journal)[0]?.accessKeyId)
      assert.isUndefined((yield* journal)[0]?.provider)
    }).pipe(Effect.provide(layer))
  })

  it.effect("policy, session name and lifetime reach the service; nothing is signed", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const credentials = yield* getOf(
        pod({ [path]: oidcToken }, { policy: "{}", roleSessionName: "pod-1", roleSessionExpiration: 901 })
      )
      assert.deepStrictEqual(Credentials.expirationOf(credentials), Option.some(DateTime.unsafeMake(901_000)))
      const sent = ["Policy", "RoleSessionName", "DurationSeconds", "RoleArn", "OIDCProviderArn", "OIDCToken"]
      assert.deepStrictEqual(sent.map((name) => parameter(0, name)), [
        "{}",
        "pod-1",
        "901",
        roleArn("pod"),
        providerArn,
        oidcToken
      ])
      for (const name of ["Signature", "SignatureNonce", "AccessKeyId", "SecurityToken", "ExternalId"]) {
        assert.isNull(parameter(0, name))
      }
    }).pipe(Effect.provide(layer))
  })

  it.effect("white space around the token is no part of it", () =>
    getOf(pod({ [path]: `\uFEFF \n${oidcToken}\r\n` })).pipe(Effect.provide(cloud().layer)))

  it.scoped("the token is read again for each session", () => {
    const { layer, parameter } = cloud({
      oidcTokens: ["first", "second"].map((token) => ({ token, providerArn, subject: "pod" }))
    })
    return Effect.gen(function*() {
      const contents = { [path]: "first" }
      const provider = yield* build(pod(contents))
      yield* provider.get
      contents[path] = "second"
      yield* TestClock.adjust("1 hour")
      yield* provider.get
      assert.deepStrictEqual([0, 1].map((index) => parameter(index, "OIDCToken")), ["first", "second"])
    }).pipe(Effect.provide(layer))
  })

  const unreadable: ReadonlyArray<readonly [title: string, contents: Record<string, string>, detail: string]> = [
    ["is missing", {}, "it does not exist"],
    ["is empty", { [path]: "" }, "is empty"],
    ["holds white space only", { [path]: " \r\n\t" }, "is empty"],
    ["is too large", { [path]: "x".repeat(1024 * 1024 + 1) }, "it is larger than 1 MiB"]
  ]
  for (const [title, contents, detail] of unreadable) {
    it.effect(`a token file that ${title} is an error before anything is sent`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(pod(contents)))
        assert.strictEqual(error._tag, "SourceFailed")
        assert.strictEqual(error._tag === "SourceFailed" && error.reason, "File")
        assert.include(error.message, path)
        assert.include(error.message, detail)
        assert.strictEqual(yield* count, 0)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.scoped("a token file that appears later is found", () =>
    Effect.gen(function*() {
      const contents: Record<string, string> = {}
      const provider = yield* build(pod(contents))
      yield* errorOf(provider.get)
      contents[path] = oidcToken
      assert.strictEqual((yield* provider.get).type, "oidc_role_arn")
    }).pipe(Effect.provide(cloud().layer)))

  const tokens = [
    { token: "s3cr3t-old", providerArn, subject: "pod", expiresAt: "1970-01-01T00:00:00Z" },
    { token: "s3cr3t-audience", providerArn, subject: "pod", audience: "kubernetes" },
    { token: "s3cr3t-elsewhere", providerArn: `${providerArn}-2`, subject: "pod" }
  ]
  const refused: ReadonlyArray<readonly [token: string, code: string, hint: RegExp]> = [
    ["s3cr3t-old", "AuthenticationFail.OIDCToken.Expired", /must renew it/],
    ["s3cr3t-audience", "AuthenticationFail.OIDCToken.AudienceNotMatch", /audience/],
    ["s3cr3t-unknown", "AuthenticationFail.OIDCToken.Invalid", /holds the token alone/],
    ["s3cr3t-elsewhere", "AuthenticationFail.NoPermission", /trust policy/]
  ]
  for (const [token, code, hint] of refused) {
    it.effect(`${code} is a refusal with a hint, and is not tried again`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(pod({ [path]: token })))
        assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Denied")
        assert.strictEqual(error._tag === "SourceFailed" && error.status, 401)
        assert.include(error.message, code)
        assert.match(error.message, hint)
        assert.strictEqual(yield* count, 1)
      }).pipe(Effect.provide(cloud({ oidcTokens: tokens }).layer)))
  }

  it.scoped("what is not given comes from the environment it was built in", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const provider = yield* build(Layer.provide(OidcRoleArn.layer(), files({ [path]: oidcToken }))).pipe(
        withEnv({ ...env, ALIBABA_CLOUD_ROLE_SESSION_NAME: "from-env", ALIBABA_CLOUD_STS_REGION: "cn-hangzhou" })
      )
      yield* provider.get.pipe(withEnv({ ALIBABA_CLOUD_ROLE_ARN: roleArn("nobody") }))
      assert.strictEqual(parameter(0, "RoleSessionName"), "from-env")
      assert.strictEqual((yield* journal)[0]?.host, "sts.cn-hangzhou.aliyuncs.com")
    }).pipe(Effect.provide(layer))
  })

  it.scoped("the default session name is made once per source", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const provider = yield* build(pod({ [path]: oidcToken }))
      yield* TestClock.adjust("5 minutes")
      yield* provider.get
      yield* TestClock.adjust("1 hour")
      yield* provider.get
      const names = [0, 1].map((index) => parameter(index, "RoleSessionName"))
      assert.deepStrictEqual(names, ["effect-alicloud-0", "effect-alicloud-0"])
    }).pipe(Effect.provide(layer))
  })
})

describe("OidcRoleArn.fromEnv", () => {
  const source = Effect.provide(OidcRoleArn.fromEnv, files({ [path]: oidcToken }))

  it.effect("is absent without provider and token file, and with the role alone", () =>
    Effect.gen(function*() {
      for (const variables of [{}, { ALIBABA_CLOUD_ROLE_ARN: roleArn("pod") }]) {
        const error = yield* errorOf(Effect.flatMap(source, ({ get }) => get).pipe(withEnv(variables)))
        assert.strictEqual(error._tag, "SourceUnavailable")
      }
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(cloud().layer)))

  const names = Object.keys(env) as ReadonlyArray<keyof typeof env>
  for (const missing of names) {
    it.effect(`is misconfigured with all but ${missing}`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(
          Effect.flatMap(source, ({ get }) => get).pipe(withEnv({ ...env, [missing]: " " }))
        )
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.strictEqual(error._tag === "InvalidConfig" && renderLocation(error.location), missing)
      }).pipe(Effect.provide(cloud().layer)))
  }

  it.effect("keeps one session name over its resolutions", () => {
    const { layer, parameter } = cloud()
    return Effect.gen(function*() {
      const { get } = yield* source
      yield* get
      yield* TestClock.adjust("1 minute")
      yield* get
      assert.strictEqual(parameter(0, "RoleSessionName"), "effect-alicloud-0")
      assert.strictEqual(parameter(1, "RoleSessionName"), "effect-alicloud-0")
    }).pipe(Effect.provide(layer), withEnv(env))
  })
})
