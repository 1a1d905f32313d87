import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import * as Http from "node:http"
import { text } from "node:stream/consumers"
import * as chromium from "../kit/chromium.ts"
import { forward, listen } from "./utils/loopback.ts"
import { assertRight, bundle, privateKey, withoutProcess, world } from "./utils/scenario.ts"

/** The page, its settings, what it sends back, and at all other addresses the fake cloud: all of it is one origin. */
const serve = (cloud: { readonly httpPort: number; readonly httpUrl: string }, script: string) =>
  Effect.gen(function*() {
    const done = yield* Deferred.make<string>()
    const server = Http.createServer((request, response) => {
      switch (request.url) {
        case "/":
          response.writeHead(200, { "content-type": "text/html" }).end(`<script type="module" src="/page.js"></script>`)
          return
        case "/page.js":
          response.writeHead(200, { "content-type": "text/javascript" }).end(script)
          return
        case "/settings":
          response.end(
            JSON.stringify({ cloud: `http://${request.headers.host}`, privateKey, otherOrigin: cloud.httpUrl })
          )
          return
        case "/done":
          void text(request).then((body) => {
            response.end()
            Deferred.unsafeDone(done, Effect.succeed(body))
          })
          return
      }
      forward(cloud, request, response)
    })
    return { address: `http://127.0.0.1:${yield* listen(server)}/`, done: Deferred.await(done) }
  })

const ofAnotherOrigin = {
  "an answer that the page must not read": {
    tag: "SourceFailed",
    source: "CredentialsUri",
    reason: "Transport",
    retryable: true
  }
}

describe.skipIf(chromium.isMissing)(`in a browser${chromium.reason}`, () => {
  it.live("the sources work, with services of the page's own origin", () =>
    Effect.gen(function*() {
      const script = yield* Effect.promise(() => bundle("page"))
      const { address, done } = yield* serve(yield* FakeAlicloudServer.FakeAlicloudServer, script)
      yield* chromium.stay(address)
      const { err, out } = JSON.parse(yield* done) as Record<"err" | "out", Array<string>>
      yield* assertRight({ out: out.join("\n"), err: err.join("\n") }, { ...withoutProcess, ...ofAnotherOrigin })
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world)), Effect.scoped), 120_000)
})
