import type { Fault, Request, WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloud from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { HttpClient, HttpClientRequest } from "@effect/platform"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import type { Duration } from "effect"
import { Clock, Effect, Exit, Fiber, Layer, Schedule, Scope } from "effect"
import { existsSync, readFileSync } from "node:fs"
import * as Net from "node:net"
import type { Call } from "../../../test/kit/sign.ts"
import { acs3, rpc } from "../../../test/kit/sign.ts"
import { alice, roleArn } from "./utils/cloud.ts"
import { overTls } from "./utils/https.ts"

const world: WorldInput = {
  users: [alice],
  roles: [{ arn: roleArn("open") }],
  instance: { roleName: "EcsRole" },
  credentialsUris: [{ path: "/uri?a=%20b" }]
}

const memory = FakeAlicloud.layer(world)

const sockets = FakeAlicloudServer.layerClient.pipe(
  Layer.provide(NodeHttpClient.layerUndici),
  Layer.provideMerge(FakeAlicloudServer.layer(world))
)

const get = (url: string, headers: Request["headers"] = {}): Request => ({ method: "GET", url, headers, body: "" })

const send = (request: Request) =>
  Effect.gen(function*() {
    const client = HttpClient.withTracerPropagation(yield* HttpClient.HttpClient, false)
    const response = yield* client.execute(
      HttpClientRequest.make(request.method as "GET")(request.url).pipe(
        HttpClientRequest.setHeaders(request.headers),
        request.body === ""
          ? (self) => self
          : HttpClientRequest.bodyText(request.body, request.headers["content-type"] ?? "text/plain")
      )
    )
    return `${response.status} ${response.headers["content-type"]} ${yield* response.text}`
  }).pipe(Effect.scoped)

/** What differs between two runs at different times. */
const stable = (answer: string): string =>
  answer.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, "<time>")
    .replace(/(Nonce%3D)[0-9a-f-]+/g, "$1<nonce>")
    .replace(/(Timestamp%3D)[\dTZ%A-]+/g, "$1<time>")

const imds = "http://100.100.100.200/latest/meta-data/ram/security-credentials/"

const signedNow = (sign: typeof rpc, call: Call, key = alice) =>
  Effect.map(Clock.currentTimeMillis, (at) => sign(key, { ...call, at }))

const assume: Call = {
  action: "AssumeRole",
  parameters: { RoleArn: roleArn("open"), RoleSessionName: "test@session" }
}

const conversation = Effect.gen(function*() {
  const { setFaults } = yield* FakeAlicloud.FakeAlicloud
  const answers: Array<string> = []
  const ask = (request: Request, limit: Duration.DurationInput = "20 seconds") =>
    send(request).pipe(
      Effect.catchAll((error) =>
        Effect.succeed(`${error._tag} ${error.reason} ${(error.cause as { readonly code?: string })?.code ?? ""}`)
      ),
      Effect.timeoutTo({ duration: limit, onSuccess: (answer) => answer, onTimeout: () => "silence" }),
      Effect.tap((answer) => Effect.sync(() => answers.push(stable(answer))))
    )
  yield* ask(yield* signedNow(rpc, assume))
  yield* ask(yield* signedNow(acs3, { ...assume, host: "sts-vpc.cn-hangzhou.aliyuncs.com" }))
  yield* ask(yield* signedNow(rpc, assume, { ...alice, accessKeySecret: "wrong" }))
  yield* ask(yield* signedNow(acs3, { ...assume, action: "GetCallerIdentity", host: "sts.eu-west-1.aliyuncs.com" }))
  yield* ask(yield* signedNow(acs3, { action: "DescribeRegions", version: "2014-05-26", host: "ecs.aliyuncs.com" }))
  yield* ask({
    ...get("http://100.100.100.200/latest/api/token", {
      "x-aliyun-ecs-metadata-token-ttl-seconds": "60"
    }),
    method: "PUT"
  })
  yield* ask(get(imds, { "x-aliyun-ecs-metadata-token": "fake-imds-token-0001" }))
  yield* ask(get(`${imds}EcsRole`))
  yield* ask(get(`${imds}Other`))
  yield* ask(get("https://undefined/"))
  const faults: ReadonlyArray<Fault["kind"]> = ["hang", "html404", "malformed", "throttle", "expired", "stall"]
  for (const kind of faults) {
    yield* setFaults([{ endpoint: "imds", kind } as Fault])
    // Only for these does no answer come, however long the wait.
    yield* ask(get(`${imds}EcsRole`), kind === "hang" || kind === "stall" ? "400 millis" : undefined)
  }
  yield* setFaults([{ endpoint: "imds", kind: "redirect", location: "http://127.0.0.1:1/" }])
  yield* ask(get(`${imds}EcsRole`))
  const { journal } = yield* FakeAlicloud.FakeAlicloud
  const entries = (yield* journal).map((entry) => ({ ...entry, at: 0 }))
  return { answers, entries }
})

const connect = (port: number) =>
  Effect.async<string>((resume) => {
    const socket = Net.connect(port, "127.0.0.1")
    socket.on("connect", () => resume(Effect.succeed("open")))
    socket.on("error", (error: NodeJS.ErrnoException) => resume(Effect.succeed(error.code ?? "error")))
    return Effect.sync(() => socket.destroy())
  })

