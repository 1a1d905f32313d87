import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { run } from "./run.ts"
import { listenHttp } from "./servers.ts"

const Left = Schema.Struct({ fibers: Schema.Number, timers: Schema.Number, sockets: Schema.Number })

const Report = Schema.parseJson(Schema.Struct({ open: Left, closed: Left }))

const answer = (): string =>
  JSON.stringify({
    Credentials: {
      AccessKeyId: "STS.Id",
      AccessKeySecret: "secret",
      SecurityToken: "token",
      Expiration: new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+Z$/, "Z")
    }
  })

describe("a process that has closed the scope of many roles, some in flight", () => {
  it.scopedLive("has no fiber, no timer and no socket left, and ends although its timers were not unref'd", () =>
    Effect.gen(function*() {
      const server = yield* listenHttp((request, response) => {
        let body = ""
        request.on("data", (chunk) => {
          body += String(chunk)
        })
        request.on("end", () => {
          if (!body.includes("slow")) response.end(answer())
        })
      })
      const { closed, open } = yield* Schema.decode(Report)(
        yield* run("manyRoles", `http://127.0.0.1:${server.port}`)
      )
      assert.isAtLeast(open.fibers, 60)
      assert.isAtLeast(open.timers, 1)
      assert.isAtLeast(open.sockets, 30)
      assert.deepStrictEqual(closed, { fibers: 1, timers: 0, sockets: 0 })
      yield* server.idle
    }))
})
