/** `login` as a process with a real browser, and the official client after it. */
import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import * as Fs from "node:fs"
import { join } from "node:path"
import { makeFolder } from "../kit/children.ts"
import * as chromium from "../kit/chromium.ts"
import { Cli, loggedOut, reportIn, withCli } from "./utils/world.ts"

/** A program in the place of `xdg-open` that writes down what it is to open. */
const opener = (folder: string): string => {
  const file = join(folder, "opened")
  Fs.writeFileSync(join(folder, "xdg-open"), `#!/bin/sh\nprintf '%s' "$1" > ${file}.new && mv ${file}.new ${file}\n`, {
    mode: 0o755
  })
  return file
}

const whenThere = (file: string): Effect.Effect<string> =>
  Effect.suspend(() =>
    Fs.existsSync(file)
      ? Effect.succeed(Fs.readFileSync(file, "utf8"))
      : Effect.delay(whenThere(file), "20 millis")
  )

const secrets = /fake-oauth-(?:code|access|refresh)|fake-(?:secret|token)-|[0-9a-f]{128}/

describe.sequential("login as a process", () => {
  withCli({ oauthUsers: [{ userName: "developer" }] }, (test) => {
    test(
      `logs in with a real browser, and the official client goes on from the file${chromium.reason}`,
      () =>
        Effect.gen(function*() {
          const { client, httpsPort, run, start, tool } = yield* Cli
          const folder = yield* makeFolder("login-")
          const home = join(folder, "home")
          Fs.mkdirSync(home)
          const opened = opener(folder)
          const env = { PATH: `${folder}:${process.env["PATH"]}`, DISPLAY: ":99" }
          const login = yield* start([...tool, "login", "--profile", "dev", "--site", "CN"], { home, env })
          const address = yield* whenThere(opened)
          const processes = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })
          const page = yield* chromium.open(address, {
            host: "signin.aliyun.com",
            port: httpsPort,
            picture: process.env["LOGIN_PICTURE"]
          })
          const { code } = yield* login.ended
          assert.deepStrictEqual([code, login.out().split(" in ")[0]], [0, "Logged in: profile \"dev\""], login.err())
          assert.include(page, "<h1>Signed in</h1>")
          assert.include(page, "<h1>登录成功</h1>")
          assert.notMatch(login.out() + login.err() + processes + page, secrets)
          const file = join(home, ".aliyun/config.json")
          assert.strictEqual(Fs.statSync(file).mode & 0o777, 0o600)
          const written = Fs.readFileSync(file, "utf8")
          const official = reportIn(yield* run([...client, "official"], { home }))
          assert.deepStrictEqual(official.failures, [])
          assert.match(official.reads[0]?.accessKeyId ?? "", /^STS\.Fake/)
          const ours = reportIn(yield* run([...client, "ours"], { home }))
          assert.strictEqual(ours.reads[0]?.accessKeyId, official.reads[0]?.accessKeyId)
          const out = yield* run([...tool, "logout", "--profile", "dev"], { home })
          assert.strictEqual(out.code, 0, out.err)
          assert.deepStrictEqual(JSON.parse(Fs.readFileSync(file, "utf8")).profiles, [loggedOut])
          assert.match(written, /"oauth_refresh_token": "fake-oauth-refresh-token-/)
        }),
      !chromium.isMissing
    )
  })
})
