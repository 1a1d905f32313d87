import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { refusals } from "../../../packages/cli/src/messages/serve.ts"
import { othersOf } from "../../../packages/cli/src/server/hosts.ts"
import { cli } from "../../kit/cli.ts"
import type { Answer, Serving } from "./utils/serving.ts"
import { raw, serving } from "./utils/serving.ts"

const pair = { ALIBABA_CLOUD_ACCESS_KEY_ID: "LTAI5tExample", ALIBABA_CLOUD_ACCESS_KEY_SECRET: "s3cr3t" }

const session = { ...pair, ALIBABA_CLOUD_SECURITY_TOKEN: "s3cr3t-token" }

const roles = "/latest/meta-data/ram/security-credentials/"

const role = `${roles}alicloud-credentials`

const fields = ["Code", "AccessKeyId", "AccessKeySecret", "SecurityToken", "Expiration"]

const read = ({ body }: Answer): Record<string, string> => JSON.parse(body)

const wait = (millis: number) => Effect.sleep(`${millis} millis`)

/** What nobody may learn who does not know the token: its own text and what it opens. */
const secretsOf = (server: Serving): Effect.Effect<ReadonlyArray<string>> =>
  Effect.map(server.ask(server.path), (answer) => {
    const { AccessKeySecret = "", SecurityToken = "" } = read(answer)
    return [server.path.split("/")[1] ?? "", AccessKeySecret, SecurityToken]
  })

const assertWithout = (text: string, secrets: ReadonlyArray<string>): void => {
  for (const secret of secrets) {
    assert.isAbove(secret.length, 8)
    assert.notInclude(text, secret)
  }
}

