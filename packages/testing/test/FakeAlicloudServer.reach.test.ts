/** The ways to the server that need no process of their own: its plain address, and as a proxy. */
import type { Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import type { Dispatcher } from "@effect/platform-node/Undici"
import { EnvHttpProxyAgent, fetch as fetchThrough } from "@effect/platform-node/Undici"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect } from "effect"
import * as Net from "node:net"
import { acs3, rpc } from "../../../test/kit/sign.ts"
import { alice, roleArn } from "./utils/cloud.ts"

const world: WorldInput = {
  users: [alice],
  roles: [{ arn: roleArn("open") }],
  instance: { roleName: "EcsRole" },
  cloudSsoSites: [{ host: "signin-cn-shanghai.alibabacloudsso.com" }],
  oauthLogins: [{ site: "INTL", refreshToken: "fake-refresh" }],
  tokenPlatforms: [{ platform: "google" }],
  actions: { "Vpc.DescribeVpcs": ({ caller }) => ({ Arn: caller.arn }) }
}

const send = (request: Request, dispatcher?: Dispatcher) =>
  Effect.promise(async () => {
    const { body, headers, method, url } = request
    const given = { method, headers: { ...headers }, ...(body === "" ? {} : { body }) }
    const response = dispatcher === undefined
      ? await fetch(url, given)
      : await fetchThrough(url, { ...given, dispatcher })
    return { status: response.status, text: await response.text() }
  })

const get = (url: string, headers: Request["headers"] = {}): Request => ({ method: "GET", url, headers, body: "" })

const placed = Effect.flatMap(
  FakeAlicloud.FakeAlicloud,
  ({ journal }) => Effect.map(journal, (entries) => entries.map(({ endpoint, host }) => `${endpoint} ${host}`))
)

describe("the plain address of the server", () => {
  it.live("tells the service of a signed call by its action or version, in both signatures", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      const at = yield* Clock.currentTimeMillis
      const here = (request: Request): Request => ({
        ...request,
        url: request.url.replace(/^https:\/\/[^/]+/, httpUrl)
      })
      const host = new URL(httpUrl).host
      const identity = yield* send(here(rpc(alice, { action: "GetCallerIdentity", at, host })))
      assert.include(identity.text, "user/alice")
      const regions = { action: "DescribeRegions", version: "2014-05-26", at, host }
      assert.include((yield* send(here(acs3(alice, regions)))).text, "cn-hangzhou")
      const nothing = yield* send(here(acs3(alice, { action: "NoSuchAction", at, host })))
      assert.include(nothing.text, "InvalidAction.NotFound")
      const vpcs = yield* send(here(acs3(alice, { action: "DescribeVpcs", version: "2016-04-28", at, host })))
      assert.include(vpcs.text, "user/alice")
      assert.deepStrictEqual(yield* placed, [
        "sts.GetCallerIdentity sts.aliyuncs.com",
        "ecs ecs.aliyuncs.com",
        "sts sts.aliyuncs.com",
        "Vpc.DescribeVpcs vpc.aliyuncs.com"
      ])
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))

  it.live("tells the service by the path, where there is no action", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      const expected = [
        ["/latest/api/token", "imds.token 100.100.100.200"],
        ["/v1/token", "oauth.token oauth.alibabacloud.com"],
        ["/oauth2/v1/auth", "oauth.authorize signin.alibabacloud.com"],
        ["/access-assignments/accounts", "cloudsso.accounts signin-cn-shanghai.alibabacloudsso.com"],
        ["/computeMetadata/v1/instance/service-accounts/default/identity", "oidc.google metadata.google.internal"]
      ] as const
      for (const [path] of expected) yield* send(get(`${httpUrl}${path}`))
      assert.deepStrictEqual(yield* placed, expected.map(([, service]) => service))
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))

  it.live("tells the service of an object by the signature", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      yield* send(get(`${httpUrl}/bucket/object`, { authorization: "OSS LTAI5tAlice:wrong" }))
      assert.deepStrictEqual(yield* placed, ["oss oss-cn-hangzhou.aliyuncs.com"])
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))

  it.live("says what it looked at when a request fits no service", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      for (
        const [path, looked] of [
          ["/?Action=DescribeRouters&Version=2016-04-28", "the action DescribeRouters and the version 2016-04-28"],
          ["/?Action=DescribeRouters", "the action DescribeRouters and no version"],
          ["/somewhere", "no action and the path /somewhere"]
        ]
      ) {
        assert.deepStrictEqual(yield* send(get(`${httpUrl}${path}`)), {
          status: 421,
          text: `The fake cloud has no service for this request, which has ${looked}.\n`
        })
      }
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))
})

