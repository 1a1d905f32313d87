import { AccessKey, RamRoleArn } from "@effect-alicloud/credentials"
import * as Proxy from "@effect-alicloud/credentials/unstable/Proxy"
import { NodeHttp } from "@effect-alicloud/node"
import { Sts } from "@effect-alicloud/openapi"
import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Redacted } from "effect"
import type { Scope } from "effect"
import * as Http from "node:http"
import type * as Net from "node:net"
import { sts as stsFindings } from "../packages/cli/src/doctor/checks/network.ts"

/** A proxy on loopback that answers every request for a tunnel with this status. */
const refusing = (status: number): Effect.Effect<string, never, Scope.Scope> =>
  Effect.map(
    Effect.acquireRelease(
      Effect.async<Http.Server>((resume) => {
        const server = Http.createServer((_, response) => response.writeHead(status).end())
        server.on("connect", (_: unknown, socket: Net.Socket) => socket.end(`HTTP/1.1 ${status} No\r\n\r\n`))
        server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
      }),
      (server) => Effect.sync(() => server.close())
    ),
    (server) => `127.0.0.1:${(server.address() as Net.AddressInfo).port}`
  )

const keys = { accessKeyId: "id", accessKeySecret: Redacted.make("secret") }

/** How a role, a call and `doctor` fail behind the proxy, and how many requests each of them sent. */
const behind = (proxy: string) =>
  Effect.gen(function*() {
    let sent = 0
    const http = Layer.effect(
      HttpClient.HttpClient,
      Effect.map(HttpClient.HttpClient, HttpClient.tapRequest(() => Effect.sync(() => sent++)))
    ).pipe(
      Layer.provide(NodeHttp.layer),
      Layer.provideMerge(Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["HTTPS_PROXY", proxy]]))))
    )
    const counted = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
      Effect.map(effect, (result) => {
        const requests = sent
        sent = 0
        return { result, requests }
      })
    return yield* Effect.gen(function*() {
      const source = yield* Effect.flatMap(
        AccessKey.make(keys),
        (caller) => RamRoleArn.make(caller, { roleArn: "acs:ram::1234567890123456:role/deploy" })
      )
      const role = yield* counted(Effect.flip(source.get))
      const call = yield* counted(
        Effect.flip(Sts.getCallerIdentity).pipe(
          Effect.provide(Sts.layer().pipe(Layer.provide(AccessKey.layer(keys))))
        )
      )
      const { result: findings } = yield* counted(stsFindings)
      return { role, call, finding: findings.find(({ check }) => check === "sts") }
    }).pipe(Effect.provide(http))
  })

describe("a proxy that cannot be used", () => {
  it.scopedLive("is named, is not mistaken for the service, and its requests are not repeated", () =>
    Effect.gen(function*() {
      const { call, finding, role } = yield* behind("ftp://proxy.example")
      assert.include(role.result.message, "HTTPS_PROXY is not the URL of an HTTP proxy")
      assert.include(call.result.message, "HTTPS_PROXY is not the URL of an HTTP proxy")
      assert.notInclude(`${role.result.message} ${call.result.message}`, "sts.aliyuncs.com")
      assert.deepStrictEqual([role.requests, call.requests], [1, 1])
      assert.deepInclude(finding, {
        message: "HTTPS_PROXY is not the URL of an HTTP proxy",
        fix:
          "Set HTTPS_PROXY to http://host:port, or unset it. In a user or password % is written %25, # %23, / %2F, @ %40 and \\ %5C."
      })
    }))
})

describe("a proxy that refuses to connect", () => {
  it.scopedLive.each(
    [[407, 1], [403, 1], [502, 3], [503, 3]] as const
  )("with HTTP %s is named with its status", ([status, requests]) =>
    Effect.gen(function*() {
      const proxy = yield* refusing(status)
      const { call, finding, role } = yield* behind(`http://user:pa%23ss@${proxy}`)
      const said = `the proxy http://${proxy} refused the connection with HTTP ${status}`
      assert.include(role.result.message, said)
      assert.include(call.result.message, said)
      assert.include(finding?.message, said)
      assert.deepStrictEqual([role.requests, call.requests], [requests, requests])
      assert.notInclude(JSON.stringify([role, call, finding]), "ss@")
    }))
})

describe("the URL of a proxy", () => {
  it.effect.each([
    "http://CORP\\user:pw@proxy.example:8080",
    "http://user:12#4@proxy.example:3128",
    "http://user:1/2@proxy.example:3128",
    "http://user:1?2@proxy.example:3128",
    "http://proxy.example:3128/path",
    "user:1/2@proxy.example:3128"
  ])(
    "whose user or password may have cut it short is refused, with what to write instead: %s",
    (value) =>
      Effect.gen(function*() {
        const { https } = yield* Proxy.fromEnv
        assert.strictEqual(https?._tag, "Unusable")
        assert.include(https?._tag === "Unusable" ? https.problem.hint : "", "# %23")
      }).pipe(Effect.withConfigProvider(ConfigProvider.fromMap(new Map([["HTTPS_PROXY", value]]))))
  )

  it.effect("may end with a slash and have percent-encoded signs", () =>
    Effect.gen(function*() {
      const { https } = yield* Proxy.fromEnv
      assert.deepInclude(https, { _tag: "Proxy", origin: "http://proxy.example:3128" })
    }).pipe(
      Effect.withConfigProvider(
        ConfigProvider.fromMap(new Map([["HTTPS_PROXY", "http://CORP%5Cuser:1%2F%23@proxy.example:3128/"]]))
      )
    ))
})

describe("NO_PROXY", () => {
  it("has only blocks of addresses that are some", () => {
    assert.deepStrictEqual(
      Proxy.entriesOf(
        "10.0.0.0/, 10.0.0.0/33 10.0.0.0/8,10.0.0.0/8:443,fd00::/8,fd00::/129,::/x,name/8,*,.example.com"
      ),
      {
        usable: ["10.0.0.0/8", "10.0.0.0/8:443", "fd00::/8", "*", ".example.com"],
        unusable: ["10.0.0.0/", "10.0.0.0/33", "fd00::/129", "::/x", "name/8"]
      }
    )
  })
})
