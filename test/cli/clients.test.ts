/**
 * What real clients send and read, byte for byte, against `serve` and `exec` as processes. `docs/clients.md` names these
 * tests.
 */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { connect } from "node:net"
import { Cli, key, profiles, withCli, world } from "./utils/world.ts"

interface Answer {
  readonly status: number
  readonly body: string
}

/** Sends requests one after the other on one connection, as clients that keep it do. */
const send = (port: number, requests: ReadonlyArray<string | ((before: Answer) => string)>): Effect.Effect<Answer> =>
  Effect.async((resume) => {
    let text = ""
    let answer: Answer = { status: 0, body: "" }
    const left = [...requests]
    const socket = connect(port, "127.0.0.1")
    const next = (): void => {
      const request = left.shift()
      if (request === undefined) {
        socket.destroy()
        resume(Effect.succeed(answer))
      } else {
        socket.write(typeof request === "string" ? request : request(answer))
      }
    }
    socket.on("connect", next)
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1")
      const [, status, head = "", length] = /^HTTP\/1\.1 (\d+)([^]*?content-length: (\d+)[^]*?\r\n\r\n)/i.exec(text) ??
        []
      const start = text.indexOf("\r\n\r\n") + 4
      if (head !== "" && text.length >= start + Number(length)) {
        answer = { status: Number(status), body: text.slice(start, start + Number(length)) }
        text = text.slice(start + Number(length))
        next()
      }
    })
    socket.on("error", (error) => resume(Effect.die(error)))
    socket.on("close", () => resume(Effect.succeed(answer)))
  })

const request = (first: string, ...headers: ReadonlyArray<string>): string => [first, ...headers, "", ""].join("\r\n")

