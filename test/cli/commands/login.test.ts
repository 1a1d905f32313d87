import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import * as Fs from "node:fs"
import { createServer, type Server } from "node:net"
import * as Path from "node:path"
import { redirectOf, signsIn, type Visit, visit } from "../../kit/browser.ts"
import { makeFolder } from "../../kit/children.ts"
import { cli, type Given } from "../../kit/cli.ts"
import { loggedOut } from "../utils/world.ts"

const file = ".aliyun/config.json"

const world = { oauthUsers: [{}] }

const neighbour =
  "{ \"name\" : \"plain\",  \"mode\":\"AK\", \"access_key_id\":\"LTAI5tPlain\", \"access_key_secret\":\"s3cr3t\" }"

const config = `{\r\n  "current": "plain",\r\n  "profiles": [\r\n    ${neighbour}\r\n  ],\r\n  "meta_path": ""\r\n}\r\n`

const login = (args: ReadonlyArray<string>, given: Given = {}) =>
  Effect.tap(
    cli(["login", "--site", "CN", ...args], { world, browser: signsIn, ...given }),
    ({ err, out }) => assert.notMatch(out + err, /fake-(?:secret|token|oauth)|[0-9a-f]{128}|s3cr3t/)
  )

const profilesIn = (text: string | undefined): ReadonlyArray<Record<string, unknown>> => JSON.parse(text ?? "").profiles

/** Takes ports of this machine; those that others have are taken already. */
const take = (ports: ReadonlyArray<number>) =>
  Effect.acquireRelease(
    Effect.forEach(ports, (port) =>
      Effect.async<Server | undefined>((resume) => {
        const server = createServer().on("error", () => resume(Effect.succeed(undefined)))
        server.listen(port, "127.0.0.1", () => resume(Effect.succeed(server)))
      })),
    (servers) => Effect.sync(() => servers.forEach((server) => server?.close()))
  )

