import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import { connect } from "node:net"
import { runs } from "../kit/long.ts"
import { makeNoise } from "./utils/noise.ts"
import { Cli, key, withCli, world } from "./utils/world.ts"

const requests = runs(1_000, 5_000)

/** How many are under way at a time. */
const lanes = 40

/** Writes to a connection of its own, and answers with what comes back until it ends. */
const send = (port: number, bytes: Uint8Array): Promise<string> =>
  new Promise((resolve) => {
    let text = ""
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes))
    socket.setTimeout(5_000, () => socket.destroy())
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1")
    })
    socket.on("error", () => undefined)
    socket.on("close", () => resolve(text))
  })

/** The size in memory, and how many files and connections are open: what Linux says of a process. */
const stateOf = (pid: number) => ({
  megabytes: Number(/^VmRSS:\s+(\d+)/m.exec(Fs.readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024,
  handles: Fs.readdirSync(`/proc/${pid}/fd`).length
})

const hasState = Fs.existsSync("/proc/self/status")

describe("serve", () => {
  withCli(world(), (test) => {
    test(`outlives ${requests} requests made by chance, and tells them nothing`, () =>
      Effect.gen(function*() {
        const { start, tool } = yield* Cli
        const running = yield* start([...tool, "serve", "--imds", "--format", "json"])
        const { uri } = JSON.parse(yield* running.line("{")) as { readonly uri: string }
        const { host, pathname, port } = new URL(uri)
        const right = Effect.promise(() =>
          fetch(uri).then((answer) => answer.json() as Promise<Record<string, string>>)
        )
        const { AccessKeySecret = "", SecurityToken = "" } = yield* right
        const secrets = [pathname.split("/")[1] ?? "", AccessKeySecret, SecurityToken, key.secret]
        for (const secret of secrets) assert.isAbove(secret.length, 8)

        // The metadata service's own paths open without a secret: near them is noise enough, on them is not.
        const noise = makeNoise({ seed: 20_261_122, host, paths: [pathname, "/latest/api/token", "/credentials"] })
        const statuses = new Map<string, number>()
        const before = hasState ? stateOf(running.pid) : undefined
        let left = requests
        const lane = async (): Promise<void> => {
          while (left-- > 0) {
            const bytes = noise()
            const text = await send(Number(port), bytes)
            const status = /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? "none"
            statuses.set(status, (statuses.get(status) ?? 0) + 1)
            for (const secret of secrets) {
              if (text.includes(secret)) assert.fail(`told to ${JSON.stringify(Buffer.from(bytes).toString("latin1"))}`)
            }
          }
        }
        yield* Effect.promise(() => Promise.all(Array.from({ length: lanes }, lane)))

        const seen = JSON.stringify(Object.fromEntries(statuses))
        for (const status of ["400", "403", "404", "405", "413", "431"]) {
          assert.isAbove(statuses.get(status) ?? 0, requests / 500, seen)
        }
        assert.isUndefined(statuses.get("200"), seen)
        assert.isUndefined(statuses.get("500"), seen)
        assert.isUndefined(statuses.get("503"), seen)
        assert.strictEqual((yield* right)["AccessKeySecret"], AccessKeySecret)
        assert.isBelow(running.err().split("\n").length, 20, running.err())
        for (const secret of secrets) assert.notInclude(running.err(), secret)
        if (before !== undefined) {
          const after = stateOf(running.pid)
          assert.isBelow(after.handles, before.handles + 20)
          assert.isBelow(after.megabytes, before.megabytes + 150)
        }
        process.kill(running.pid, "SIGTERM")
        assert.deepStrictEqual(yield* running.ended, { code: 0, signal: null })
      }), process.platform !== "win32")
  })
})
