import { assert, describe } from "@effect/vitest"
import { Effect } from "effect"
import * as Fs from "node:fs"
import type { Fields } from "./utils/loginWorld.ts"
import {
  cliText,
  get,
  now,
  oauth,
  oauthLogin,
  scenario,
  sessionIn,
  sessionOf,
  tokens,
  tokensIn
} from "./utils/loginWorld.ts"

const ended = { oauth_access_token_expire: now - 1 }

const roleArn = "acs:ram::1234567890123456:role/deploy"

const neighbour = {
  name: "neighbour",
  mode: "AK",
  access_key_id: "LTAI5tOther",
  access_key_secret: "s3cr3t",
  x: [1e-7]
}

describe("what is written back", () => {
  /** Every own member is in the file beforehand, and nothing else looks like JSON.stringify would write it. */
  const text = [
    "\uFEFF{ \"current\" : \"neighbour\",\r",
    "  \"profiles\": [ {\"name\":\"neighbour\",\"mode\":\"AK\",\"access_key_id\":\"LTAI5tX\",\"access_key_secret\":\"s3cr3t\",\"n\":1.0e2},",
    "    {",
    "\t\"sts_expiration\" : 0, \"sts_token\":\"\", \"access_key_secret\" :\"\",   \"access_key_id\":null,",
    "\t\"name\": \"l\\u006fgin\", \"mode\":\"OAuth\", \"oauth_site_type\":\"CN\", \"\\u00fc\": [ 12345678901234567890 ],",
    "\t\"oauth_access_token\": \"s3cr3t-access-0\", \"oauth_access_token_expire\": 1,",
    "\t\"oauth_refresh_token\": \"s3cr3t-refresh-0\"",
    "    }, {\"name\":\"broken\",\"mode\":7}",
    "  ],",
    "\"meta_path\":\"\" , \"later\":{ } }"
  ].join("\n")

  scenario(
    "changes nothing but the values of the login's own fields",
    { profiles: [] },
    (world) =>
      Effect.gen(function*() {
        world.put(text)
        const session = sessionOf(yield* get(world, "login"))
        const login = yield* tokens(world)
        const expected = text
          .replace("\"sts_expiration\" : 0", `"sts_expiration" : ${session["sts_expiration"]}`)
          .replace("\"sts_token\":\"\"", `"sts_token":"${session["sts_token"]}"`)
          .replace("\"access_key_secret\" :\"\"", `"access_key_secret" :"${session["access_key_secret"]}"`)
          .replace("\"access_key_id\":null", `"access_key_id":"${session["access_key_id"]}"`)
          .replace("s3cr3t-access-0", `${login.oauth_access_token}`)
          .replace("s3cr3t-refresh-0", `${login.oauth_refresh_token}`)
          .replace("\"oauth_access_token_expire\": 1", `"oauth_access_token_expire": ${now + 3600}`)
        assert.strictEqual(world.text(), expected)
      })
  )

  scenario(
    "is for the owner's eyes only, and a link to the file stays one",
    { profiles: [] },
    (world) =>
      Effect.gen(function*() {
        const folder = yield* Effect.acquireRelease(
          Effect.sync(() => Fs.mkdtempSync(`${world.file}-target-`)),
          (folder) => Effect.sync(() => Fs.rmSync(folder, { recursive: true, force: true }))
        )
        const target = `${folder}/real.json`
        Fs.rmSync(world.file)
        Fs.writeFileSync(target, cliText([oauth(ended)]), { mode: 0o644 })
        Fs.symlinkSync(target, world.file)
        yield* get(world)
        assert.isTrue(Fs.lstatSync(world.file).isSymbolicLink())
        assert.strictEqual(Fs.statSync(target).mode & 0o777, 0o600)
        assert.deepStrictEqual(Fs.readdirSync(folder), ["real.json"])
        assert.deepStrictEqual(tokensIn(world.profile()), yield* tokens(world))
        Fs.rmSync(folder, { recursive: true })
        Fs.rmSync(world.file)
        world.put("")
      })
  )

  scenario("goes to the login's profile, not to the one that was chosen and builds on it", {
    profiles: [
      oauth({ name: "login", ...ended }),
      {
        name: "default",
        mode: "ChainableRamRoleArn",
        source_profile: "login",
        ram_role_arn: roleArn,
        ram_session_name: "app"
      },
      neighbour
    ],
    cloud: { oauthLogins: [oauthLogin], roles: [{ arn: roleArn, trustedUsers: ["alice"] }] }
  }, (world) =>
    Effect.gen(function*() {
      const before = [world.profile(), world.profile("neighbour")]
      const credentials = yield* get(world)
      assert.strictEqual(credentials.providerName, "cli_profile/ram_role_arn/oauth")
      assert.deepStrictEqual(yield* world.asked, ["oauth.token", "oauth.exchange", "sts.AssumeRole"])
      const login = world.profile("login")
      assert.deepStrictEqual(tokensIn(login), yield* tokens(world))
      assert.strictEqual(login["sts_expiration"], now + 3600)
      assert.notStrictEqual(login["access_key_id"], sessionOf(credentials)["access_key_id"])
      assert.deepStrictEqual([world.profile(), world.profile("neighbour")], before)
      assert.strictEqual((JSON.parse(world.text()) as Fields)["current"], "default")
    }))

  scenario(
    "goes to the profile that was current at first, and keeps what others write meanwhile",
    { profiles: [oauth(ended), neighbour] },
    (world) =>
      Effect.gen(function*() {
        world.onRequest = (path) => {
          const { profiles } = JSON.parse(world.text()) as { readonly profiles: ReadonlyArray<Fields> }
          const own = profiles.find(({ name }) => name === "default") ?? {}
          const later = { ...neighbour, access_key_id: `LTAI5t${path}` }
          world.put(cliText([{ name: "new", mode: "EcsRamRole" }, later, { ...own, [path]: true }], "neighbour"))
        }
        const credentials = yield* get(world)
        const profile = world.profile()
        assert.deepStrictEqual(tokensIn(profile), yield* tokens(world))
        assert.deepStrictEqual(sessionIn(profile), sessionOf(credentials))
        assert.isTrue(profile["/v1/token"])
        assert.isTrue(profile["/v1/exchange"])
        assert.deepStrictEqual(world.profile("neighbour"), { ...neighbour, access_key_id: "LTAI5t/v1/exchange" })
        assert.strictEqual((JSON.parse(world.text()) as Fields)["current"], "neighbour")
        assert.deepStrictEqual(world.logged, [])
      })
  )

  const replaced: ReadonlyArray<readonly [title: string, profiles: ReadonlyArray<Fields>]> = [
    ["a profile that has been removed", [neighbour]],
    ["a profile that somebody else logged in to meanwhile", [oauth({
      oauth_refresh_token: "s3cr3t-of-bob",
      oauth_access_token: "s3cr3t-access-of-bob"
    })]],
    ["a profile that has another mode meanwhile", [{
      ...oauth(ended),
      mode: "AK",
      access_key_id: "LTAI5tNew",
      access_key_secret: "s3cr3t-new"
    }]]
  ]
  for (const [title, profiles] of replaced) {
    for (const step of ["/v1/token", "/v1/exchange"]) {
      scenario(
        `does not go to ${title}, at the time of ${step}`,
        { profiles: [oauth(ended)] },
        (world) =>
          Effect.gen(function*() {
            world.onRequest = (path) => {
              if (path === step) world.setProfiles(...profiles)
            }
            const credentials = yield* get(world)
            assert.strictEqual(credentials._tag, "Sts")
            assert.strictEqual(world.text(), cliText(profiles))
            assert.strictEqual(world.logged.length, 1)
          })
      )
    }
  }

  scenario("by somebody who logged in again counts for the next refresh", {
    profiles: [oauth(ended)],
    cloud: {
      oauthLogins: [oauthLogin, { userName: "bob", refreshToken: "s3cr3t-of-bob", accessToken: "s3cr3t-access-of-bob" }]
    }
  }, (world) =>
    Effect.gen(function*() {
      const source = yield* world.process()
      world.onRequest = (path) => {
        if (path === "/v1/exchange") {
          world.setProfiles(oauth({
            oauth_refresh_token: "s3cr3t-of-bob",
            oauth_access_token: "s3cr3t-access-of-bob"
          }))
        }
      }
      yield* source.get
      world.onRequest = () => undefined
      const second = yield* source.get
      assert.strictEqual((yield* world.cloud.oauthLogin("bob"))?.exchanges, 1)
      assert.deepStrictEqual(sessionIn(world.profile()), sessionOf(second))
    }))
})