describe.sequential("login with a browser", () => {
  it.live("writes a file with what the aliyun CLI writes, which the next command uses", () =>
    Effect.gen(function*() {
      const done = yield* login([])
      assert.deepStrictEqual([done.code, Object.keys(done.files)], [0, [file]])
      const [{ oauth_access_token_expire, sts_expiration, ...profile } = {}] = profilesIn(done.files[file])
      assert.deepStrictEqual(profile, {
        name: "default",
        mode: "OAuth",
        oauth_site_type: "CN",
        oauth_access_token: "fake-oauth-access-token-0001",
        oauth_refresh_token: "fake-oauth-refresh-token-0001",
        access_key_id: "STS.Fake0001",
        access_key_secret: "fake-secret-0001",
        sts_token: "fake-token-0001",
        region_id: "cn-hangzhou",
        output_format: "json",
        language: "en"
      })
      assert.isAbove(Number(oauth_access_token_expire), Date.now() / 1000 + 3000)
      assert.isAbove(Number(sts_expiration), Date.now() / 1000 + 3000)
      assert.match(
        done.out,
        /^Logged in: profile "default" in .*config\.json \(aliyun\.com\)\. The session expires .*\n/
      )
      const next = yield* cli(["get"], { files: done.files })
      assert.include(next.out, "STS.Fake0001")
    }))

  it.live("adds a profile and leaves every other byte and the current profile as they are", () =>
    Effect.gen(function*() {
      const { code, files, out } = yield* login(["--profile", "dev", "--region", "cn-beijing"], {
        files: { [file]: config }
      })
      assert.strictEqual(code, 0)
      assert.include(out, "alicloud-credentials use dev")
      const text = files[file] ?? ""
      assert.isTrue(text.startsWith(config.slice(0, config.indexOf("\r\n  ]"))))
      assert.isTrue(text.endsWith("\r\n  ],\r\n  \"meta_path\": \"\"\r\n}\r\n"))
      assert.strictEqual(profilesIn(text)[1]?.["region_id"], "cn-beijing")
      assert.strictEqual(JSON.parse(text).current, "plain")
      const again = yield* login(["--profile", "dev", "--use"], { files: { [file]: text } })
      assert.strictEqual(JSON.parse(again.files[file] ?? "").current, "dev")
      assert.strictEqual(profilesIn(again.files[file])[1]?.["region_id"], "cn-beijing")
      assert.strictEqual(profilesIn(again.files[file]).length, 2)
    }))

  it.live("replaces a profile of another mode only with --overwrite, and keeps its region", () =>
    Effect.gen(function*() {
      const files = { [file]: config.replace("\"mode\":\"AK\"", "\"mode\":\"AK\", \"region_id\":\"cn-qingdao\"") }
      const refused = yield* login([], { files, browser: () => assert.fail("the browser opened") })
      assert.deepStrictEqual([refused.code, refused.files], [1, files])
      assert.include(refused.err, "Profile \"plain\" exists and is of mode AK, not OAuth.")
      assert.include(refused.err, "--overwrite")
      const done = yield* login(["--overwrite"], { files })
      assert.strictEqual(done.code, 0)
      const [profile] = profilesIn(done.files[file])
      assert.deepInclude(profile, { name: "plain", mode: "OAuth", region_id: "cn-qingdao" })
      assert.strictEqual(profile?.["access_key_id"], "STS.Fake0001")
    }))

  const hostile: ReadonlyArray<
    readonly [title: string, status: number, change: (address: string) => string, visit?: Visit]
  > = [
    ["the wrong state", 400, (to) => to.replace(/state=\w/, "state=_")],
    ["no state", 400, (to) => to.replace(/state=\w+&?/, "")],
    ["two states", 400, (to) => `${to}&state=x`],
    ["two codes", 400, (to) => `${to}&code=x`],
    ["no code", 400, (to) => to.replace(/code=[^&]+/, "")],
    ["another path", 404, (to) => to.replace("/cli/callback", "/favicon.ico")],
    ["a POST", 405, (to) => to, { method: "POST", body: "x" }],
    ["another host", 400, (to) => to, { headers: { host: "evil.example:12345" } }],
    ["a page of another origin", 400, (to) => to, { headers: { origin: "https://evil.example" } }],
    ["a part of a page", 400, (to) => to, { headers: { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" } }],
    ["a body", 400, (to) => to, { headers: { "content-length": "1" }, body: "x" }],
    ["an address of 1 MB", 431, (to) => `${to}&x=${"x".repeat(1024 * 1024)}`]
  ]

  it.live("refuses what is not the answer of this login, goes on waiting, and accepts one answer", () =>
    Effect.gen(function*() {
      const seen: Array<readonly [string, number]> = []
      const { code } = yield* login([], {
        browser: (address) =>
          Effect.gen(function*() {
            const to = yield* redirectOf(address)
            for (const [title, , change, how] of hostile) {
              const { status } = yield* Effect.orElseSucceed(visit(change(to), how), () => ({ status: 431 }))
              seen.push([title, status])
            }
            const [first, second] = yield* Effect.all([visit(to), Effect.option(visit(to))], { concurrency: 2 })
            seen.push(["the answer", first.status])
            assert.match(String(first.headers["content-security-policy"]), /^default-src 'none';/)
            assert.strictEqual(first.headers["referrer-policy"], "no-referrer")
            assert.notStrictEqual(second._tag === "Some" ? second.value.status : 0, 200)
            const late = yield* Effect.option(visit(to))
            seen.push(["too late", late._tag === "Some" ? late.value.status : 0])
          })
      })
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(seen.slice(0, hostile.length + 1), [
        ...hostile.map(([title, status]) => [title, status] as const),
        ["the answer", 200]
      ])
    }))

  it.live("ends when the user denies it, and writes nothing", () =>
    Effect.gen(function*() {
      const denied = yield* login([], { world: { oauthUsers: [{ denies: true }] } })
      assert.deepStrictEqual([denied.code, denied.files], [1, {}])
      assert.include(denied.err, "Login failed: the sign-in was denied.\n")
    }))

  it.live("takes the next port, and says what to do when all are taken", () =>
    Effect.gen(function*() {
      yield* take([12345])
      const { code, err } = yield* login([])
      assert.deepStrictEqual([code, /127\.0\.0\.1%3A(\d+)/.exec(err)?.[1] === "12345"], [0, false])
      yield* take([12346, 12347, 12348, 12349])
      const none = yield* login([])
      assert.deepStrictEqual([none.code, none.files], [1, {}])
      assert.include(
        none.err,
        "the ports 12345 to 12349 of this machine are taken. Free one of them, or log in without"
      )
    }).pipe(Effect.scoped))

  for (const flags of [["--no-browser"], []]) {
    it.live(`takes a pasted address ${flags.length > 0 ? "with --no-browser" : "when no browser can be opened"}`, () =>
      Effect.gen(function*() {
        const { code, err, files } = yield* login(flags, {
          browser: undefined,
          pastes: (address) => Effect.map(redirectOf(address), (to) => [to.replace("state=", "state=x"), "no", to])
        })
        assert.strictEqual(code, 0, err)
        assert.match(err, /it is not of this login.*\n.*it must start with http:\/\/127\.0\.0\.1:\d+\/cli\/callback\?/)
        assert.strictEqual(profilesIn(files[file]).length, 1)
      }))
  }

  it.live("fails where nothing can be pasted, and where the pasted answer is a refusal", () =>
    Effect.gen(function*() {
      const nothing = yield* login(["--no-browser"])
      assert.deepStrictEqual([nothing.code, nothing.files], [1, {}])
      assert.include(nothing.err, "no address was pasted")
      const denied = yield* login(["--no-browser"], {
        world: { oauthUsers: [{ denies: true }] },
        pastes: (address) => Effect.map(redirectOf(address), (to) => [to])
      })
      assert.deepStrictEqual([denied.code, denied.files], [1, {}])
    }))

  const steps: ReadonlyArray<readonly [title: string, endpoint: "oauth.token" | "oauth.exchange" | undefined]> = [
    ["the browser is open", undefined],
    ["the tokens are awaited", "oauth.token"],
    ["the session is awaited", "oauth.exchange"]
  ]
  for (const [title, endpoint] of steps) {
    it.live(`leaves the file as it is when it is interrupted while ${title}`, () =>
      Effect.gen(function*() {
        const reached = yield* Deferred.make<void>()
        const files = { [file]: config }
        const { code, files: after } = yield* login(["--profile", "dev"], {
          files,
          world: { ...world, faults: endpoint === undefined ? [] : [{ endpoint, kind: "hang" }] },
          browser: (address) =>
            Effect.zipRight(
              endpoint === undefined ? Effect.void : Effect.delay(Effect.asVoid(signsIn(address)), "0 millis"),
              Effect.delay(Deferred.succeed(reached, undefined), "100 millis")
            ),
          stopAfter: Deferred.await(reached)
        })
        assert.deepStrictEqual([code, after], [130, files])
      }))
  }

  it.live("needs a home directory, and a file that can be changed, before the browser opens", () =>
    Effect.gen(function*() {
      const browser = () => assert.fail("the browser opened")
      const homeless = yield* login([], { browser, homeless: true, env: { HOME: "" } })
      assert.strictEqual(homeless.code, 1)
      assert.include(homeless.err, "there is no home directory")
      const folder = yield* makeFolder("login-")
      const readOnly = Path.join(folder, "config.json")
      Fs.writeFileSync(readOnly, config, { mode: 0o400 })
      const { code, err } = yield* login(["--profile", "dev"], {
        browser,
        env: { ALIBABA_CLOUD_CONFIG_FILE: readOnly }
      })
      assert.deepStrictEqual([code, Fs.readFileSync(readOnly, "utf8")], [1, config])
      assert.include(err, "cannot be changed: it is read-only.")
    }).pipe(Effect.scoped))

  it.live("logs two profiles in at once, into a file that neither of them had", () =>
    Effect.gen(function*() {
      const folder = yield* makeFolder("login-")
      const shared = Path.join(folder, "new/config.json")
      const both = yield* Effect.forEach(
        ["one", "two"],
        (name) => login(["--profile", name], { env: { ALIBABA_CLOUD_CONFIG_FILE: shared } }),
        { concurrency: 2 }
      )
      assert.deepStrictEqual(both.map(({ code }) => code), [0, 0])
      assert.sameMembers(profilesIn(Fs.readFileSync(shared, "utf8")).map(({ name }) => name), ["one", "two"])
      assert.deepStrictEqual(Fs.readdirSync(Path.dirname(shared)), ["config.json"])
    }).pipe(Effect.scoped))

  it.effect("says which flags are needed where nobody can be asked", () =>
    Effect.gen(function*() {
      const { code, err } = yield* cli(["login"])
      assert.strictEqual(code, 1)
      assert.include(err, "add --site CN")
      assert.include((yield* cli(["login", "--mode", "CloudSSO"])).err, "--sign-in-url")
      assert.strictEqual((yield* cli(["login", "--mode", "OAuth", "--account", "x"])).code, 2)
      assert.strictEqual((yield* cli(["login", "--region", "cn hangzhou"])).code, 2)
    }))
})

describe("logout", () => {
  it.live("removes the login and the session, keeps the settings, and refuses what is no login", () =>
    Effect.gen(function*() {
      const { files } = yield* login(["--profile", "dev"], { files: { [file]: config } })
      const done = yield* cli(["logout", "--profile", "dev"], { files })
      assert.strictEqual(done.code, 0, done.err)
      assert.include(done.out, "alicloud-credentials login --profile dev")
      assert.deepStrictEqual(profilesIn(done.files[file])[1], loggedOut)
      const get = yield* cli(["get", "--profile", "dev"], { files: done.files })
      assert.include(get.err, "run `alicloud-credentials login --profile dev` (or `aliyun configure --profile dev")
      const plain = yield* cli(["logout"], { files })
      assert.deepStrictEqual([plain.code, plain.files], [1, files])
      assert.include(plain.err, "Profile \"plain\" is of mode AK")
      assert.strictEqual((yield* cli(["logout", "--profile", "none"], { files })).code, 1)
    }))
})
