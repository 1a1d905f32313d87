/** The platforms besides GitHub Actions, and programs: what is asked, and what is wrong when there is no token. */
import * as OidcRoleArn from "@effect-alicloud/credentials/OidcRoleArn"
import * as OidcToken from "@effect-alicloud/credentials/OidcToken"
import { Connection, SocketClient } from "@effect-alicloud/credentials/Platform"
import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import { HttpClient, HttpClientResponse } from "@effect/platform"
import { NodePath } from "@effect/platform-node"
import * as NodeCommandExecutor from "@effect/platform-node/NodeCommandExecutor"
import * as NodeFileSystem from "@effect/platform-node/NodeFileSystem"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option, Redacted } from "effect"
import { cloud, count, drive, journal, setFaults, story } from "../kit/cloud.ts"
import { errorOf } from "../kit/leaks.ts"
import { ciWorld, githubVariables, job, provider, requestToken, roleVariables, token } from "../kit/tokens.ts"
import { files, getOf, withEnv } from "../kit/world.ts"

type Platform = NonNullable<WorldInput["tokenPlatforms"]>[number]["platform"]

const resource = "api://alibaba-cloud"

const buildkiteVariables = { BUILDKITE_JOB_ID: "0190-job/1", BUILDKITE_AGENT_ACCESS_TOKEN: requestToken }

const platforms: ReadonlyArray<{
  readonly platform: Platform
  readonly token: Parameters<typeof job>[0]
  readonly variables?: Readonly<Record<string, string>>
  readonly request: string
  readonly audience?: string
}> = [
  {
    platform: "buildkite",
    token: OidcToken.buildkite(),
    variables: buildkiteVariables,
    request: "POST agent.buildkite.com/v3/jobs/0190-job%2F1/oidc/tokens"
  },
  {
    platform: "google",
    token: OidcToken.googleMetadata(),
    request: "GET metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/identity"
  },
  {
    platform: "azure",
    token: OidcToken.azureManagedIdentity({ resource, clientId: "client-1" }),
    request: "GET 169.254.169.254/metadata/identity/oauth2/token",
    audience: resource
  },
  { platform: "fly", token: OidcToken.fly(), request: "POST localhost/v1/tokens/oidc" }
]

const worldOf = (platform: Platform, audience = "sts.aliyuncs.com"): WorldInput => ({
  ...ciWorld(platform),
  oidcProviders: [{ ...provider, clientIds: [audience] }]
})

for (const { audience, platform, request, token, variables = {} } of platforms) {
  describe(`a token of ${platform}`, () => {
    const isMetadata = platform !== "buildkite"

    it.effect("is asked for at its address and becomes a session", () =>
      Effect.gen(function*() {
        yield* getOf(job(token))
        const [first] = yield* journal
        assert.strictEqual(`${first?.method} ${first?.host}${first?.path}`, request)
        assert.deepStrictEqual(yield* story, [`oidc.${platform} 200`, "sts.AssumeRoleWithOIDC 200"])
      }).pipe(Effect.provide(cloud(worldOf(platform, audience)).layer), withEnv(variables)))

    it.effect(`is asked for ${isMetadata ? "directly, never" : "also"} through a proxy`, () => {
      const direct: Array<boolean> = []
      const client = HttpClient.make((request) =>
        Effect.flatMap(Connection, (connection) => {
          direct.push(connection.direct)
          return Effect.succeed(HttpClientResponse.fromWeb(request, new Response("", { status: 403 })))
        })
      )
      return errorOf(getOf(job(token))).pipe(
        Effect.map(() => assert.deepStrictEqual(direct, [isMetadata])),
        Effect.provideService(HttpClient.HttpClient, client),
        Effect.provideService(SocketClient, Option.some(() => client)),
        withEnv(variables)
      )
    })

    it.effect("is chosen by a variable", () =>
      Effect.flatMap(Effect.provide(OidcRoleArn.fromEnv, files({})), ({ get }) => get).pipe(
        Effect.provide(cloud(worldOf(platform, "sts.example.com")).layer),
        withEnv({
          ...roleVariables,
          ...variables,
          ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: platform,
          ALICLOUD_CREDENTIALS_OIDC_AUDIENCE: "sts.example.com"
        })
      ))

    it.effect("that is an HTML page, or too long, is an error that shows nothing of it", () =>
      Effect.gen(function*() {
        for (const body of [`<html>\n${requestToken}</html>`, "s3cr3t".repeat(5000), "", " \n"]) {
          yield* setFaults({ endpoint: "oidc", kind: "status", status: 200, body })
          const error = yield* errorOf(getOf(job(token)))
          assert.strictEqual(error._tag === "SourceFailed" && error.reason, "Malformed")
        }
        yield* setFaults({ endpoint: "oidc", kind: "status", status: 403, body: "s3cr3t" })
        const refused = yield* errorOf(getOf(job(token)))
        assert.match(refused.message, /refused the token \(HTTP 403\)\. \w/)
        assert.strictEqual(
          yield* Effect.map(journal, (all) => all.filter(({ endpoint }) => endpoint.startsWith("sts")).length),
          0
        )
      }).pipe(Effect.provide(cloud(worldOf(platform, audience)).layer), withEnv(variables)))
  })
}

