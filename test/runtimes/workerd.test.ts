import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mustHaveAll, resolve } from "../kit/runtimes.ts"
import { assertRight, bundle, privateKey, withoutProcess, world } from "./utils/scenario.ts"

/** What is used of miniflare, whose types are installed with it only. */
interface Miniflare {
  readonly dispatchFetch: (url: string, init?: RequestInit) => Promise<Response>
  readonly dispose: () => Promise<void>
}

const miniflare = resolve("miniflare")

const isMissing = miniflare === undefined && !mustHaveAll

const reason = isMissing ? ", which is not installed: .ci/run installs it" : ""

/** A worker whose requests to any host end at the fake cloud. */
const makeWorker = (httpPort: number) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      if (miniflare === undefined) throw new Error("miniflare is not installed")
      const { Miniflare } = await import(miniflare) as { readonly Miniflare: new(options: object) => Miniflare }
      return new Miniflare({
        modules: [{ type: "ESModule", path: "worker.mjs", contents: await bundle("worker") }],
        compatibilityDate: "2026-07-30",
        cf: false,
        outboundService: { external: { address: `127.0.0.1:${httpPort}`, http: {} } }
      })
    }),
    (worker) => Effect.promise(() => worker.dispose())
  )

describe("on workerd", () => {
  it.live.skipIf(isMissing)(
    `the sources work, and requests share a session through a store${reason}`,
    () =>
      Effect.gen(function*() {
        const { httpPort, httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
        const worker = yield* makeWorker(httpPort)
        const fetch = (init: RequestInit) => Effect.promise(() => worker.dispatchFetch("http://worker.example/", init))
        const id = Effect.flatMap(fetch({}), (response) => Effect.promise(() => response.text()))
        const body = JSON.stringify({ cloud: httpUrl, privateKey })
        const [response, ...ids] = yield* Effect.all([fetch({ method: "POST", body }), id, id], { concurrency: 3 })
        const { err, out } = yield* Effect.promise(() =>
          response.json() as Promise<Record<"err" | "out", Array<string>>>
        )
        yield* assertRight({ out: out.join("\n"), err: err.join("\n") }, withoutProcess)
        assert.match(ids[0], /^STS\.Fake\d+$/)
        assert.strictEqual(ids[0], ids[1])
        const journal = yield* (yield* FakeAlicloud).journal
        assert.strictEqual(journal.filter(({ accessKeyId }) => accessKeyId === "LTAI5tStore").length, 1)
      }).pipe(Effect.provide(FakeAlicloudServer.layer(world)), Effect.scoped),
    120_000
  )
})