describe.concurrent("serve", () => {
  it.scopedLive("answers as a credentials URI does", () =>
    Effect.gen(function*() {
      const { ask, path } = yield* serving()
      const answer = yield* ask(path)
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["content-type"], "application/json")
      assert.strictEqual(answer.headers["cache-control"], "no-store")
      const body = read(answer)
      assert.deepStrictEqual(Object.keys(body), fields)
      assert.strictEqual(body["Code"], "Success")
      assert.match(body["Expiration"]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      const head = yield* ask(path, { method: "HEAD" })
      assert.deepStrictEqual([head.status, head.body], [200, ""])
    }))

  it.scopedLive("announces an address that cannot be guessed, another one each time", () =>
    Effect.gen(function*() {
      const one = yield* serving(["--format", "json", "--imds"])
      const other = yield* serving(["--format", "json"])
      const pattern = /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{43}\/credentials$/
      assert.match(one.uri, pattern)
      assert.match(other.uri, pattern)
      assert.notStrictEqual(one.path, other.path)
      const imds = `http://127.0.0.1:${one.port}`
      assert.strictEqual(
        one.out(),
        `${JSON.stringify({ uri: one.uri, imds, role: "alicloud-credentials", pid: process.pid })}\n`
      )
      assert.strictEqual(other.out(), `${JSON.stringify({ uri: other.uri, pid: process.pid })}\n`)
    }))

  it.scopedLive("takes a token that is given, in the path and in a header", () =>
    Effect.gen(function*() {
      const { ask, path } = yield* serving(["--token", "chosen_by-somebody"])
      assert.strictEqual(path, "/chosen_by-somebody/credentials")
      assert.strictEqual((yield* ask(path)).status, 200)
      const withToken = (authorization: string) => ask("/credentials", { headers: { authorization } })
      assert.strictEqual((yield* withToken("Bearer chosen_by-somebody")).status, 200)
      assert.strictEqual((yield* withToken("Bearer chosen_by-somebody-else")).status, 404)
      assert.strictEqual((yield* withToken("Basic chosen_by-somebody")).status, 404)
      assert.strictEqual((yield* ask("/credentials")).status, 404)
      const fromEnvironment = yield* serving([], { env: { ALICLOUD_CREDENTIALS_SERVE_TOKEN: "s3cr3t-of-16-chars" } })
      assert.strictEqual(fromEnvironment.path, "/s3cr3t-of-16-chars/credentials")
    }))

  it.scopedLive("makes one request upstream, however many clients send theirs at the same time", () =>
    Effect.gen(function*() {
      const { ask, cloud, path } = yield* serving([], { shortFirst: true })
      assert.strictEqual(yield* cloud.count("uri"), 1)
      // The first session ends unread, so that all 200 come to an empty cache.
      yield* wait(2_100)
      const answers = yield* Effect.all(Array.from({ length: 200 }, () => ask(path)), { concurrency: "unbounded" })
      assert.deepStrictEqual(new Set(answers.map(({ status }) => status)), new Set([200]))
      assert.strictEqual(new Set(answers.map((answer) => read(answer)["AccessKeyId"])).size, 1)
      assert.strictEqual(yield* cloud.count("uri"), 2)
    }))

  it.scopedLive("gives the same answer to a wrong token as to an unknown path", () =>
    Effect.gen(function*() {
      const { ask, path, port } = yield* serving()
      const unknown = yield* ask("/")
      assert.strictEqual(unknown.status, 404)
      const token = path.split("/")[1] ?? ""
      const flipped = `${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`
      for (
        const wrong of [
          `/${flipped}/credentials`,
          `/${token.slice(1)}/credentials`,
          `/${token}A/credentials`,
          `/${token.toLowerCase()}/credentials`,
          `/${token}`,
          `/${token}/`,
          `/${token}/Credentials`,
          `/${token}/credentials/`,
          `/${token}/credentials?x=1`,
          "/x/credentials",
          "/latest/api/token",
          roles
        ]
      ) {
        const { body, headers, status } = yield* ask(wrong)
        assert.deepStrictEqual([status, body], [404, unknown.body], wrong)
        assert.deepStrictEqual(Object.keys(headers), Object.keys(unknown.headers))
        assert.notInclude(body, String(port))
      }
    }))

  it.scopedLive("answers at its secret path by whatever name it is called", () =>
    Effect.gen(function*() {
      const { ask, path, port } = yield* serving()
      const names = ["127.0.0.1", `localhost:${port}`, "host.docker.internal:8042", "credentials", "192.0.2.1"]
      for (const host of names) assert.strictEqual((yield* ask(path, { headers: { host } })).status, 200, host)
    }))

  it.scopedLive("takes an empty query for none, and no other query", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--imds"])
      const status = (path: string) => Effect.map(server.ask(path), ({ status }) => status)
      for (const path of [server.path, roles, role]) {
        assert.strictEqual(yield* status(`${path}?`), 200, path)
        for (const query of ["??", "?x", "?x=1", "?="]) assert.strictEqual(yield* status(path + query), 404, query)
      }
    }))

  it.scopedLive("answers as the metadata service by its own names only", () =>
    Effect.gen(function*() {
      const { ask, port } = yield* serving(["--imds"])
      const as = (host: string) => Effect.map(ask(roles, { headers: { host } }), ({ status }) => status)
      for (const own of ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"]) {
        assert.strictEqual(yield* as(`${own}:${port}`), 200, own)
        assert.strictEqual(yield* as(own), 200, own)
      }
      for (const service of ["100.100.100.200", "100.100.100.200:80"]) {
        assert.strictEqual(yield* as(service), 200, service)
      }
      const others = [
        "host.docker.internal",
        `localhost:${port === 80 ? 81 : 80}`,
        `attacker.example:${port}`,
        `127.0.0.1.attacker.example:${port}`,
        `localhost.:${port}`,
        `127.0.0.2:${port}`,
        "127.0.0.2",
        `100.100.100.200:${port}`
      ]
      for (const foreign of others) assert.strictEqual(yield* as(foreign), 403, foreign)
    }))

  it.scopedLive("rejects what tries its paths, its methods and its patience, and tells nothing", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--imds"])
      const { path, port } = server
      const secrets = yield* secretsOf(server)
      const [token = ""] = secrets
      const host = `Host: 127.0.0.1:${port}\r\n`
      const get = (target: string, headers = host): string => `GET ${target} HTTP/1.1\r\n${headers}\r\n`
      const tricks: ReadonlyArray<readonly [request: string | Uint8Array, statuses: ReadonlyArray<number>]> = [
        [get("/%2e%2e/credentials"), [404]],
        [get(`/${token}%2fcredentials`), [404]],
        [get(`/x/..${path}`), [404]],
        [get(`/.${path}`), [404]],
        [get(`/${path}`), [404]],
        [get(path.replace("/credentials", "//credentials")), [404]],
        [get(`${path};x`), [404]],
        [get(`${path}#x`), [404]],
        [get(`${path}\\`), [404]],
        [get(`${path}%00`), [404]],
        [get(`${path}\0`), [400]],
        [get(path.slice(1)), [400]],
        [get(`http://127.0.0.1:${port}${path}`), [400]],
        [get(`http://attacker.example${path}`), [400]],
        [get("*"), [400]],
        [get(path, ""), [400]],
        [get(path, `${host}Host: attacker.example\r\n`), [400]],
        [get(roles, "Host: attacker.example\r\n"), [403]],
        [get(roles, "Host: \r\n"), [403]],
        [get(path, `${host}Bad Header: x\r\n`), [400]],
        [get(path, `${host}X: ${"x".repeat(10_000)}\r\n`), [431]],
        [get(path, host + Array.from({ length: 3000 }, (_, n) => `X${n}: x\r\n`).join("")), [431]],
        [get(`/${"x".repeat(20_000)}`), [431]],
        [get(path, `${host}Expect: nonsense\r\n`), [417]],
        [get(path, `${host}Content-Length: 5\r\n`), [413]],
        [`${get(path, `${host}Content-Length: 5\r\n`)}hello`, [413]],
        [`${get(path, `${host}Transfer-Encoding: chunked\r\n`)}5\r\nhello\r\n0\r\n\r\n`, [413]],
        [get(path, `${host}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n`), [400]],
        [get(path, `${host}Content-Length: -1\r\n`), [400]],
        [get(path, `${host}Content-Length: 99999999999999999999\r\n`), [400]],
        [`POST ${path} HTTP/1.1\r\n${host}Content-Length: 0\r\n\r\n`, [405]],
        [`DELETE ${path} HTTP/1.1\r\n${host}\r\n`, [405]],
        [`OPTIONS ${path} HTTP/1.1\r\n${host}Origin: https://attacker.example\r\n\r\n`, [405]],
        [`TRACE ${path} HTTP/1.1\r\n${host}\r\n`, [405]],
        [`PUT ${path} HTTP/1.1\r\n${host}\r\n`, [405]],
        [`get ${path} HTTP/1.1\r\n${host}\r\n`, [400]],
        [`GET ${path} HTTP/9.9\r\n${host}\r\n`, [400]],
        [`GET ${path}\r\n\r\n`, [400]],
        [`\u0016\u0003\u0001\u0002`, [400]],
        [`CONNECT 127.0.0.1:${port} HTTP/1.1\r\n${host}\r\n`, []],
        [`GET ${path} HTTP/1.1\r\n${host}`, [400]],
        [new Uint8Array(70_000), [400]],
        ["", []]
      ]
      for (const [request, statuses] of tricks) {
        const text = yield* raw(port, request)
        const label = String(request).slice(0, 80)
        const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1]
        assert.isTrue(statuses.includes(Number(status ?? 0)) || text === "", `${label}: ${text.split("\r\n")[0]}`)
        assert.strictEqual(statuses.length === 0, text === "", label)
        assertWithout(text, secrets)
      }
      assert.strictEqual((yield* server.ask(path)).status, 200)
      assertWithout(server.err(), secrets)
      for (const refusal of Object.values(refusals)) {
        assert.isAtMost(server.err().split(`: ${refusal}\n`).length, 2, refusal)
      }
      for (
        const refusal of [
          "host",
          "target",
          "body",
          "method",
          "token",
          "path",
          "name",
          "http",
          "headers",
          "expectation"
        ] as const
      ) {
        assert.include(server.err(), refusals[refusal])
      }
    }))

  it.scopedLive("answers 503 without a reason when there are no credentials, and logs the reason once", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--imds"], { shortFirst: true })
      yield* server.cloud.setFaults([{ endpoint: "uri", kind: "status", status: 500, body: "s3cr3t-upstream-body" }])
      yield* wait(2_100)
      const answers = yield* Effect.all([server.ask(server.path), server.ask(role), server.ask(server.path)])
      for (const answer of answers) {
        assert.strictEqual(answer.status, 503)
        assert.strictEqual(answer.headers["content-type"], "application/json")
        assert.deepStrictEqual(Object.keys(read(answer)), ["Code", "Message"])
        assertWithout(
          answer.body,
          ["6666", "s3cr3t-upstream-body", "CredentialsUri", "127.0.0.1"].filter((text) => text.length > 8)
        )
      }
      assert.strictEqual(server.err().split("Answered 503").length, 2)
      assert.include(server.err(), "CredentialsUri failed, BadStatus")
      assertWithout(server.err(), ["s3cr3t-upstream-body", server.path.split("/")[1] ?? ""])
      yield* server.cloud.clearFaults
      let status = 503
      for (let tries = 0; tries < 100 && status !== 200; tries++) {
        yield* wait(50)
        status = (yield* server.ask(server.path)).status
      }
      assert.strictEqual(status, 200)
      assert.match(
        server.err(),
        /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ info: Alibaba Cloud credentials are available again$/m
      )
    }))

  it.scopedLive("answers the requests in progress when it is stopped, and no others", () =>
    Effect.gen(function*() {
      const server = yield* serving([], { shortFirst: true })
      yield* server.cloud.setFaults([{ endpoint: "uri", kind: "latency", millis: 500 }])
      yield* wait(2_100)
      const asked = yield* Effect.fork(server.ask(server.path))
      yield* wait(100)
      yield* server.stop
      const answer = yield* Fiber.join(asked)
      assert.strictEqual(answer.status, 200)
      assert.strictEqual(answer.headers["connection"], "close")
      assert.strictEqual(yield* raw(server.port, "GET / HTTP/1.1\r\n\r\n"), "")
    }))

  it.scopedLive("waits for no client that stays connected and silent", () =>
    Effect.gen(function*() {
      const server = yield* serving()
      const silent = yield* Effect.fork(raw(server.port, `GET ${server.path} HTTP/1.1\r\n`))
      yield* wait(50)
      yield* server.stop
      yield* Fiber.join(silent)
    }))

  it.effect("rejects credentials without a session before it listens", () =>
    Effect.gen(function*() {
      const { code, err, out } = yield* cli(["serve"], { env: pair })
      assert.strictEqual(code, 1)
      assert.strictEqual(out, "")
      assert.include(err, "Only temporary credentials can be served")
    }))

  it.effect("is bad usage with a weak token, a port that is none, or metadata for everybody", () =>
    Effect.gen(function*() {
      const wrong = [
        ["--token", "short"],
        ["--token", "sixteen/letters!"],
        ["--port", "65536"],
        ["--port", "-1"],
        ["--imds", "--host", "0.0.0.0"],
        ["--imds", "--host", "192.0.2.1"],
        ["--imds", "--host", "::"],
        ["--imds", "--host", "127.0.0.1.attacker.example"]
      ]
      for (const args of wrong) {
        const { code, err, out } = yield* cli(["serve", ...args], { env: session })
        assert.deepStrictEqual([code, out], [2, ""], args.join(" "))
        assert.match(err, /--(?:token|port|imds)/)
        assert.notInclude(err, "sixteen")
      }
    }))

  it.live("says so when the port is taken, or the address not that of this machine", () =>
    Effect.gen(function*() {
      const other = createServer()
      const port = yield* Effect.async<number>((resume) => {
        other.listen(0, "127.0.0.1", () => resume(Effect.succeed((other.address() as AddressInfo).port)))
      })
      const taken = yield* cli(["serve", "--port", `${port}`], { env: session })
      assert.deepStrictEqual([taken.code, taken.out], [1, ""])
      assert.include(
        taken.err,
        `Cannot listen on 127.0.0.1, port ${port}: another program uses this port (EADDRINUSE).`
      )
      const elsewhere = yield* cli(["serve", "--host", "192.0.2.1"], { env: session })
      assert.strictEqual(elsewhere.code, 1)
      assert.include(
        elsewhere.err,
        "Cannot listen on 192.0.2.1: this machine does not have this address (EADDRNOTAVAIL)."
      )
      other.close()
    }))

  it.scopedLive("warns when other machines can connect, and answers them by the address they used", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--host", "0.0.0.0"], { host: "127.0.0.2" })
      assert.include(server.err(), "0.0.0.0 is every address of this machine")
      assert.include(server.uri, "http://127.0.0.1:")
      const as = (host: string) => Effect.map(server.ask(server.path, { headers: { host } }), ({ status }) => status)
      assert.strictEqual(yield* as(`127.0.0.2:${server.port}`), 200)
      assert.strictEqual(yield* as(`0.0.0.0:${server.port}`), 200)
    }))

  it.scopedLive("tells people what to set", () =>
    Effect.gen(function*() {
      const { out } = yield* serving(["--imds", "--token", "chosen_by-somebody"])
      assert.match(
        out(),
        /export ALIBABA_CLOUD_CREDENTIALS_URI=http:\/\/127\.0\.0\.1:\d+\/chosen_by-somebody\/credentials\n/
      )
      assert.match(out(), /metadata service\nhttp:\/\/127\.0\.0\.1:\d+\/latest\/\n/)
      assert.match(out(), /its role\nalicloud-credentials\n/)
    }))

  it.scopedLive("puts each address on a line of its own, however long its token is", () =>
    Effect.gen(function*() {
      const token = "x".repeat(512)
      const one = yield* serving(["--token", token])
      assert.include(one.out().split("\n"), `http://127.0.0.1:${one.port}/${token}/credentials`)
      const every = yield* serving(["--token", token, "--host", "0.0.0.0"])
      const lines = every.out().split("\n")
      assert.include(lines, `every address (0.0.0.0), port ${every.port}`)
      for (const address of ["127.0.0.1", ...othersOf("0.0.0.0")]) {
        assert.include(lines, `http://${address}:${every.port}/${token}/credentials`)
      }
    }))
})

