import { renderLocation } from "@effect-alicloud/credentials/CredentialsError"
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import * as OidcToken from "@effect-alicloud/credentials/OidcToken"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Encoding, Redacted, TestClock } from "effect"
import { generateKeyPairSync, sign } from "node:crypto"
import { cloud, count, drive, providerArn, roleArn, setFaults, story } from "../kit/cloud.ts"
import { driveWithin } from "../kit/drive.ts"
import { errorOf } from "../kit/leaks.ts"
import { ciWorld, githubVariables, job, provider, requestToken, roleVariables, token } from "../kit/tokens.ts"
import { build, files, getOf, untyped, withEnv } from "../kit/world.ts"

const github = OidcToken.githubActions()

const start = Date.UTC(2026, 0, 2, 3, 4, 5)

const refusal = "AuthenticationFail.OIDCToken"

describe("a token of GitHub Actions", () => {
  it.effect("is asked for with the audience and becomes a session", () => {
    const { layer, parameter, requests } = cloud(ciWorld())
    return Effect.gen(function*() {
      const credentials = yield* getOf(job(github))
      assert.strictEqual(credentials.providerName, "oidc_role_arn")
      assert.deepStrictEqual(yield* story, ["oidc.github-actions 200", "sts.AssumeRoleWithOIDC 200"])
      assert.strictEqual(
        requests[0]?.url,
        `${githubVariables.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=sts.aliyuncs.com`
      )
      assert.match(parameter(1, "OIDCToken") ?? "", /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)
    }).pipe(Effect.provide(layer), withEnv(githubVariables))
  })

  it.effect("has the audience that is asked for", () => {
    const audience = "a b&c"
    const world = { ...ciWorld(), oidcProviders: [{ ...provider, clientIds: [audience] }] }
    return getOf(job(OidcToken.githubActions({ audience }))).pipe(
      Effect.provide(cloud(world).layer),
      withEnv(githubVariables)
    )
  })

  for (const name of ["ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"]) {
    it.effect(`needs ${name}: without the permission of the workflow the error names the line to add`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(job(github)))
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.include(error.message, name)
        assert.include(error.message, "id-token: write")
        assert.strictEqual(yield* count, 0)
      }).pipe(Effect.provide(cloud(ciWorld()).layer), withEnv({ ...githubVariables, [name]: " " })))
  }

  const foreign = ["http://actions.example.com/?a=b", "http://localhost@example.com/", "ftp://example.com", "s3cr3t"]
  for (const url of foreign) {
    it.effect(`is not asked for at ${url}`, () =>
      Effect.gen(function*() {
        const error = yield* errorOf(getOf(job(github)))
        assert.strictEqual(
          error._tag === "InvalidConfig" && renderLocation(error.location),
          "ACTIONS_ID_TOKEN_REQUEST_URL"
        )
        assert.include(error.message, "must be an https URL")
        assert.strictEqual(yield* count, 0)
      }).pipe(
        Effect.provide(cloud(ciWorld()).layer),
        withEnv({ ...githubVariables, ACTIONS_ID_TOKEN_REQUEST_URL: url })
      ))
  }

  it.effect("that is refused says what to check", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(job(github)))
      assert.include(error.message, "GitHub Actions refused the token (HTTP 401)")
      assert.include(error.message, "id-token: write")
      assert.deepStrictEqual(yield* story, ["oidc.github-actions 401"])
    }).pipe(
      Effect.provide(cloud(ciWorld()).layer),
      withEnv({ ...githubVariables, ACTIONS_ID_TOKEN_REQUEST_TOKEN: "s3cr3t-ended" })
    ))

  it.effect("is asked for again when its endpoint fails for a moment, and for each attempt of STS", () => {
    const { layer, parameter } = cloud(ciWorld())
    return Effect.gen(function*() {
      yield* setFaults(
        { endpoint: "oidc.github-actions", kind: "status", status: 503, times: 1 },
        { endpoint: "sts", kind: "status", status: 503, times: 1 }
      )
      yield* drive(getOf(job(github)))
      assert.deepStrictEqual(yield* story, [
        "oidc.github-actions 503",
        "oidc.github-actions 200",
        "sts.AssumeRoleWithOIDC 503",
        "oidc.github-actions 200",
        "sts.AssumeRoleWithOIDC 200"
      ])
      assert.notStrictEqual(parameter(2, "OIDCToken"), parameter(4, "OIDCToken"))
    }).pipe(Effect.provide(layer), withEnv(githubVariables))
  })

  it.effect("that does not come in time is the reason, not STS", () =>
    Effect.gen(function*() {
      yield* setFaults({ endpoint: "oidc", kind: "hang" })
      const error = yield* driveWithin(15_000)(errorOf(getOf(job(github))))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Timeout")
      assert.include(error.message, "no OIDC token within 15s")
    }).pipe(Effect.provide(cloud(ciWorld()).layer), withEnv(githubVariables)))

  const answers: ReadonlyArray<readonly [title: string, body: string, detail: string]> = [
    ["HTML", "<html>s3cr3t</html>", "not valid JSON"],
    ["nothing", "", "not valid JSON"],
    ["an empty value", "{\"value\":\"\"}", "value must be"],
    ["no value", "{\"token\":\"s3cr3t\"}", "value is missing"],
    ["a value of another type", "{\"value\":{\"s3cr3t\":1}}", "value must be"],
    ["white space", "{\"value\":\" \\n\"}", "the OIDC token is empty"],
    ["a token of 30 kB", JSON.stringify({ value: "s3cr3t".repeat(5000) }), "has 30000 characters, more than the 20000"],
    ["a token with line feeds", "{\"value\":\"s3cr3t\\ns3cr3t\"}", "contains a line feed"],
    ["a token in other letters", "{\"value\":\"s3cr3t-é\"}", "contains a line feed or another character"]
  ]
  for (const [title, body, detail] of answers) {
    it.effect(`${title} in the answer is an error before anything is sent to STS`, () =>
      Effect.gen(function*() {
        yield* setFaults({ endpoint: "oidc", kind: "status", status: 200, body, contentType: "application/json" })
        const error = yield* errorOf(getOf(job(github)))
        assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Malformed")
        assert.include(error.message, detail)
        assert.deepStrictEqual(yield* story, ["oidc.github-actions 200"])
      }).pipe(Effect.provide(cloud(ciWorld()).layer), withEnv(githubVariables)))
  }
})

