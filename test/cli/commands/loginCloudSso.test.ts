import type { WorldInput } from "@effect-alicloud/testing/FakeAlicloud"
import * as HttpClient from "@effect/platform/HttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { cli, type Given } from "../../kit/cli.ts"

const file = ".aliyun/config.json"

const signInUrl = "https://signin-cn-shanghai.alibabacloudsso.com/start/login"

interface Grant {
  readonly accountId: string
  readonly accountName?: string
  readonly accessConfigurationId: string
  readonly accessConfigurationName?: string
}

const site = (grants: ReadonlyArray<Grant>, denies = false): WorldInput => ({
  cloudSsoSites: [{ host: "signin-cn-shanghai.alibabacloudsso.com", pollSeconds: 1, user: { grants, denies } }]
})

const one: Grant = {
  accountId: "1001",
  accountName: "dev",
  accessConfigurationId: "ac-1",
  accessConfigurationName: "admin"
}

const two: ReadonlyArray<Grant> = [one, { ...one, accessConfigurationId: "ac-2", accessConfigurationName: "reader" }]

const many: ReadonlyArray<Grant> = Array.from({ length: 250 }, (_, index) => [
  { ...one, accountId: `${2000 + index}`, accountName: `team-${index}` },
  { ...two[1]!, accountId: `${2000 + index}`, accountName: `team-${index}` }
]).flat()

const login = (args: ReadonlyArray<string>, given: Given = {}) =>
  Effect.tap(
    cli(["login", "--profile", "sso", ...args], { world: site([one]), browser: HttpClient.get, ...given }),
    ({ err, out }) => assert.notMatch(out + err, /fake-(?:secret|token|cloudsso|device)/)
  )

const profileIn = (text: string | undefined): Record<string, unknown> => JSON.parse(text ?? "").profiles[0]

const stored = (fields: object): Readonly<Record<string, string>> => ({
  [file]: JSON.stringify({
    current: "sso",
    profiles: [{ name: "sso", mode: "CloudSSO", cloud_sso_sign_in_url: signInUrl, ...fields }]
  })
})

describe("login to CloudSSO", () => {
  it.live("chooses what is alone, and writes what the aliyun CLI writes", () =>
    Effect.gen(function*() {
      const { code, err, files, out } = yield* login(["--sign-in-url", signInUrl])
      assert.strictEqual(code, 0, err)
      assert.include(err, "Confirm there that the code is FAKE-0001.")
      assert.include(out, "(ac-1 in account 1001)")
      const { cloud_sso_access_token_expire, sts_expiration, ...profile } = profileIn(files[file])
      assert.deepStrictEqual(profile, {
        name: "sso",
        mode: "CloudSSO",
        cloud_sso_sign_in_url: signInUrl,
        cloud_sso_account_id: "1001",
        cloud_sso_access_config: "ac-1",
        access_token: "fake-cloudsso-access-token-0002",
        access_key_id: "STS.Fake0001",
        access_key_secret: "fake-secret-0001",
        sts_token: "fake-token-0001",
        region_id: "cn-shanghai",
        output_format: "json",
        language: "en"
      })
      assert.approximately(Number(cloud_sso_access_token_expire), Date.now() / 1000 + 28_800, 60)
      assert.approximately(Number(sts_expiration), Date.now() / 1000 + 3595, 60)
      const next = yield* cli(["get"], { files })
      assert.include(next.out, "STS.Fake0001")
    }))

  it.live("reads all pages, and takes account and access configuration from flags", () =>
    Effect.gen(function*() {
      const flags = ["--sign-in-url", signInUrl, "--account", "team-249", "--access-configuration", "ac-2"]
      const { cloud, code, err, files } = yield* login(flags, { world: site(many) })
      assert.strictEqual(code, 0, err)
      assert.deepInclude(profileIn(files[file]), { cloud_sso_account_id: "2249", cloud_sso_access_config: "ac-2" })
      const lists = (yield* cloud.journal).filter(({ endpoint }) => endpoint === "cloudsso.accounts")
      assert.strictEqual(lists.length, 3)
    }))

  it.live("lets the user choose by typing", () =>
    Effect.gen(function*() {
      const { code, err, files } = yield* login(["--sign-in-url", signInUrl], {
        world: site(many),
        columns: 80,
        keys: ["team 249\r", "RX\u007feader\r"]
      })
      assert.strictEqual(code, 0, err)
      assert.include(err, "250 in the list. Type to search")
      assert.deepInclude(profileIn(files[file]), { cloud_sso_account_id: "2249", cloud_sso_access_config: "ac-2" })
    }))

  it.live("names the flags where there is nobody to ask, and what is not there", () =>
    Effect.gen(function*() {
      const [asked, wrong, none, denied] = yield* Effect.all([
        login(["--sign-in-url", signInUrl], { world: site(two) }),
        login(["--sign-in-url", signInUrl, "--access-configuration", "nosuch"], { world: site(two) }),
        login(["--sign-in-url", signInUrl], { world: site([]) }),
        login(["--sign-in-url", signInUrl], { world: site([one], true) })
      ], { concurrency: 4 })
      for (const { code, files } of [asked, wrong, none, denied]) assert.deepStrictEqual([code, files], [1, {}])
      assert.include(asked.err, "add --access-configuration with one of admin (ac-1), reader (ac-2)")
      assert.include(wrong.err, "the access configuration that was asked for is not among the 2 of this user")
      assert.include(none.err, "there is no account for this user")
      assert.include(denied.err, "AccessDenied")
    }))

  it.live("keeps a stored choice while it is listed, and the address", () =>
    Effect.gen(function*() {
      const kept = yield* login([], {
        world: site(many),
        files: stored({ cloud_sso_account_id: "2007", cloud_sso_access_config: "ac-2", region_id: "cn-hangzhou" })
      })
      assert.strictEqual(kept.code, 0, kept.err)
      assert.deepInclude(profileIn(kept.files[file]), {
        cloud_sso_account_id: "2007",
        cloud_sso_access_config: "ac-2",
        region_id: "cn-hangzhou"
      })
      const gone = yield* login([], {
        world: site(two),
        files: stored({ cloud_sso_account_id: "2007", cloud_sso_access_config: "ac-9" })
      })
      assert.strictEqual(gone.code, 1)
      assert.include(gone.err, "--access-configuration")
    }))

  it.live("waits for the user without a browser, and goes on when the network fails meanwhile", () =>
    Effect.gen(function*() {
      const { cloud, code, err } = yield* login(["--sign-in-url", signInUrl, "--no-browser"], {
        world: { ...site([one]), faults: [{ endpoint: "cloudsso.token", kind: "disconnect", times: 3 }] },
        browser: () => assert.fail("the browser opened"),
        pastes: (address) => Effect.as(HttpClient.get(address), [])
      })
      assert.strictEqual(code, 0, err)
      assert.include(err, "Open this address in any browser, and sign in:")
      assert.isAtLeast((yield* cloud.journal).filter(({ endpoint }) => endpoint === "cloudsso.token").length, 4)
    }))

  it.effect("refuses an address that is not https", () =>
    Effect.gen(function*() {
      const { code, err } = yield* login(["--sign-in-url", "http://portal.example/start"])
      assert.strictEqual(code, 1)
      assert.include(err, "https")
    }))
})
