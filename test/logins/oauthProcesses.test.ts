import { FakeAlicloud } from "@effect-alicloud/testing/FakeAlicloud"
import * as FakeAlicloudServer from "@effect-alicloud/testing/FakeAlicloudServer"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import * as Fs from "node:fs"
import { join } from "node:path"
import { bundleFile } from "../kit/bundles.ts"
import { makeFolder, start } from "../kit/children.ts"
import { runs } from "../kit/long.ts"

const processes = 6

const refreshes = runs(3, 4)

/** What a refresh changes, as it is written at first. */
const own = {
  oauth_access_token: "\"\"",
  oauth_refresh_token: "\"rt-0\"",
  oauth_access_token_expire: "0",
  access_key_id: "\"\"",
  access_key_secret: "\"\"",
  sts_token: "\"\"",
  sts_expiration: "0"
}

/** Two other profiles, one with the same fields, and many things that nobody here knows or would write like this. */
const textWith = (values: Readonly<Record<keyof typeof own, string>>): string =>
  [
    "{\t\"current\": \"login\",\r",
    "  \"profiles\": [",
    "    {\"name\":\"other\",\"mode\":\"OAuth\",\"oauth_refresh_token\":\"rt-0\",\"sts_expiration\":1,\"access_key_id\":\"\"},",
    `    { "name" : "login", "later": { "access_key_id": "", "n": [ 1e3, 12345678901234567890, "\\u00e9é" ] },`,
    ...Object.entries(values).map(([name, value]) => `      "${name}"\t: ${value},`),
    "      \"mode\": \"OAuth\",\"oauth_site_type\":\"CN\"  },",
    `    {"name":"large","mode":"AK","x":"${"x".repeat(20_000)}"}`,
    "  ],",
    "  \"meta_path\":\"\"}"
  ].join("\n")

type Values = Record<keyof typeof own, string>

/** The values of a file that is otherwise what it was at first, byte for byte. */
const valuesIn = (text: string): Values => {
  const { profiles } = JSON.parse(text) as { readonly profiles: ReadonlyArray<Readonly<Record<string, unknown>>> }
  const values = Object.fromEntries(
    Object.keys(own).map((name) => [name, JSON.stringify(profiles[1]?.[name])])
  ) as Values
  assert.isTrue(text === textWith(values), "something else in the file has changed")
  return values
}

const serialOf = (token: string): number => Number(/-(\d{4})"$/.exec(token)?.[1] ?? 0)

interface Seen {
  looks: number
  newest: number
}

/** Looks at the file as often as it can. Tokens belong together, and never get older. */
const watch = (file: string, seen: Seen): Effect.Effect<never> =>
  Effect.sync(() => {
    const values = valuesIn(Fs.readFileSync(file, "utf8"))
    const serial = serialOf(values.oauth_refresh_token)
    assert.strictEqual(serialOf(values.oauth_access_token), serial)
    assert.isAtLeast(serial, seen.newest)
    seen.newest = serial
    seen.looks++
  }).pipe(Effect.zipRight(Effect.sleep("2 millis")), Effect.forever)

interface Report {
  readonly sessions: ReadonlyArray<string>
  readonly failures: ReadonlyArray<string>
}

/** Access tokens so short that each refresh needs a new one, sessions so short that nobody uses another's. */
const world = {
  oauthLogins: [{ userName: "alice", refreshToken: "rt-0", accessTokenSeconds: 1200, sessionSeconds: 600 }]
}

describe("processes that share a login", () => {
  it.scopedLive("never use a refresh token twice, and never show half a file", () =>
    Effect.gen(function*() {
      const { httpUrl } = yield* FakeAlicloudServer.FakeAlicloudServer
      const { issued, oauthLogin } = yield* FakeAlicloud
      const folder = yield* makeFolder("oauth-processes-")
      const file = join(folder, "config.json")
      Fs.writeFileSync(file, textWith(own), { mode: 0o644 })
      const script = yield* bundleFile(new URL("./fixtures/refresher.ts", import.meta.url))
      const children = yield* Effect.all(
        Array.from({ length: processes }, () => start([script, file, httpUrl, `${refreshes}`])),
        { concurrency: "unbounded" }
      )
      yield* Effect.forEach(children, (child) => child.next)

      const seen: Seen = { looks: 0, newest: 0 }
      const watching = yield* Effect.fork(watch(file, seen))
      yield* Effect.forEach(children, (child) => child.say("go"))
      const reports = yield* Effect.raceFirst(
        Effect.forEach(children, (child) => Effect.map(child.next, (line) => JSON.parse(line) as Report)),
        Fiber.join(watching)
      )
      yield* Fiber.interrupt(watching)

      assert.strictEqual(reports.flatMap(({ failures }) => failures).join("; "), "")
      const sessions = reports.flatMap(({ sessions }) => sessions)
      assert.strictEqual(new Set(sessions).size, processes * refreshes)
      assert.strictEqual(yield* issued, processes * refreshes)
      const login = yield* oauthLogin("rt-0")
      assert.isFalse(login?.revoked)
      assert.strictEqual(login?.refreshes, processes * refreshes)

      const values = valuesIn(Fs.readFileSync(file, "utf8"))
      assert.strictEqual(values.oauth_refresh_token, JSON.stringify(login?.currentRefreshToken))
      assert.strictEqual(values.oauth_access_token, JSON.stringify(login?.currentAccessToken))
      assert.include(sessions, JSON.parse(values.access_key_id))
      assert.isAbove(seen.looks, processes * refreshes / 2)
      assert.strictEqual(Fs.statSync(file).mode & 0o777, 0o600)
      assert.deepStrictEqual(Fs.readdirSync(folder), ["config.json"])
    }).pipe(Effect.provide(FakeAlicloudServer.layer(world))), 180_000)
})
