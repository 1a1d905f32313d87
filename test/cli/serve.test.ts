import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { request } from "node:http"
import { Cli, key, reportIn, withCli, world } from "./utils/world.ts"

const noMetadata = { ALIBABA_CLOUD_ECS_METADATA_DISABLED: "true" }

const status = (uri: string): Effect.Effect<number> =>
  Effect.async((resume) => {
    const sent = request(uri, { headers: { connection: "keep-alive" } }, (response) => {
      response.resume()
      resume(Effect.succeed(response.statusCode ?? 0))
    })
    sent.on("error", () => resume(Effect.succeed(0)))
    sent.end()
  })

const serve = (...args: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const { start, tool } = yield* Cli
    const running = yield* start([...tool, "serve", "--format", "json", ...args])
    const announced = JSON.parse(yield* running.line("{")) as {
      readonly uri: string
      readonly imds?: string
      readonly pid: number
    }
    return { ...running, ...announced, port: new URL(announced.uri).port }
  })

describe.concurrent("serve", () => {
  withCli(world(), (test) => {
    for (const side of ["official", "ours"]) {
      test(`is a credentials URI to the ${side} client`, () =>
        Effect.gen(function*() {
          const { client, run } = yield* Cli
          const { uri } = yield* serve()
          const env = { ...noMetadata, ALIBABA_CLOUD_CREDENTIALS_URI: uri }
          const { failures, reads } = reportIn(yield* run([...client, side], { env, current: "nobody at all" }))
          assert.deepStrictEqual(failures, [])
          assert.deepStrictEqual(reads.map(({ providerName }) => providerName), ["default/credential_uri"])
          assert.match(reads[0]?.accessKeyId ?? "", /^STS\./)
        }))

      test(`--imds is the metadata service to the ${side} client, version 1 and version 2 alone`, () =>
        Effect.gen(function*() {
          const { client, run } = yield* Cli
          const { port } = yield* serve("--imds")
          for (const ALIBABA_CLOUD_IMDSV1_DISABLED of ["false", "true"]) {
            const env = { FAKE_METADATA_PORT: port, ALIBABA_CLOUD_IMDSV1_DISABLED }
            const { failures, reads } = reportIn(yield* run([...client, side], { env, current: "nobody at all" }))
            assert.deepStrictEqual(failures, [])
            assert.deepStrictEqual(reads.map(({ providerName }) => providerName), ["default/ecs_ram_role"])
            assert.match(reads[0]?.accessKeyId ?? "", /^STS\./)
          }
        }))
    }

    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      test(
        `ends with 0 on ${signal}, having said one line and no secret, and a line about what it refused`,
        () =>
          Effect.gen(function*() {
            const { ended, err, out, pid, port, uri } = yield* serve("--imds")
            const announced = { uri, imds: `http://127.0.0.1:${port}`, role: "alicloud-credentials", pid }
            assert.strictEqual(out(), `${JSON.stringify(announced)}\n`)
            assert.strictEqual(yield* status(uri), 200)
            assert.strictEqual(yield* status(`http://127.0.0.1:${port}/x/credentials`), 404)
            process.kill(pid, signal)
            assert.deepStrictEqual(yield* ended, { code: 0, signal: null })
            assert.match(
              err(),
              /^\S+Z warning: Refused GET \/…\/credentials from 127\.0\.0\.1, Host 127\.0\.0\.1:\d+: the token in the path is wrong\n$/
            )
            assert.strictEqual(out().split("\n").length, 2)
            assert.notInclude(out(), key.secret)
            assert.strictEqual(yield* status(uri), 0)
          }),
        process.platform !== "win32"
      )
    }
  })

  withCli(world(), (test) => {
    test("ends as shells say it when a signal comes before it serves", () =>
      Effect.gen(function*() {
        const { cloud, start, tool } = yield* Cli
        for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
          yield* cloud.addFault({ endpoint: "sts.AssumeRole", kind: "hang", times: 1 })
          const before = yield* cloud.count("sts")
          const running = yield* start([...tool, "serve"])
          while ((yield* cloud.count("sts")) === before) yield* Effect.sleep("20 millis")
          process.kill(running.pid, signal)
          assert.deepStrictEqual(yield* running.ended, { code, signal: null })
          assert.strictEqual(running.out(), "")
        }
      }), process.platform !== "win32")
  })
})