describe("a token that is refused", () => {
  const forged = (): string => {
    const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 })
    const part = (value: object) => Encoding.encodeBase64Url(JSON.stringify(value))
    const claims = {
      iss: provider.issuer,
      sub: "s",
      aud: "sts.aliyuncs.com",
      iat: start / 1000,
      exp: start / 1000 + 300
    }
    const content = `${part({ alg: "RS256" })}.${part(claims)}`
    return `${content}.${sign("sha256", Buffer.from(content), privateKey).toString("base64url")}`
  }

  const cases: ReadonlyArray<
    readonly [title: string, claims: Parameters<typeof token>[0], code: string, told: ReadonlyArray<string>]
  > = [
    ["for another audience names it", { aud: "kubernetes" }, `${refusal}.AudienceNotMatch`, [
      "audience \"kubernetes\""
    ]],
    ["for many audiences names some", { aud: ["a", "b"] }, `${refusal}.AudienceNotMatch`, ["audience \"a\", \"b\""]],
    ["of another issuer names it", { iss: "https://else.example.com/x" }, `${refusal}.Invalid`, [
      "issuer \"https://else.example.com/x\""
    ]],
    ["older than the provider's limit says so", { from: -13 * 3600, until: 3600 }, `${refusal}.Expired`, [
      "older than the issuance limit of the provider",
      "issued 13h ago",
      "ends in 1h"
    ]],
    ["from the future says when it was issued", { from: 120 }, `${refusal}.Invalid`, ["issued in 2m"]]
  ]
  for (const [title, claims, code, told] of cases) {
    it.effect(title, () =>
      Effect.gen(function*() {
        yield* TestClock.setTime(start)
        const given = yield* token(claims)
        const error = yield* errorOf(getOf(job(Effect.succeed(given))))
        assert.strictEqual(error._tag === "SourceFailed" && error.code, code)
        for (const text of told) assert.include(error.message, text)
        assert.notInclude(error.message, Redacted.value(given).slice(0, 20))
      }).pipe(Effect.provide(cloud(ciWorld()).layer)))
  }

  it.effect("because the role does not trust it says who it is for and from", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(job(yield* Effect.map(token(), Effect.succeed))))
      assert.include(error.message, "trust policy")
      assert.include(error.message, `audience "sts.aliyuncs.com", issuer "${provider.issuer}", subject "job-1"`)
    }).pipe(
      Effect.provide(
        cloud({ ...ciWorld(), roles: [{ arn: roleArn("job"), trustedOidcProviders: [providerArn] }] }).layer
      )
    ))

  it.effect("because another key signed it says so", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(start)
      const error = yield* errorOf(getOf(job(Effect.succeed(Redacted.make(forged())))))
      assert.strictEqual(error._tag === "SourceFailed" && error.code, `${refusal}.InvalidSignature`)
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))
})

