import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { join } from "node:path"
import { isWindows, lacking } from "../kit/windows.ts"
import { Cli, withCli, world } from "./utils/world.ts"

const login = {
  name: "login",
  mode: "OAuth",
  oauth_site_type: "CN",
  oauth_access_token: "s3cr3t-access",
  oauth_refresh_token: "s3cr3t-refresh",
  oauth_access_token_expire: 4102444800
}

const config = { current: "login", profiles: [login] }

describe.skipIf(isWindows)(`get${lacking("signals and named pipes in folders")}`, () => {
  withCli(world(), (test) => {
    test("ends with an error, and does not wait, where a named pipe is in the place of config.json", () =>
      Effect.gen(function*() {
        const { home, run, tool } = yield* Cli
        const folder = home(config)
        const file = join(folder, ".aliyun", "config.json")
        Fs.rmSync(file)
        execFileSync("mkfifo", [file])
        const { code, err } = yield* run([...tool, "get", "--source", "CliProfile"], { home: folder })
        assert.strictEqual(code, 1)
        assert.include(err, "it is not a regular file")
      }))

    test("ends at SIGTERM while another process holds the lock of a login", () =>
      Effect.gen(function*() {
        const { home, start, tool } = yield* Cli
        const folder = home(config)
        const lock = join(folder, ".aliyun", "config.json.lock")
        Fs.writeFileSync(lock, JSON.stringify({ owner: "another", token: "00", created: 0 }))
        const { ended, process } = yield* start([...tool, "get", "--source", "CliProfile"], { home: folder })
        yield* Effect.sleep("2 seconds")
        process.kill("SIGTERM")
        const before = Date.now()
        const { code } = yield* ended
        assert.isAtLeast(code, 129)
        assert.isBelow(Date.now() - before, 5000)
        assert.isTrue(Fs.existsSync(lock))
      }))
  })
})
