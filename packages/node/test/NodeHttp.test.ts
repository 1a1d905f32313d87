import { HttpClient } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Layer, Scope } from "effect"
import * as Net from "node:net"
import { client, codeOf, connection, hello, listen, listenHanging, listenHttp, silent, text } from "./servers.ts"

describe("connecting", () => {
  it.scopedLive("ends after connectTimeout, TLS handshake included, and hangs up", () =>
    Effect.gen(function*() {
      const server = yield* silent
      const [elapsed, error] = yield* HttpClient.get(`https://127.0.0.1:${server.port}/`).pipe(
        Effect.flip,
        connection("200 millis"),
        Effect.timed
      )
      assert.strictEqual(error._tag, "RequestError")
      assert.strictEqual(codeOf(error), "UND_ERR_CONNECT_TIMEOUT")
      assert.isAtLeast(Duration.toMillis(elapsed), 150)
      assert.isBelow(Duration.toMillis(elapsed), 900)
      assert.strictEqual(server.opened(), 1)
      yield* server.idle
    }).pipe(Effect.provide(client())))

  it.scopedLive("ends after connectTimeout when a proxy does not open the tunnel, and hangs up", () =>
    Effect.gen(function*() {
      const proxy = yield* silent
      const [elapsed, error] = yield* HttpClient.get("https://sts.example.test/").pipe(
        Effect.flip,
        connection("200 millis"),
        Effect.timed,
        Effect.provide(client({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }))
      )
      assert.strictEqual(codeOf(error), "UND_ERR_CONNECT_TIMEOUT")
      assert.isAtLeast(Duration.toMillis(elapsed), 150)
      assert.isBelow(Duration.toMillis(elapsed), 900)
      assert.strictEqual(proxy.opened(), 1)
      yield* proxy.idle
    }))

  it.scopedLive("ends after connectTimeout when a tunnel leads to silence, and hangs up", () =>
    Effect.gen(function*() {
      const proxy = yield* listen(
        Net.createServer((socket) => {
          socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\n")).resume()
        })
      )
      const error = yield* HttpClient.get("https://sts.example.test/").pipe(
        Effect.flip,
        connection("200 millis"),
        Effect.provide(client({ HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }))
      )
      assert.strictEqual(codeOf(error), "UND_ERR_CONNECT_TIMEOUT")
      yield* proxy.idle
    }))

  it.scopedLive("takes as long as it takes when connectTimeout is infinite", () =>
    Effect.gen(function*() {
      const server = yield* hello
      assert.strictEqual(yield* connection(Duration.infinity)(text(`http://127.0.0.1:${server.port}/`)), "hello")
    }).pipe(Effect.provide(client())))

  it.scopedLive("tells a refused connection by its code", () =>
    Effect.gen(function*() {
      const port = yield* Effect.scoped(Effect.map(hello, (server) => server.port))
      const error = yield* Effect.flip(HttpClient.get(`http://127.0.0.1:${port}/`))
      assert.strictEqual(error._tag, "RequestError")
      assert.strictEqual(codeOf(error), "ECONNREFUSED")
    }).pipe(Effect.provide(client())))

  it.scopedLive("does not time the answer", () =>
    Effect.gen(function*() {
      const server = yield* listenHttp((_, response) => {
        setTimeout(() => response.end("late"), 1200)
      })
      assert.strictEqual(yield* connection("1 second")(text(`http://127.0.0.1:${server.port}/`)), "late")
    }).pipe(Effect.provide(client())))

  it.scopedLive("that is still going on ends when the request is interrupted", () =>
    Effect.gen(function*() {
      const server = yield* silent
      const fiber = yield* Effect.fork(connection("1 hour")(HttpClient.get(`https://127.0.0.1:${server.port}/`)))
      yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => server.open() === 1 })
      yield* Fiber.interrupt(fiber)
      yield* server.idle
    }).pipe(Effect.provide(client())))

  it.scopedLive("that is still going on ends with the scope", () =>
    Effect.gen(function*() {
      const server = yield* silent
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(client(), scope)
      const fiber = yield* HttpClient.get(`https://127.0.0.1:${server.port}/`).pipe(
        connection("1 hour"),
        Effect.provide(context),
        Effect.fork
      )
      yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => server.open() === 1 })
      yield* Scope.close(scope, Exit.void)
      assert.strictEqual((yield* Effect.flip(Fiber.join(fiber)))._tag, "RequestError")
      yield* server.idle
    }))
})