describe("a token that has ended", () => {
  it.effect("is not sent, and the error says when it ended", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(start)
      const error = yield* errorOf(getOf(job(yield* Effect.map(token({ from: -600, until: -300 }), Effect.succeed))))
      assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Expired")
      assert.include(error.message, "the OIDC token ended 5m ago by this machine's clock")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))

  it.scoped("is replaced at the next refresh, when what provides it has a new one", () =>
    Effect.gen(function*() {
      yield* TestClock.setTime(start)
      let current = yield* token()
      const source = yield* build(job(Effect.sync(() => current)))
      yield* source.get
      yield* TestClock.adjust("59 minutes")
      current = yield* token()
      yield* TestClock.adjust("2 minutes")
      yield* source.get
      assert.strictEqual(yield* count, 2)
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))
})

describe("a token of one's own", () => {
  it.effect("that is not Redacted is an error", () =>
    Effect.gen(function*() {
      for (const value of ["s3cr3t", undefined, Redacted.make(untyped(7))]) {
        const error = yield* errorOf(getOf(job(Effect.succeed(untyped(value)))))
        assert.include(error.message, "did not answer a Redacted text")
      }
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))

  it.effect("and a file are one too many, and a text is none", () =>
    Effect.gen(function*() {
      const both = yield* errorOf(getOf(job(github, { oidcTokenFilePath: "/token" })))
      assert.include(both.message, "options oidcToken and oidcTokenFilePath: set one of them")
      const text = yield* errorOf(getOf(job(untyped("s3cr3t"))))
      assert.include(text.message, "oidcToken must be an effect that answers a Redacted token, not string")
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))

  it.effect("may be a variable, which is read again each time", () =>
    Effect.gen(function*() {
      const first = Redacted.value(yield* token())
      const layer = job(OidcToken.variable("CIRCLE_OIDC_TOKEN_V2"))
      yield* getOf(layer).pipe(withEnv({ CIRCLE_OIDC_TOKEN_V2: ` ${first}\n` }))
      const error = yield* errorOf(getOf(layer).pipe(withEnv({})))
      assert.include(error.message, "CIRCLE_OIDC_TOKEN_V2: it is not set")
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))
})

describe("the variables of the default chain", () => {
  const get = Effect.flatMap(Effect.provide(OidcRoleArn.fromEnv, files({})), ({ get }) => get)

  it.effect("may hold the token itself", () =>
    Effect.gen(function*() {
      const given = Redacted.value(yield* token())
      yield* get.pipe(withEnv({ ...roleVariables, ALIBABA_CLOUD_OIDC_TOKEN: given }))
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))

  it.effect("may name a platform, which takes precedence over a file, and a file over the token itself", () =>
    Effect.gen(function*() {
      const variables = { ...roleVariables, ...githubVariables, ALIBABA_CLOUD_OIDC_TOKEN: "s3cr3t" }
      const withFile = { ...variables, ALIBABA_CLOUD_OIDC_TOKEN_FILE: "/nowhere" }
      yield* get.pipe(withEnv({ ...withFile, ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: "github-actions" }))
      const error = yield* errorOf(get.pipe(withEnv(withFile)))
      assert.include(error.message, "the token file /nowhere: it does not exist")
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))

  it.effect("that name an unknown platform list the known ones", () =>
    Effect.gen(function*() {
      for (const from of ["gitlab", "constructor", requestToken]) {
        const error = yield* errorOf(
          get.pipe(withEnv({ ...roleVariables, ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: from }))
        )
        assert.strictEqual(error._tag, "InvalidConfig")
        assert.match(error.message, /ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: it must be one of github-actions/)
      }
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))
})