describe("where a platform is not", () => {
  const elsewhere: ReadonlyArray<readonly [platform: string, message: RegExp]> = [
    ["github-actions", /ACTIONS_ID_TOKEN_REQUEST_URL, ACTIONS_ID_TOKEN_REQUEST_TOKEN: .*`id-token: write`/],
    ["buildkite", /BUILDKITE_JOB_ID, BUILDKITE_AGENT_ACCESS_TOKEN: .*jobs of Buildkite only/],
    ["google", /no connection to http:\/\/metadata\.google\.internal.* Only machines of Google Cloud/],
    ["azure", /ALICLOUD_CREDENTIALS_OIDC_AUDIENCE: azure needs it/]
  ]
  const get = Effect.flatMap(Effect.provide(OidcRoleArn.fromEnv, files({})), ({ get }) => get)
  for (const [from, message] of elsewhere) {
    it.effect(`${from} says what is missing`, () =>
      Effect.gen(function*() {
        assert.match((yield* drive(errorOf(get))).message, message)
      }).pipe(
        Effect.provide(cloud({ ...ciWorld(), tokenPlatforms: [] }).layer),
        withEnv({ ...roleVariables, ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: from })
      ))
  }

  it.effect("Fly.io needs Unix sockets, and the error names the variable or the option", () =>
    Effect.gen(function*() {
      const fromVariable = yield* errorOf(
        get.pipe(withEnv({ ...roleVariables, ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: "fly" }))
      )
      assert.include(fromVariable.message, "ALICLOUD_CREDENTIALS_OIDC_TOKEN_FROM: the token of Fly.io")
      const fromOption = yield* errorOf(getOf(job(OidcToken.fly())))
      assert.include(fromOption.message, "option oidcToken: the token of Fly.io comes from a Unix socket")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provideService(SocketClient, Option.none()), Effect.provide(cloud(ciWorld("fly")).layer)))

  it.effect("an agent of Buildkite at another host must have https", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(job(OidcToken.buildkite())))
      assert.include(error.message, "BUILDKITE_AGENT_ENDPOINT: it must be an https URL")
    }).pipe(
      Effect.provide(cloud(ciWorld("buildkite")).layer),
      withEnv({ ...buildkiteVariables, BUILDKITE_AGENT_ENDPOINT: "http://agent.example.com/v3" })
    ))

  it.effect("what the platform of one job says is not used in another", () =>
    Effect.gen(function*() {
      const error = yield* errorOf(getOf(job(OidcToken.buildkite())))
      assert.strictEqual(error._tag, "InvalidConfig")
    }).pipe(Effect.provide(cloud(ciWorld()).layer), withEnv(githubVariables)))
})

describe("a token that a program prints", () => {
  const system = Layer.merge(Layer.provideMerge(NodeCommandExecutor.layer, NodeFileSystem.layer), NodePath.layer)
  const printing = (command: string) => Effect.provide(OidcToken.executable(command), system)

  it.live("becomes a session", () =>
    Effect.gen(function*() {
      const printed = Redacted.value(yield* token())
      yield* getOf(job(printing(`${process.execPath} -p '"${printed}"'`)))
    }).pipe(Effect.provide(cloud(ciWorld()).layer), withEnv({})))

  it.live("is missing where the program fails or is forbidden, and no error shows the command line", () =>
    Effect.gen(function*() {
      const failing = yield* errorOf(getOf(job(printing("/bin/false s3cr3t"))).pipe(withEnv({})))
      assert.include(failing.message, "OidcRoleArn failed, Process: \"false\" ended with exit code 1")
      const open = yield* errorOf(getOf(job(printing("'s3cr3t"))).pipe(withEnv({})))
      assert.strictEqual(open._tag, "InvalidConfig")
      const forbidden = yield* errorOf(
        getOf(job(printing("/bin/true"))).pipe(withEnv({ ALIBABA_CLOUD_DISABLE_EXTERNAL_PROCESS: "1" }))
      )
      assert.strictEqual(forbidden._tag, "SourceUnavailable")
      assert.strictEqual(yield* count, 0)
    }).pipe(Effect.provide(cloud(ciWorld()).layer)))
})
