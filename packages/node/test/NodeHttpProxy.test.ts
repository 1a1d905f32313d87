import { HttpClient, HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit } from "effect"
import { inspect } from "node:util"
import { client, codeOf, connection, hello, listenProxy, text } from "./servers.ts"

describe("a proxy", () => {
  it.scopedLive("is used for http: targets in absolute form, without touching the request's headers", () =>
    Effect.gen(function*() {
      const proxy = yield* listenProxy()
      const request = HttpClientRequest.get("http://sts.example.test:8080/path?a=b")
      const response = yield* HttpClient.execute(request).pipe(
        Effect.provide(client({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}` }))
      )
      assert.strictEqual(response.status, 200)
      assert.deepStrictEqual(proxy.requests, [
        { line: "GET http://sts.example.test:8080/path?a=b", host: "sts.example.test:8080" }
      ])
      assert.deepStrictEqual(Object.keys(request.headers), [])
    }))

  it.scopedLive("opens a tunnel to https: targets, and its refusal is a RequestError", () =>
    Effect.gen(function*() {
      const proxy = yield* listenProxy()
      const error = yield* HttpClient.get("https://sts.example.test/path").pipe(
        Effect.flip,
        Effect.provide(client({ https_proxy: `http://127.0.0.1:${proxy.port}` }))
      )
      assert.strictEqual(error._tag, "RequestError")
      assert.deepStrictEqual(proxy.requests.map(({ line }) => line), ["CONNECT sts.example.test:443"])
    }))

  it.scopedLive("gets the credentials of its URL, and no error shows them", () =>
    Effect.gen(function*() {
      const proxy = yield* listenProxy(407)
      const authorization = `Basic ${Buffer.from("user:p@ss/%zz").toString("base64")}`
      const url = `http://user:p%40ss%2F%25zz@127.0.0.1:${proxy.port}`
      const { plain, tunnel } = yield* Effect.all({
        plain: Effect.exit(text("http://sts.example.test/")),
        tunnel: Effect.exit(text("https://sts.example.test/"))
      }).pipe(Effect.provide(client({ HTTP_PROXY: url, HTTPS_PROXY: url })))
      assert.deepStrictEqual(proxy.requests.map((request) => request.authorization), [authorization, authorization])
      for (const exit of [plain, tunnel]) {
        const shown = `${inspect(exit, { depth: 20 })} ${JSON.stringify(exit)}`
        assert.notInclude(shown, "p@ss")
        assert.notInclude(shown, "p%40ss")
        assert.notInclude(shown, authorization)
      }
    }))

  it.scopedLive("that rejects connections is a RequestError with that code", () =>
    Effect.gen(function*() {
      const port = yield* Effect.scoped(Effect.map(hello, (server) => server.port))
      const url = `http://127.0.0.1:${port}`
      const errors = yield* Effect.forEach(
        ["http://sts.example.test/", "https://sts.example.test/"],
        (target) => Effect.flip(HttpClient.get(target))
      ).pipe(Effect.provide(client({ HTTP_PROXY: url, HTTPS_PROXY: url })))
      assert.deepStrictEqual(errors.map(codeOf), ["ECONNREFUSED", "ECONNREFUSED"])
    }))

  it.scopedLive("is not used for direct requests, whatever the environment says", () =>
    Effect.gen(function*() {
      const proxy = yield* listenProxy()
      const url = `http://127.0.0.1:${proxy.port}`
      const exits = yield* Effect.forEach(
        ["http://sts.example.test/", "https://sts.example.test/"],
        (target) => Effect.exit(HttpClient.get(target))
      ).pipe(connection("500 millis", { direct: true }), Effect.provide(client({ HTTP_PROXY: url, HTTPS_PROXY: url })))
      assert.isTrue(exits.every(Exit.isFailure))
      assert.strictEqual(proxy.opened(), 0)
    }))

  it.scopedLive("is not used for loopback targets", () =>
    Effect.gen(function*() {
      const proxy = yield* listenProxy()
      const server = yield* hello
      const url = `http://127.0.0.1:${proxy.port}`
      yield* Effect.forEach(
        ["http://127.0.0.1", "http://localhost", "http://127.8.9.10", "http://[::1]", "https://127.0.0.1"],
        (target) => Effect.exit(connection("500 millis")(text(`${target}:${server.port}/`)))
      ).pipe(Effect.provide(client({ HTTP_PROXY: url, HTTPS_PROXY: url })))
      assert.strictEqual(proxy.opened(), 0)
      assert.isAtLeast(server.opened(), 1)
    }))

  it.scopedLive("is found in either case, lower case first, and may lack a scheme", () =>
    Effect.gen(function*() {
      const proxy = yield* listenProxy()
      const bare = `127.0.0.1:${proxy.port}`
      const rows: ReadonlyArray<readonly [Record<string, string>, proxied: boolean]> = [
        [{ HTTP_PROXY: bare }, true],
        [{ http_proxy: bare }, true],
        [{ http_proxy: bare, HTTP_PROXY: "http://127.0.0.1:1" }, true],
        [{ http_proxy: "", HTTP_PROXY: bare }, false],
        [{ HTTPS_PROXY: bare }, false],
        [{}, false]
      ]
      for (const [variables, proxied] of rows) {
        const exit = yield* text("http://sts.example.test/").pipe(
          connection(proxied ? "10 seconds" : "500 millis"),
          Effect.provide(client(variables)),
          Effect.exit
        )
        assert.strictEqual(Exit.isSuccess(exit), proxied, JSON.stringify(variables))
      }
    }))

  it.scopedLive("is not used for hosts in NO_PROXY", () =>
    Effect.gen(function*() {
      const proxy = yield* listenProxy()
      const rows: ReadonlyArray<readonly [noProxy: string, target: string, proxied: boolean]> = [
        ["sts.example.test", "sts.example.test", false],
        ["STS.Example.Test", "sts.example.test", false],
        ["example.test", "sts.example.test", false],
        [".example.test", "sts.example.test", false],
        ["*.example.test", "sts.example.test", false],
        ["other.test, example.test", "sts.example.test", false],
        ["other.test example.test", "sts.example.test", false],
        ["*", "sts.example.test", false],
        ["example.test:80", "sts.example.test", false],
        ["192.0.2.7", "192.0.2.7", false],
        ["192.0.2.0/24", "192.0.2.7", false],
        ["[2001:db8::1]:80", "[2001:db8:0::1]", false],
        ["2001:db8::/32", "[2001:db8::1]", false],
        ["example.test:443", "sts.example.test", true],
        ["ample.test", "sts.example.test", true],
        ["0.2.7", "192.0.2.7", true],
        ["192.0.3.0/24", "192.0.2.7", true],
        ["192.0.2.0/99", "192.0.2.7", true],
        ["2001:db9::/32", "[2001:db8::1]", true],
        ["2001:db8::1", "192.0.2.7", true],
        ["", "sts.example.test", true]
      ]
      for (const [noProxy, target, proxied] of rows) {
        const exit = yield* text(`http://${target}/`).pipe(
          connection(proxied ? "10 seconds" : "300 millis"),
          Effect.provide(client({ HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, no_proxy: noProxy })),
          Effect.exit
        )
        assert.strictEqual(Exit.isSuccess(exit), proxied, `${noProxy} for ${target}`)
      }
    }))

  for (const value of ["http://user:s3cret@", "http://user:s3cret@host:port", "socks5://user:s3cret@127.0.0.1:1080"]) {
    it.scopedLive(`that is no URL of an HTTP proxy (${value.slice(0, 5)}…, ${value.length} long) fails only its requests`, () =>
      Effect.gen(function*() {
        const server = yield* hello
        assert.strictEqual(yield* text(`http://127.0.0.1:${server.port}/`), "hello")
        const error = yield* Effect.flip(HttpClient.get("https://sts.example.test/"))
        assert.strictEqual(error._tag, "RequestError")
        assert.include(error.message, "HTTPS_PROXY")
        assert.strictEqual(codeOf(error), "INVALID_HTTPS_PROXY")
        assert.notInclude(`${inspect(error, { depth: 20 })} ${error.message} ${JSON.stringify(error)}`, "s3cret")
      }).pipe(Effect.provide(client({ HTTPS_PROXY: value }))))
  }
})
