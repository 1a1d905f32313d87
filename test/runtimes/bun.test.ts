import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import * as Http from "node:http"
import type { AddressInfo } from "node:net"
import { fileURLToPath } from "node:url"
import { makeFolder } from "../kit/children.ts"
import { runtimes } from "./utils/runtimes.ts"

const bun = runtimes.find(({ name }) => name === "Bun")?.program

const fixture = fileURLToPath(new URL("fixtures/nodeLayer.ts", import.meta.url))

const session = JSON.stringify({
  Code: "Success",
  AccessKeyId: "STS.OnBun",
  AccessKeySecret: "secret",
  SecurityToken: "token",
  Expiration: "2999-01-01T00:00:00Z"
})

/** Answers as `respond` says, and is its own proxy: requests in absolute form come to it, too. */
const serve = (respond: Http.RequestListener) =>
  Effect.acquireRelease(
    Effect.async<Http.Server>((resume) => {
      const server = Http.createServer(respond).listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.sync(() => {
        server.closeAllConnections()
        server.close()
      })
  ).pipe(Effect.map((server) => (server.address() as AddressInfo).port))

const run = (env: Readonly<Record<string, string>>) =>
  Effect.flatMap(makeFolder("bun-"), (home) =>
    Effect.async<string>((resume) => {
      const child = spawn(bun!, ["run", fixture], {
        env: { HOME: home, DO_NOT_TRACK: "1", ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true", ...env }
      })
      let output = ""
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (chunk: string) => {
          output += chunk
        })
      }
      child.on("close", () => resume(Effect.succeed(output.trim())))
      return Effect.sync(() => child.kill("SIGKILL"))
    }))

describe.skipIf(bun === undefined)("NodeCredentials.layer on Bun, whose own undici lacks interceptors", () => {
  it.scopedLive("makes requests, to loopback without the proxy", () =>
    Effect.gen(function*() {
      const port = yield* serve((_, response) => response.end(session))
      const output = yield* run({
        ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${port}/session`,
        HTTP_PROXY: "http://127.0.0.1:1"
      })
      assert.strictEqual(output, "STS.OnBun")
    }), 120_000)

  it.scopedLive("goes through the proxy of the environment, with its password", () =>
    Effect.gen(function*() {
      const seen: Array<string | undefined> = []
      const port = yield* serve((request, response) => {
        seen.push(request.url, request.headers["proxy-authorization"])
        response.end(session)
      })
      const output = yield* run({
        ALIBABA_CLOUD_CREDENTIALS_URI: "http://credentials.example/session",
        HTTP_PROXY: `http://user:pass@127.0.0.1:${port}`
      })
      assert.strictEqual(output, "STS.OnBun")
      assert.deepStrictEqual(seen, [
        "http://credentials.example/session",
        `Basic ${Buffer.from("user:pass").toString("base64")}`
      ])
    }), 120_000)

  it.scopedLive("does not wait for ever, and follows no redirect", () =>
    Effect.gen(function*() {
      const silent = yield* serve(() => {})
      const redirecting = yield* serve((_, response) => {
        response.writeHead(302, { location: `http://127.0.0.1:${silent}/elsewhere` }).end()
      })
      const [noAnswer, redirect] = yield* Effect.all([
        run({ ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${silent}/session` }),
        run({ ALIBABA_CLOUD_CREDENTIALS_URI: `http://127.0.0.1:${redirecting}/session` })
      ], { concurrency: 2 })
      assert.include(noAnswer, "Timeout")
      assert.include(redirect, "302")
    }), 120_000)
})
