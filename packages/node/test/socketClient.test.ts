import * as OidcToken from "@effect-alicloud/credentials/OidcToken"
import { SocketClient } from "@effect-alicloud/credentials/Platform"
import { HttpClientRequest } from "@effect/platform"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer, Option } from "effect"
import * as Fs from "node:fs"
import * as Http from "node:http"
import * as Os from "node:os"
import * as Path from "node:path"
import * as NodeHttp from "../src/NodeHttp.ts"

/** A server at a Unix socket that answers with what it was asked. */
const echo = Effect.acquireRelease(
  Effect.async<{ readonly path: string; readonly close: () => void }>((resume) => {
    const folder = Fs.mkdtempSync(Path.join(Os.tmpdir(), "socket-"))
    const path = Path.join(folder, "api")
    const server = Http.createServer((request, response) => {
      let body = ""
      request.on("data", (chunk) => body += String(chunk))
      request.on("end", () => response.end(`${request.method} ${request.headers.host}${request.url} ${body}`))
    })
    const close = (): void => {
      server.closeAllConnections()
      server.close()
      Fs.rmSync(folder, { recursive: true, force: true })
    }
    server.listen(path, () => resume(Effect.succeed({ path, close })))
  }),
  ({ close }) => Effect.sync(close)
)

const proxied = Layer.setConfigProvider(ConfigProvider.fromMap(new Map([["HTTP_PROXY", "http://proxy.invalid:1"]])))

describe("the client for Unix sockets", () => {
  it.scopedLive("sends requests to the socket of a path, never through a proxy", () =>
    Effect.gen(function*() {
      const { path } = yield* echo
      const clientOf = Option.getOrThrow(yield* SocketClient)
      const request = HttpClientRequest.post("http://localhost/v1/tokens/oidc").pipe(
        HttpClientRequest.bodyUnsafeJson({ aud: "a" })
      )
      const response = yield* clientOf(path).execute(request)
      assert.strictEqual(yield* response.text, "POST localhost/v1/tokens/oidc {\"aud\":\"a\"}")
    }).pipe(Effect.provide(Layer.provide(NodeHttp.layerSocketClient, proxied))))

  it.live("says that this is no machine of Fly.io where the socket does not exist", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(OidcToken.fly())
      assert.include(error.message, "Only machines of Fly.io have the socket /.fly/api.")
    }).pipe(Effect.provide(NodeHttp.layerSocketClient)))
})