describe.concurrent("serve --imds", () => {
  const putToken = (server: Serving, ttl: string | undefined, headers = {}) =>
    server.ask("/latest/api/token", {
      method: "PUT",
      headers: { ...headers, ...(ttl === undefined ? {} : { "X-aliyun-ecs-metadata-token-ttl-seconds": ttl }) }
    })

  const withToken = (token: string) => ({ headers: { "X-aliyun-ecs-metadata-token": token } })

  it.scopedLive("answers as the metadata service does, version 2", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--imds"])
      const token = yield* putToken(server, "21600")
      assert.strictEqual(token.status, 200)
      assert.strictEqual(token.headers["content-type"], "text/plain")
      assert.match(token.body, /^[\w-]{72,}$/)
      const list = yield* server.ask(roles, withToken(token.body))
      assert.deepStrictEqual([list.status, list.body], [200, "alicloud-credentials"])
      const answer = yield* server.ask(role, withToken(token.body))
      assert.strictEqual(answer.headers["content-type"], "application/json")
      const body = read(answer)
      assert.deepStrictEqual(Object.keys(body), [...fields, "LastUpdated"])
      assert.match(body["LastUpdated"]!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    }))

  it.scopedLive("answers without a token, version 1", () =>
    Effect.gen(function*() {
      const { ask } = yield* serving(["--imds"])
      assert.strictEqual((yield* ask(roles)).body, "alicloud-credentials")
      assert.strictEqual((yield* ask(roles.slice(0, -1))).body, "alicloud-credentials")
      assert.deepStrictEqual(Object.keys(read(yield* ask(role))), [...fields, "LastUpdated"])
    }))

  it.scopedLive("is off by default", () =>
    Effect.gen(function*() {
      const server = yield* serving()
      assert.strictEqual((yield* server.ask(role)).status, 404)
      assert.strictEqual((yield* putToken(server, "60")).status, 405)
    }))

  it.scopedLive("does not take a token that is not its own, or has ended, or was changed", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--imds"])
      const other = yield* serving(["--imds"])
      const status = (token: string) => Effect.map(server.ask(role, withToken(token)), ({ status }) => status)
      const { body: short } = yield* putToken(server, "1")
      assert.strictEqual(yield* status(short), 200)
      const { body: long } = yield* putToken(server, "21600")
      const changed = Array.from(
        long,
        (char, at) => `${long.slice(0, at)}${char === "A" ? "B" : "A"}${long.slice(at + 1)}`
      )
      for (const token of changed) assert.strictEqual(yield* status(token), 401)
      for (const token of ["", "x", (yield* putToken(other, "21600")).body]) {
        assert.strictEqual(yield* status(token), 401)
      }
      yield* wait(1_100)
      assert.strictEqual(yield* status(short), 401)
      assert.strictEqual(yield* status(long), 200)
    }))

  it.scopedLive("returns tokens for 1 to 21600 seconds only", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--imds"])
      for (const ttl of [undefined, "", "0", "21601", "-1", "1.5", "1e3", "60 s", "999999999999"]) {
        assert.strictEqual((yield* putToken(server, ttl)).status, 400, ttl)
      }
      assert.strictEqual((yield* putToken(server, "1")).status, 200)
    }))

  it.scopedLive("does not answer what came through a proxy or from a page in a browser", () =>
    Effect.gen(function*() {
      const server = yield* serving(["--imds"])
      const secrets = yield* secretsOf(server)
      const forwarded = [
        { "X-Forwarded-For": "203.0.113.9" },
        { Forwarded: "for=203.0.113.9" },
        { Via: "1.1 proxy" },
        { "X-Real-IP": "203.0.113.9" },
        { "X-Forwarded-Host": "attacker.example" },
        { "True-Client-IP": "203.0.113.9" },
        { Origin: "https://attacker.example" },
        { Referer: "https://attacker.example/" },
        { "Sec-Fetch-Site": "cross-site" }
      ]
      for (const headers of forwarded) {
        const answers = [yield* putToken(server, "60", headers), yield* server.ask(role, { headers })]
        for (const { body, status } of answers) {
          assert.strictEqual(status, 403)
          assertWithout(body, secrets)
        }
      }
    }))

  it.scopedLive("gives the same session whatever role is named, in whatever case the path is", () =>
    Effect.gen(function*() {
      const { ask } = yield* serving(["--imds"])
      const known = read(yield* ask(role))
      for (const path of [`${roles}EcsRole-1.x_y`, role.replace("/ram/", "/Ram/"), role.toUpperCase()]) {
        const answer = yield* ask(path)
        assert.strictEqual(answer.status, 200, path)
        assert.deepStrictEqual(read(answer), known)
      }
      assert.strictEqual((yield* ask(roles.replace("/ram/", "/Ram/"))).body, "alicloud-credentials")
      assert.strictEqual((yield* ask("/Latest/Api/Token")).status, 405)
    }))

  it.scopedLive("has nothing but roles, and pages for errors", () =>
    Effect.gen(function*() {
      const { ask } = yield* serving(["--imds"])
      for (
        const path of ["/latest/", "/latest/meta-data/", `${role}/`, `${roles}/alicloud-credentials`, `${roles}?x`]
      ) {
        const { body, headers, status } = yield* ask(path)
        assert.deepStrictEqual([status, headers["content-type"]], [404, "text/html"], path)
        assert.include(body, "<title>404 - Not Found</title>")
      }
      assert.strictEqual((yield* ask("/latest/api/token")).status, 405)
      assert.strictEqual((yield* ask(role, { method: "PUT" })).status, 405)
    }))
})
