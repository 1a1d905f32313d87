import { BackgroundClock, HomeDirectory } from "@effect-alicloud/credentials/Platform"
import { Command, FileSystem, HttpClient, Path } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Option } from "effect"
import * as Http from "node:http"
import { homedir } from "node:os"
import { fileURLToPath } from "node:url"
import * as NodePlatform from "../src/NodePlatform.ts"
import { run } from "./run.ts"
import { env, listen, listenHttp } from "./servers.ts"

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url))

describe("a process", () => {
  it.scopedLive("ends while a background fiber still sleeps on BackgroundClock", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* run("background"), "sleeping")
    }))

  it.scopedLive("ends while a connection is kept for reuse", () =>
    Effect.gen(function*() {
      const http = Http.createServer((_, response) => {
        response.end("answered")
      })
      http.keepAliveTimeout = 60_000
      const server = yield* listen(http)
      assert.strictEqual(yield* run("keepAlive", `http://127.0.0.1:${server.port}/`), "answered")
      yield* server.idle
    }))
})

describe("NodePlatform.layer", () => {
  it.scopedLive("has files, paths, processes, HTTP, the background clock and the home directory", () =>
    Effect.gen(function*() {
      const server = yield* listenHttp((_, response) => {
        response.end("hello")
      })
      const fileSystem = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      assert.isTrue(yield* fileSystem.exists(path.join(pathOf("."), "servers.ts")))
      assert.strictEqual(yield* Command.string(Command.make(process.execPath, "-p", "1 + 1")), "2\n")
      const response = yield* HttpClient.get(`http://127.0.0.1:${server.port}/`)
      assert.strictEqual(yield* response.text, "hello")
      assert.isTrue(Option.isSome(yield* BackgroundClock))
      assert.deepStrictEqual(yield* HomeDirectory, Option.some(homedir()))
    }).pipe(Effect.provide(Layer.provide(NodePlatform.layer, env({})))))
})