/** What a client sends for the credentials URI. */
const uriClients: Readonly<Record<string, (path: string, port: number) => string>> = {
  "Python credentials 0.3.6 and 1.0.12": (path) =>
    request(
      `GET ${path} HTTP/1.1`,
      "Host: 127.0.0.1",
      "User-Agent: python-requests/2.32.3",
      "Accept-Encoding: gzip, deflate",
      "Accept: */*",
      "Connection: keep-alive"
    ),
  "Go credentials, Terraform and ossutil 1": (path, port) =>
    request(
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "User-Agent: Go-http-client/1.1",
      "Accept-Encoding: gzip"
    ),
  "Go credentials with an empty query": (path, port) =>
    request(
      `GET ${path}? HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "User-Agent: Go-http-client/1.1",
      "Accept-Encoding: gzip"
    ),
  "Java credentials": (path, port) =>
    request(
      `GET ${path} HTTP/1.1`,
      `Host: 127.0.0.1:${port}`,
      "Connection: Keep-Alive",
      "Accept-Encoding: gzip",
      "User-Agent: okhttp/4.12.0"
    ),
  "Node credentials": (path, port) =>
    request(
      `GET ${path} HTTP/1.1`,
      "accept-encoding: gzip,deflate",
      `Host: 127.0.0.1:${port}`,
      "Connection: keep-alive"
    ),
  "PHP credentials": (path, port) =>
    request(`GET ${path} HTTP/1.1`, `Host: 127.0.0.1:${port}`, "User-Agent: GuzzleHttp/7"),
  "a container that knows this machine as host.docker.internal": (path, port) =>
    request(`GET ${path} HTTP/1.1`, `Host: host.docker.internal:${port}`, "User-Agent: Go-http-client/1.1"),
  "a container that knows it by a compose name": (path) =>
    request(`GET ${path} HTTP/1.1`, "Host: credentials", "Accept: */*"),
  "curl": (path, port) =>
    request(`GET ${path} HTTP/1.1`, `Host: localhost:${port}`, "User-Agent: curl/8.5.0", "Accept: */*")
}

const roles = "/latest/meta-data/ram/security-credentials/"

const service = "Host: 100.100.100.200"

const go = [service, "User-Agent: Go-http-client/1.1", "Accept-Encoding: gzip"]

const withToken = ({ body }: Answer): string => `X-aliyun-ecs-metadata-token: ${body}`

/** What a client sends for the metadata service; the last answer is the session. */
const metadataClients: Readonly<Record<string, ReadonlyArray<string | ((before: Answer) => string)>>> = (() => {
  let token = ""
  return {
    "Go credentials 1.4.7 and later, the aliyun CLI and Terraform": [
      request(
        "PUT /latest/api/token? HTTP/1.1",
        ...go,
        "Content-Length: 0",
        "X-Aliyun-Ecs-Metadata-Token-Ttl-Seconds: 21600"
      ),
      (before) => {
        token = withToken(before)
        return request(`GET ${roles}? HTTP/1.1`, ...go, token)
      },
      ({ body }) => request(`GET ${roles}${body}? HTTP/1.1`, ...go, token)
    ],
    "aliyun CLI profiles with ram_role_name": [request(`GET ${roles}EcsRole? HTTP/1.1`, ...go)],
    "ossutil 1 and aliyun oss": [request("GET /latest/meta-data/Ram/security-credentials/EcsRole HTTP/1.1", ...go)],
    "Node credentials with roleName or ALIBABA_CLOUD_ECS_METADATA": [
      request(
        "PUT /latest/api/token HTTP/1.1",
        "X-aliyun-ecs-metadata-token-ttl-seconds: 21600",
        service,
        "Content-Length: 0"
      ),
      (before) => request(`GET ${roles}EcsRole HTTP/1.1`, withToken(before), service, "Connection: keep-alive")
    ],
    "Python credentials": [
      request(`GET ${roles} HTTP/1.1`, service, "User-Agent: python-requests/2.32.3", "Accept: */*"),
      ({ body }) =>
        request(`GET ${roles}${body} HTTP/1.1`, service, "User-Agent: python-requests/2.32.3", "Accept: */*")
    ]
  }
})()

const assertSession = ({ body, status }: Answer): void => {
  assert.strictEqual(status, 200, body)
  const { AccessKeyId, AccessKeySecret, Code, Expiration, SecurityToken } = JSON.parse(body) as Record<string, string>
  assert.strictEqual(Code, "Success")
  assert.match(AccessKeyId ?? "", /^STS\./)
  for (const secret of [AccessKeySecret, SecurityToken]) assert.isNotEmpty(secret)
  assert.match(Expiration ?? "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
}

type Variables = Readonly<Record<string, string | undefined>>

/** How programs read keys from their environment, and which session or pair they then have. */
const environmentClients: Readonly<Record<string, (variables: Variables) => ReadonlyArray<string | undefined>>> = {
  "OSS SDKs and ossutil 2": (variables) => [
    variables["OSS_ACCESS_KEY_ID"],
    variables["OSS_ACCESS_KEY_SECRET"],
    variables["OSS_SESSION_TOKEN"]
  ],
  "SDKs with a default chain, the aliyun CLI and Terraform": (variables) => [
    variables["ALIBABA_CLOUD_ACCESS_KEY_ID"],
    variables["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
    variables["ALIBABA_CLOUD_SECURITY_TOKEN"]
  ]
}

const printEnvironment = [process.execPath, "-e", "console.log(JSON.stringify(process.env))"]

describe.concurrent("what real clients send", () => {
  withCli(world(), (test) => {
    const uriOf = {
      serve: Effect.gen(function*() {
        const { start, tool } = yield* Cli
        const running = yield* start([...tool, "serve", "--format", "json"])
        return (JSON.parse(yield* running.line("{")) as { readonly uri: string }).uri
      }),
      exec: Effect.gen(function*() {
        const { start, tool } = yield* Cli
        const script =
          "console.log(process.env.ALIBABA_CLOUD_CREDENTIALS_URI);process.stdin.on('end',()=>process.exit()).resume()"
        const running = yield* start([...tool, "exec", "--", process.execPath, "-e", script])
        yield* Effect.addFinalizer(() => Effect.sync(() => running.process.stdin.end()))
        return yield* running.line("http")
      })
    }

    for (const [command, makeUri] of Object.entries(uriOf)) {
      test(`for a credentials URI is answered by ${command}`, () =>
        Effect.gen(function*() {
          const { pathname, port } = new URL(yield* makeUri)
          for (const [client, bytes] of Object.entries(uriClients)) {
            const answer = yield* send(Number(port), [bytes(pathname, Number(port))])
            assert.strictEqual(answer.status, 200, client)
            assertSession(answer)
          }
        }))
    }

    test("for the metadata service is answered by serve --imds", () =>
      Effect.gen(function*() {
        const { start, tool } = yield* Cli
        const running = yield* start([...tool, "serve", "--imds", "--format", "json"])
        const { port } = new URL((JSON.parse(yield* running.line("{")) as { readonly imds: string }).imds)
        for (const [client, requests] of Object.entries(metadataClients)) {
          const answer = yield* send(Number(port), requests)
          assert.strictEqual(answer.status, 200, client)
          assertSession(answer)
        }
      }))

    test("is nothing for those that read the environment, which exec --static has ready", () =>
      Effect.gen(function*() {
        const { run, tool } = yield* Cli
        const keysIn = (profile: string) =>
          Effect.map(
            run([...tool, "exec", "--static", "--profile", profile, "--", ...printEnvironment]),
            ({ out }): Variables => JSON.parse(out)
          )
        const [session, pair] = yield* Effect.all([keysIn("deploy"), keysIn("plain")])
        for (const [client, read] of Object.entries(environmentClients)) {
          const [id, secret, token] = read(session)
          assert.match(id ?? "", /^STS\./, client)
          assert.isNotEmpty(secret)
          assert.isNotEmpty(token)
          assert.deepStrictEqual(read(pair), [key.id, key.secret, undefined], client)
        }
        const firstPython = [pair["ALIYUN_ACCESS_KEY_ID"], pair["ALIYUN_ACCESS_KEY_SECRET"]]
        assert.deepStrictEqual(firstPython, [key.id, key.secret])
      }))

    test("is not preceded by an empty credentials file, on which Node credentials 2.2.0 to 2.3.1 fail", () =>
      Effect.gen(function*() {
        const { home: makeHome, run, tool } = yield* Cli
        const fileIn = (home: string) =>
          Effect.map(
            run([...tool, "exec", "--", ...printEnvironment], { home }),
            ({ out }): unknown => JSON.parse(out)["ALIBABA_CLOUD_CREDENTIALS_FILE"]
          )
        const home = makeHome({ current: "deploy", profiles })
        assert.isUndefined(yield* fileIn(home))
        Fs.mkdirSync(`${home}/.alibabacloud`)
        Fs.writeFileSync(`${home}/.alibabacloud/credentials`, "[default]")
        assert.isString(yield* fileIn(home))
      }))

    test("is nothing for a shell that evaluates get --format env", () =>
      Effect.gen(function*() {
        const { run, tool } = yield* Cli
        const get = [...tool, "get", "--format", "env"].join(" ")
        const { out } = yield* run(["sh", "-c", `eval "$(${get})"; exec env`])
        const variables = Object.fromEntries(
          out.split("\n").map((line) => [
            line.slice(0, line.indexOf("=")),
            line.slice(line.indexOf("=") + 1)
          ])
        )
        assert.match(variables["ALIBABA_CLOUD_ACCESS_KEY_ID"] ?? "", /^STS\./)
        assert.isNotEmpty(variables["ALIBABA_CLOUD_SECURITY_TOKEN"])
      }))

    test("is nothing for those that run a process_command and read the snake case fields of its one object", () =>
      Effect.gen(function*() {
        const { run, tool } = yield* Cli
        for (const [profile, fields] of [["deploy", 5], ["plain", 3]] as const) {
          const { out } = yield* run([...tool, "get", "--profile", profile, "--format", "external"])
          const { access_key_id, access_key_secret, expiration, mode, sts_token, ...others } = JSON.parse(out)
          assert.strictEqual(mode, fields === 5 ? "StsToken" : "AK")
          assert.isNotEmpty(access_key_id)
          assert.isNotEmpty(access_key_secret)
          assert.strictEqual(sts_token !== undefined && !Number.isNaN(Date.parse(expiration)), fields === 5)
          assert.deepStrictEqual(others, {})
        }
      }))
  })
})
