import { AccessKey, RamRoleArn } from "@effect-alicloud/credentials"
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
        fix: "Set HTTPS_PROXY to http://host:port, or unset it."
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