describe("the server as a proxy", () => {
  const through = Effect.flatMap(
    FakeAlicloudServer.FakeAlicloudServer,
    ({ caPem, proxyEnvironment }) =>
      Effect.acquireRelease(
        Effect.sync(() =>
          new EnvHttpProxyAgent({
            httpProxy: proxyEnvironment["HTTP_PROXY"]!,
            httpsProxy: proxyEnvironment["HTTPS_PROXY"]!,
            noProxy: proxyEnvironment["NO_PROXY"]!,
            requestTls: { ca: caPem }
          })
        ),
        (agent) => Effect.promise(() => agent.destroy())
      )
  )

  it.scopedLive("leads to each host, over TLS and without", () =>
    Effect.gen(function*() {
      const agent = yield* through
      const at = yield* Clock.currentTimeMillis
      const call = { action: "GetCallerIdentity", at }
      assert.include((yield* send(acs3(alice, call), agent)).text, "user/alice")
      const imds = "http://100.100.100.200/latest/meta-data/ram/security-credentials/"
      assert.strictEqual((yield* send(get(imds), agent)).text, "EcsRole")
      assert.deepStrictEqual(yield* placed, ["sts.GetCallerIdentity sts.aliyuncs.com", "imds.list 100.100.100.200"])
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))

  it.scopedLive("takes a whole URL, as proxies do for plain HTTP", () =>
    Effect.gen(function*() {
      const { httpPort } = yield* FakeAlicloudServer.FakeAlicloudServer
      const answer = yield* Effect.promise(() => wholeUrl(httpPort, "http://100.100.100.200/latest/api/token"))
      assert.match(answer, /^HTTP\/1.1 405 /)
      assert.match(
        yield* Effect.promise(() => wholeUrl(httpPort, "http://example.com/")),
        /^HTTP\/1.1 421 [^]*\r\n\r\nThe fake cloud does not have the host example\.com\.\n$/
      )
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))

  it.scopedLive("opens no tunnel to a host that the cloud does not have", () =>
    Effect.gen(function*() {
      const { httpPort } = yield* FakeAlicloudServer.FakeAlicloudServer
      assert.match(
        yield* Effect.promise(() => wholeUrl(httpPort, "example.com:443", "CONNECT")),
        /^HTTP\/1.1 421 [^]*\r\n\r\nThe fake cloud does not have the host example\.com\.\n$/
      )
      yield* Effect.promise(() => reset(httpPort))
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))
})

/** Asks for a tunnel and breaks the connection off, which must not end the process of the server. */
const reset = (port: number): Promise<void> =>
  new Promise((resolve) => {
    const socket = Net.connect(port, "127.0.0.1", () => {
      socket.write("CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n", () => socket.resetAndDestroy())
    })
    socket.on("close", () => resolve())
  })

const wholeUrl = (port: number, url: string, method = "GET"): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = Net.connect(port, "127.0.0.1", () => {
      socket.write(`${method} ${url} HTTP/1.1\r\nhost: example.com\r\nconnection: close\r\n\r\n`)
    })
    let text = ""
    socket.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk
    }).on("error", reject).on("close", () => resolve(text))
  })
