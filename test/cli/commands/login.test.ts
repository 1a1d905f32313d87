import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { signsIn } from "../../kit/browser.ts"
import { cli } from "../../kit/cli.ts"

const file = ".aliyun/config.json"

describe("login with a browser", () => {
  it.live("writes a file with what the aliyun CLI writes, which the next command uses", () =>
    Effect.gen(function*() {
      const done = yield* cli(["login", "--site", "CN"], { world: { oauthUsers: [{}] }, browser: signsIn })
      assert.deepStrictEqual([done.code, Object.keys(done.files)], [0, [file]])
      const { oauth_access_token_expire, sts_expiration, ...profile } = JSON.parse(done.files[file]!).profiles[0]
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
      assert.isAbove(oauth_access_token_expire, Date.now() / 1000 + 3000)
      assert.isAbove(sts_expiration, Date.now() / 1000 + 3000)
      assert.match(
        done.out,
        /^Logged in: profile "default" in .*config\.json \(aliyun\.com\)\. The session expires .*\n/
      )
      assert.notMatch(done.out + done.err, /fake-(secret|token|oauth)/)
      const next = yield* cli(["get"], { files: done.files })
      assert.include(next.out, "STS.Fake0001")
    }))
})