describe("FakeAlicloudServer", () => {
  it.live("answers and writes down what the in-memory client answers and writes down", () =>
    Effect.gen(function*() {
      const inMemory = yield* Effect.provide(conversation, memory)
      const onSockets = yield* Effect.provide(conversation, sockets)
      assert.deepStrictEqual(onSockets, inMemory)
      assert.match(inMemory.answers[0] ?? "", /^200 application\/json.*STS\.Fake0001/)
      assert.match(inMemory.answers[2] ?? "", /^400 .*SignatureDoesNotMatch/)
      assert.strictEqual(inMemory.answers[9], "RequestError Transport ENOTFOUND")
      assert.strictEqual(inMemory.answers[10], "silence")
    }))

  it.live("cuts connections for real: before, and in the middle of the answer", () =>
    Effect.gen(function*() {
      const { setFaults } = yield* FakeAlicloud.FakeAlicloud
      for (
        const [kind, tag] of [["refuse", "RequestError"], ["disconnect", "RequestError"], ["truncate", "ResponseError"]]
      ) {
        yield* setFaults([{ endpoint: "imds", kind } as Fault])
        assert.strictEqual((yield* Effect.flip(send(get(`${imds}EcsRole`))))._tag, tag)
      }
    }).pipe(Effect.provide(sockets)))

  it.live("leaves loopback addresses alone", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      assert.match(yield* send(get(`${httpUrl}/uri?a=%20b`)), /^200 .*STS\.Fake0001/)
      const error = yield* Effect.flip(send(get("http://127.0.0.1:1/uri?a=%20b")))
      assert.propertyVal(error.cause, "code", "ECONNREFUSED")
    }).pipe(Effect.provide(sockets)))

  it.live("shows certificates of its own authority for every host it serves, and for no other", () =>
    Effect.gen(function*() {
      const { caFile, caPem, httpsPort } = yield* FakeAlicloudServer.FakeAlicloudServer
      assert.strictEqual(readFileSync(caFile, "utf8"), caPem)
      const fetch = (host: string, ca: string | undefined, request: Request = get("/")) =>
        overTls(httpsPort, ca, { ...request, url: new URL(request.url, `https://${host}`).href })
      const hosts = ["sts.aliyuncs.com", "sts-vpc.cn-hangzhou.aliyuncs.com", "ecs-cn-hangzhou.aliyuncs.com"]
      for (const host of hosts) {
        const call: Call = host.startsWith("ecs")
          ? { action: "DescribeRegions", version: "2014-05-26", host }
          : { ...assume, host }
        assert.match(yield* fetch(host, caPem, yield* signedNow(acs3, call)), /^200 /)
      }
      assert.match(yield* fetch("127.0.0.1", caPem, get("/uri?a=%20b")), /^200 /)
      assert.match(yield* fetch("localhost", caPem, get("/other")), /^404 /)
      assert.strictEqual(yield* fetch("sts.aliyuncs.com", undefined), "UNABLE_TO_VERIFY_LEAF_SIGNATURE")
      assert.notMatch(yield* fetch("example.com", caPem), /^\d/)
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))))

  it.live("says that it does not know a host", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      assert.match(yield* send(get(`${httpUrl}/`, { host: "example.com" })), /^421 /)
    }).pipe(Effect.provide(sockets)))

  it.live("does not read bodies without end", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      const body = "x".repeat(1024 * 1024 + 1)
      assert.match(yield* send({ ...get(`${httpUrl}/uri`), method: "POST", body }), /^413 /)
    }).pipe(Effect.provide(sockets)))

  it.live("stops waiting when the other side leaves", () =>
    Effect.gen(function*() {
      const { count, journal, setFaults } = yield* FakeAlicloud.FakeAlicloud
      yield* setFaults([{ endpoint: "imds", kind: "latency", millis: 60_000 }])
      const waiting = yield* Effect.fork(send(get(`${imds}EcsRole`)))
      yield* Effect.repeat(count("imds"), { until: (count) => count === 1, schedule: Schedule.spaced("5 millis") })
      yield* Fiber.interrupt(waiting)
      assert.isUndefined((yield* journal)[0]?.status)
    }).pipe(Effect.provide(sockets)))

  it.live("gives everything back when its scope closes, open connections included", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const cloud = yield* FakeAlicloud.make({ ...world, faults: [{ endpoint: "uri", kind: "hang" }] })
      const server = yield* FakeAlicloudServer.serve.pipe(
        Effect.provideService(FakeAlicloud.FakeAlicloud, cloud),
        Scope.extend(scope)
      )
      assert.strictEqual(yield* connect(server.httpPort), "open")
      assert.strictEqual(yield* connect(server.httpsPort), "open")
      const hanging = yield* Effect.fork(Effect.exit(Effect.tryPromise(() => fetch(`${server.httpUrl}/uri?a=%20b`))))
      yield* Effect.repeat(cloud.count("uri"), { until: (count) => count === 1, schedule: Schedule.spaced("5 millis") })
      yield* Scope.close(scope, Exit.void)
      assert.isTrue(Exit.isFailure(yield* hanging))
      assert.strictEqual(yield* connect(server.httpPort), "ECONNREFUSED")
      assert.strictEqual(yield* connect(server.httpsPort), "ECONNREFUSED")
      assert.isFalse(existsSync(server.caFile))
    }))

  it.live("cannot be built on a wrong world", () =>
    Effect.gen(function*() {
      const built = Layer.build(FakeAlicloudServer.layer({ users: [alice, alice] })).pipe(Effect.scoped)
      assert.strictEqual((yield* Effect.flip(built))._tag, "InvalidWorld")
    }))
})