describe("an answer", () => {
  it.scopedLive("that does not begin in time ends the request", () =>
    Effect.gen(function*() {
      const server = yield* listenHanging(false)
      const error = yield* HttpClient.get(`http://127.0.0.1:${server.port}/`).pipe(
        connection("5 seconds", { timeout: "200 millis" }),
        Effect.flip
      )
      assert.strictEqual(error._tag, "RequestError")
      assert.strictEqual(codeOf(error), "UND_ERR_HEADERS_TIMEOUT")
      yield* Deferred.await(server.hungUp)
    }).pipe(Effect.provide(client())))

  it.scopedLive("that stops in the middle ends the request", () =>
    Effect.gen(function*() {
      const server = yield* listenHanging(true)
      const error = yield* text(`http://127.0.0.1:${server.port}/`).pipe(
        connection("5 seconds", { timeout: "200 millis" }),
        Effect.flip
      )
      assert.strictEqual(error._tag, "ResponseError")
      assert.strictEqual(codeOf(error), "UND_ERR_BODY_TIMEOUT")
      yield* Deferred.await(server.hungUp)
    }).pipe(Effect.provide(client())))

  it.scopedLive("has no limit when its time-out is infinite", () =>
    Effect.gen(function*() {
      const server = yield* hello
      const get = connection("5 seconds", { timeout: Duration.infinity })(text(`http://127.0.0.1:${server.port}/`))
      assert.strictEqual(yield* get, "hello")
    }).pipe(Effect.provide(client())))
})

describe("connections", () => {
  it.scopedLive("are reused by requests with the same options, and not by others", () =>
    Effect.gen(function*() {
      const server = yield* hello
      const get = text(`http://127.0.0.1:${server.port}/`)
      // undici reuses a connection from the next turn of the event loop on.
      const getTwice = Effect.zipRight(Effect.delay(get, "20 millis"), Effect.delay(get, "20 millis"))
      yield* getTwice
      assert.strictEqual(server.opened(), 1)
      yield* connection("3 seconds")(getTwice)
      assert.strictEqual(server.opened(), 2)
    }).pipe(Effect.provide(client())))

  it.scopedLive("are bounded when every request has other options", () =>
    Effect.gen(function*() {
      const server = yield* hello
      yield* Effect.forEach(
        Array.from({ length: 40 }, (_, index) => index),
        (index) => connection(5000 + index)(text(`http://127.0.0.1:${server.port}/`))
      )
      yield* Effect.repeat(Effect.sleep("10 millis"), { until: () => server.open() <= 16 })
      assert.strictEqual(server.opened(), 40)
    }).pipe(Effect.provide(client())))

  it.scopedLive("keep an answer whose options were pushed out", () =>
    Effect.gen(function*() {
      const server = yield* listenHttp((request, response) => {
        if (request.url === "/slow") setTimeout(() => response.end("slow"), 300)
        else response.end("fast")
      })
      const url = `http://127.0.0.1:${server.port}`
      const slow = yield* Effect.fork(connection("4 seconds")(text(`${url}/slow`)))
      yield* Effect.forEach(
        Array.from({ length: 40 }, (_, index) => index),
        (index) => connection(5000 + index)(text(`${url}/`)),
        { concurrency: 8 }
      )
      assert.strictEqual(yield* Fiber.join(slow), "slow")
    }).pipe(Effect.provide(client())))

  it.scopedLive("are closed with the scope, and no new ones are made", () =>
    Effect.gen(function*() {
      const server = yield* hello
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(client(), scope)
      const get = Effect.provide(text(`http://127.0.0.1:${server.port}/`), context)
      yield* get
      assert.strictEqual(server.open(), 1)
      yield* Scope.close(scope, Exit.void)
      yield* server.idle
      assert.strictEqual((yield* Effect.flip(get))._tag, "RequestError")
      assert.strictEqual(server.opened(), 1)
    }))

  it.scopedLive("are closed when a request is interrupted before its answer", () =>
    Effect.gen(function*() {
      const server = yield* listenHanging(false)
      const fiber = yield* Effect.fork(HttpClient.get(`http://127.0.0.1:${server.port}/`))
      yield* Deferred.await(server.asked)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(server.hungUp)
    }).pipe(Effect.provide(client())))

  it.scopedLive("are closed when a request is interrupted within its answer", () =>
    Effect.gen(function*() {
      const server = yield* listenHanging(true)
      const response = yield* HttpClient.get(`http://127.0.0.1:${server.port}/`)
      const fiber = yield* Effect.fork(response.text)
      yield* Effect.sleep("50 millis")
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(server.hungUp)
    }).pipe(Effect.provide(client())))
})

describe("redirects", () => {
  it.scopedLive("are returned and not followed", () =>
    Effect.gen(function*() {
      const seen: Array<string | undefined> = []
      const server = yield* listenHttp((request, response) => {
        seen.push(request.url)
        response.writeHead(302, { location: "/elsewhere" }).end()
      })
      const response = yield* HttpClient.get(`http://127.0.0.1:${server.port}/here`)
      assert.strictEqual(response.status, 302)
      assert.deepStrictEqual(seen, ["/here"])
    }).pipe(Effect.provide(client())))
})
